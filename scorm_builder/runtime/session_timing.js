/* The timing of a session: how long the page was visible, when it saves, and results that arrive later. */

/* The time that the page was visible. now(): ms. */
function makeVisibleTime(now) {
  let visibleSince = now(); // null: hidden
  let visibleMs = 0; // before that

  function seconds() {
    return (visibleMs + (visibleSince === null ? 0 : now() - visibleSince)) / 1000;
  }

  function hide() {
    visibleMs = seconds() * 1000;
    visibleSince = null;
  }

  function show() {
    if (visibleSince === null) visibleSince = now();
  }

  return { seconds, hide, show };
}

/* One timer: scheduling it again replaces the earlier time. tools: as in makeSession. */
function makeTimer(tools, action) {
  let handle = null;

  function cancel() {
    if (handle !== null) tools.clearTimer(handle);
    handle = null;
  }

  function schedule(delay) {
    cancel();
    handle = tools.setTimer(delay, () => {
      handle = null;
      action();
    });
  }

  return { schedule, cancel };
}

/* Continue with a result, at once or, if it is a promise, when it arrives. */
function whenDone(result, next) {
  return isPromise(result) ? result.then(next) : next(result);
}

function isPromise(result) {
  return typeof result === "object";
}
