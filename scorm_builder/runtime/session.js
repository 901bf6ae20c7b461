/* The state machine of one sitting: what is sent to the LMS, and when.
 *
 *   stage     means                                          sent to the LMS
 *   new       nothing done yet                               nothing
 *   open      Initialize succeeded, lesson mode normal       everything below
 *   watching  Initialize succeeded, mode review or browse    nothing, until Finish
 *   alone     no API, or Initialize refused or threw         nothing: this device keeps the state
 *   closed    Finish was called                              nothing, ever again
 *
 *   in        when                          do                                            then
 *   new       start, API found              Initialize, read                              open | watching | alone
 *   new       start, no API                 read the device                               alone
 *   open      at once                       status incomplete unless finished before;
 *                                           exit suspend                                  open
 *   open      a change (section seen,       write after 2 s of quiet, at most 10 s        open
 *             answer, place, language)      after the first change: set values, Commit
 *   open      the author's rule fulfilled   status completed, Commit at once              open
 *   open      the author's mastery reached  the score from now on, Commit at once         open
 *   open      page hidden (visibility)      write now, if anything changed                open
 *   open      pagehide, page kept           write now (it may come back, or not)          open
 *   open      pagehide, page given up       write, Finish, once                           closed
 *   open      Save and leave                write, Finish, once; an LMS that answers      closed
 *                                           later is waited for, unless the page goes
 *   open      the LMS refuses or throws     the device keeps the state; tell; again in    open
 *                                           30 s, or when the connection is back
 *   watching  pagehide given up, leave      Finish                                        closed
 *   open      an LMS that answers later     the device keeps the state until then; told   open
 *             (cmi5.js) was sent to         saved, or not, when the LMS has answered
 *   alone     a change, hidden, pagehide    the device keeps the state                    alone
 *   alone     Save and leave                the device keeps the state                    closed
 *   any       the device keeps nothing      tell: only the page has it, take it away
 *             either                        before it is closed                           as above
 *   closed    anything                      nothing
 *
 * Never: `unload` or `beforeunload` (deprecated in browsers), a write in review or browse mode (Moodle would
 * store it), a score below the author's mastery (see measure.js), a status or a score that decreases, overwriting
 * a state that could not be read.
 *
 * Events, clock and timers are passed in, so that every line of the table above can be tested.
 */

/* The adapters by the name of their API object; the first one is preferred. */
const STANDARDS = {};

/* A standard that must ask before anything can begin puts a function here: given the window, it returns a
   promise of a function that makes its adapter for a page (it never fails), or null where it was not meant. */
const LAUNCHES = [];

const QUIET = 2000;
const LONGEST_WAIT = 10000;
const AGAIN = 30000;
const SPARE = 120; // characters kept free for what changes besides the answers
const NOTHING_NEW = {
  seconds: 0, place: null, state: null, language: null, captions: null, progress: null, seen: null, score: null,
  answers: [], texts: {},
};

/* rule: {sections: [all ids], required: [ids], questions: how many answers, mastery: percent or null}
   tools: {now() ms, after(ms, act) -> handle, cancel(handle), news(kind), language() of the page} */
function makeSession(lms, deviceFor, rule, tools) {
  let stage = "new";
  let device = deviceFor((lms && lms.learner) || "");
  let finished = false; // by the author's rule, now or in an earlier sitting
  let settled = false; // the LMS has had a final status since before: it stays as it is
  let best = 0; // percent of the rule, the most that was ever done
  let failed = false; // somebody else's judgement, with which no score of ours may interfere
  let foreign = false; // the LMS holds a state that is not ours to overwrite
  let dirty = false;
  let changes = 0; // counted, to know whether there were any while an LMS took its time to answer
  let unheard = false; // an LMS has not answered yet to Finish
  let waiting = null; // the timer of the next write
  let since = 0; // of the first change that is not written
  let visibleFrom = tools.now();
  let visibleFor = 0;
  const journal = {}; // question -> the text that the LMS has as interactions
  const refused = {}; // question -> a text for which there is no room
  let state = { language: "", place: "", time: 0, seen: [], answers: {}, times: {} };
  let learner = { id: null, name: null }; // as the LMS said
  let chosen = null; // a language chosen in this sitting
  let wanted = null; // whether captions are, if that was chosen in this sitting

  function start() {
    let told = null;
    if (lms && lms.start()) {
      told = lms.read();
      stage = told.mode === "normal" ? "open" : "watching";
      device = deviceFor(told.learner);
      learner = { id: told.learner || null, name: told.name || null };
      finished = told.finished;
      settled = told.settled || told.finished;
      failed = told.failed;
      best = told.score || 0;
    } else {
      stage = "alone";
    }
    restore(told);
    Object.assign(journal, state.answers);
    if (stage === "open") {
      lms.write({ ...NOTHING_NEW, status: status() });
      takeUpFromDevice();
      changed();
    }
    tools.news(firstNews(told));
    const wish = told ? told.captions : null;
    return {
      stage, language: state.language, place: state.place,
      preferred: (told && told.language) || device.language(),
      captions: typeof wish === "boolean" ? wish : device.captions(), silent: Boolean(told && told.silent),
    };
  }

  function firstNews(told) {
    if (stage === "watching") return foreign ? "aside" : told.mode; // "over" where it was left before
    if (stage === "alone" && !device.works()) return "nowhere";
    return foreign ? "aside" : stage;
  }

  function restore(told) {
    const word = told ? told.state : device.read();
    const read = readState(word, rule.sections);
    if (read.kind === "state") {
      state = read.state;
    } else if (read.kind !== "empty") {
      foreign = true;
      device.putAside(word);
    }
    if (told && rule.sections.includes(told.place)) state.place = told.place;
  }

  /* The state that an earlier sitting could not save in the LMS, unless a newer one was saved since. */
  function takeUpFromDevice() {
    const left = readState(device.read(), rule.sections);
    if (left.kind !== "state") return;
    const newer = left.state.time >= state.time;
    state.seen = rule.sections.filter((id) => [...state.seen, ...left.state.seen].includes(id));
    if (!newer) device.putAside(device.read());
    Object.keys(left.state.answers)
      .filter((id) => newer || !(id in state.answers))
      .forEach((id) => answer(id, left.state.answers[id], left.state.times[id]));
  }

  function status() {
    if (settled) return null;
    return finished ? "completed" : "incomplete";
  }

  function room() {
    if (stage !== "open") return Infinity;
    return lms.limits.state - SPARE;
  }

  function sizeWith(answers) {
    return writeState({ ...state, answers }, rule.sections).length;
  }

  /* Takes an answer. {kept: true, left} with the characters left in the state, or {kept: false, over,
     device} if the LMS has no room: then the text stays on the page, and on this device if that is true.
     `times`: of an answer that was written before. */
  function answer(question, text, times) {
    if (stage !== "open" && stage !== "alone") return { kept: false, over: 0 };
    stamp(question, text, times);
    const answers = { ...state.answers, [question]: text };
    const size = sizeWith(answers);
    if (size > room()) {
      refused[question] = text;
      return { kept: false, over: size - room(), device: device.write(wholeState()) };
    }
    delete refused[question];
    if (state.answers[question] !== text && (text !== "" || question in state.answers)) {
      state.answers = answers;
      retryRefused(question);
      changed();
    }
    return { kept: true, left: room() - size };
  }

  function stamp(question, text, times) {
    if (text === (allAnswers()[question] || "")) return;
    const now = tools.now();
    const { written } = state.times[question] || { written: now };
    state.times = { ...state.times, [question]: times || { written, changed: now, language: tools.language() } };
    if (text === "") delete state.times[question];
  }

  /* A shortened answer may have made room for another one. */
  function retryRefused(except) {
    Object.keys(refused).forEach((id) => {
      const answers = { ...state.answers, [id]: refused[id] };
      if (id === except || sizeWith(answers) > room()) return;
      state.answers = answers;
      delete refused[id];
    });
  }

  function seen(section) {
    if (state.seen.includes(section)) return;
    state.seen = rule.sections.filter((id) => id === section || state.seen.includes(id));
    changed();
  }

  function place(section) {
    if (state.place === section) return;
    state.place = section;
    changed();
  }

  function language(tag) {
    state.language = chosen = tag;
    device.wantLanguage(tag);
    changed();
  }

  function captions(shown) {
    wanted = shown;
    device.wantCaptions(shown);
    changed();
  }

  function progress() {
    return finished ? 1 : measureOf(rule, state);
  }

  /* In percent, from the author's mastery on; null below it. */
  function score() {
    return rule.mastery && !failed && best >= rule.mastery ? best : null;
  }

  function changed() {
    if (stage !== "open" && stage !== "alone") return;
    if (!dirty) since = tools.now();
    dirty = true;
    changes += 1;
    const before = { finished, score: score() };
    finished = progress() === 1;
    best = Math.max(best, percentOf(progress()));
    if (finished && !before.finished) tools.news("finished");
    if (finished !== before.finished || (score() !== null && before.score === null)) {
      save();
      return;
    }
    plan(Math.max(0, Math.min(QUIET, since + LONGEST_WAIT - tools.now())));
  }

  function plan(delay) {
    if (waiting !== null) tools.cancel(waiting);
    waiting = tools.after(delay, () => {
      waiting = null;
      save();
    });
  }

  /* Save everything in the LMS or on the device. True if that succeeded. */
  function save() {
    if (!dirty || (stage !== "open" && stage !== "alone")) return true;
    if (waiting !== null) tools.cancel(waiting);
    waiting = null;
    state.time = tools.now();
    return stage === "open" ? saveToLms() : saveToDevice("kept");
  }

  function saveToLms() {
    return whenTold(tell(), (taken) => {
      if (stage !== "open") return taken; // left meanwhile, which has news of its own
      if (taken && !dirty) tools.news(foreign ? "aside" : "saved");
      if (taken) return true;
      saveToDevice("unsaved");
      plan(AGAIN);
      return false;
    });
  }

  /* Continue with the result of the LMS, at once or when it arrives. */
  function whenTold(answer, goOn) {
    return isLater(answer) ? answer.then(goOn) : goOn(answer);
  }

  function isLater(answer) {
    return typeof answer === "object";
  }

  /* All that is new, to the LMS. `leaving`: Finish follows, and may succeed where Commit did not; `gone`:
     nobody can wait for an answer. */
  function tell(leaving, gone) {
    const answers = Object.keys(state.answers)
      .filter((id) => journal[id] !== state.answers[id])
      .map((question) => ({
        question, text: state.answers[question], before: journal[question],
        language: (state.times[question] || {}).language,
      }));
    const written = lms.write({
      status: status(),
      seconds: seconds(),
      place: state.place || null,
      state: foreign ? null : writeState(state, rule.sections),
      language: chosen,
      captions: wanted,
      progress: progress(),
      score: score(),
      seen: state.seen.slice(),
      answers,
      texts: foreign ? {} : state.answers,
      leaving: Boolean(leaving),
    });
    const before = changes;
    const committed = lms.commit();
    const ended = leaving ? lms.finish(gone) : false;
    if (!isLater(committed)) return written && took(answers, before, committed || ended);
    device.write(wholeState());
    if (gone) return false;
    return Promise.all([committed, ended]).then((taken) => took(answers, before, taken.includes(true)));
  }

  function took(answers, before, taken) {
    if (!taken) return false;
    answers.forEach(({ question, text }) => (journal[question] = text));
    if (changes !== before) return true;
    dirty = false;
    if (foreign || Object.keys(refused).length > 0) device.write(wholeState());
    else device.clear();
    return true;
  }

  function saveToDevice(kind) {
    const taken = device.write(wholeState());
    if (taken && stage === "alone") dirty = false;
    tools.news(taken ? kind : stage === "alone" ? "nowhere" : "unkept");
    return taken;
  }

  function allAnswers() {
    return { ...state.answers, ...refused };
  }

  function wholeState() {
    return writeState({ ...state, time: tools.now(), answers: allAnswers() }, rule.sections);
  }

  function seconds() {
    return (visibleFor + (visibleFrom === null ? 0 : tools.now() - visibleFrom)) / 1000;
  }

  function hidden() {
    visibleFor = seconds() * 1000;
    visibleFrom = null;
    save();
  }

  function shown() {
    if (visibleFrom === null) visibleFrom = tools.now();
  }

  /* Save and leave, or the end of the page (`gone`): the only two ways to the LMS's Finish. The stage changes
     first, so that nothing can lead here a second time; but an LMS that has not answered is told when the
     page goes. False if the page alone has the work now; a promise of that where the LMS answers later. */
  function leave(gone) {
    if (gone && unheard) lms.finish(true);
    if (stage === "closed" || stage === "new") return true;
    if (waiting !== null) tools.cancel(waiting);
    waiting = null;
    const last = stage;
    stage = "closed";
    state.time = tools.now();
    const told = last === "alone" ? false : last === "open" ? tell(true, gone) : lms.finish(gone);
    unheard = isLater(told);
    if (unheard) tools.news("leaving");
    return whenTold(told, (saved) => left(last, saved || last === "watching"));
  }

  function left(last, saved) {
    unheard = false;
    const over = last === "open" && Object.keys(refused).length > 0; // of which the LMS knows nothing
    const kept = (saved && !over) || device.write(wholeState());
    tools.news(!kept ? "left-unkept" : last === "open" && (over || !saved) ? "left-unsaved" : "left");
    return kept;
  }

  function pageHidden(keptByBrowser) {
    if (keptByBrowser) hidden();
    else leave(true);
  }

  return {
    start, answer, seen, place, language, captions, save, hidden, shown, leave, pageHidden,
    stage: () => stage,
    finished: () => finished,
    answers: allAnswers,
    times: () => state.times,
    learner: () => learner,
    refused: (question) => question in refused,
    returnTo: () => (lms && lms.returnTo ? lms.returnTo() : null),
    seenSections: () => state.seen.slice(),
  };
}
