/* Odd behaviours of LMSs, added to a strict runtime (strict_scorm12.js, strict_scorm2004.js): window.oddLms names
   one of KINDS, or several, joined by " + ". `lmsClose()` does what the LMS does when the user leaves its page. */
(() => {
  const holder = window.API ? "API" : "API_1484_11";
  const prefix = window.API ? "LMS" : "";
  const api = window[holder];
  const real = { ...api };
  const call = (name, ...values) => real[prefix + name](...values);
  const put = (name, act) => (api[prefix + name] = act);
  const begin = Date.now();
  const launch = { ...window.lms.model };
  const passed = (ms) => Date.now() - begin >= ms;
  window.lmsClose = () => {};

  const error = (value) => () => put("GetLastError", () => value);
  const unset = (value) => () => put("GetValue", (element) => call("GetValue", element) || value);
  const yes = (value) => () => ["Initialize", "SetValue", "Commit", prefix ? "Finish" : "Terminate"].forEach(
    (name) => put(name, (...values) => (call(name, ...values) === "true" ? value : "false")));
  const late = (ms) => () => {
    delete window[holder];
    setTimeout(() => (window[holder] = api), ms);
  };

  /* Commit fails if `fails(number)` is true; the values of that call are lost, as in Moodle. */
  const failing = (fails) => () => {
    let number = 0;
    put("Commit", () => {
      window.lms.rejecting = fails(number);
      number += 1;
      const result = call("Commit", "");
      window.lms.rejecting = fails(number);
      return result;
    });
    window.lms.rejecting = fails(0);
  };

  /* Reads fail during the first `ms`; `what(element)` returns the value until then. */
  const early = (ms, what, code) => () => {
    put("GetValue", (element) => (passed(ms) ? call("GetValue", element) : what(element)));
    put("GetLastError", () => (passed(ms) ? call("GetLastError") : code));
  };

  const OPTIONAL = /comments|objectives|interactions|preference|score\.m|lesson_mode|cmi\.mode|progress_measure/;

  const KINDS = {
    "error undefined": error(undefined), "error empty": error(""), "error null": error(null), "error zero": error(0),
    "error missing": () => delete api[`${prefix}GetLastError`],
    "error throws": () => put("GetLastError", () => { throw new Error(); }),
    "unset undefined": unset(undefined), "unset null": unset(null), "unset 'null'": unset("null"),
    "unset 'undefined'": unset("undefined"),
    "unset and error undefined": () => [unset(undefined), error(undefined)].forEach((odd) => odd()),
    "yes true": yes(true), "yes 1": yes(1), "yes '1'": yes("1"), "yes 'True'": yes("True"),

    "mandatory only": () => {
      let absent = false;
      put("GetValue", (element) => ((absent = OPTIONAL.test(element)) ? "" : call("GetValue", element)));
      put("SetValue", (...pair) => ((absent = OPTIONAL.test(pair[0])) ? "false" : call("SetValue", ...pair)));
      put("GetLastError", () => (absent ? "401" : call("GetLastError")));
    },

    /* Open edX: reads give the values of the launch; any name is stored, and none is listed. */
    "stale reads": () => {
      put("GetValue", (element) => (/_count$/.test(element) ? "" : launch[element] ?? ""));
      put("SetValue", (element, value) => {
        window.lms.model[element] = value;
        const [, array, number] = /^cmi\.(\w+)\.(\d+)\./.exec(element) || [];
        const count = `cmi.${array}._count`;
        if (array) window.lms.model[count] = String(Math.max(Number(window.lms.model[count]), Number(number) + 1));
        return "true";
      });
      put("GetLastError", () => "0");
    },

    "late 0.2 s": late(200), "late 3 s": late(3000), "late 8 s": late(8000),
    "beside": () => {
      delete window[holder];
      document.addEventListener("DOMContentLoaded", () => {
        const frame = document.createElement("iframe");
        document.body.prepend(frame);
        frame.contentWindow[holder] = api;
      });
    },

    "reads fail first": early(1500, () => "", "101"),
    "reads throw first": early(1500, () => { throw new Error(); }, "0"),
    "the state is missing first": early(1500, (element) => (/suspend_data/.test(element) ? ""
      : /entry/.test(element) ? "resume" : call("GetValue", element)), "0"),

    "commit slow": () => put("Commit", () => {
      for (const end = Date.now() + 500; Date.now() < end;);
      return call("Commit", "");
    }),
    "commit fails once": failing((number) => number === 0),
    "commit fails every other time": failing((number) => number % 2 === 0),

    /* Kolibri: saves some seconds after it has said so, if its page is still there. */
    "commit late": () => {
      const timers = [];
      put("Commit", () => (timers.push(setTimeout(() => call("Commit", ""), 4000)), "true"));
      put(prefix ? "Finish" : "Terminate", () => "true");
      window.lmsClose = () => timers.forEach(clearTimeout);
    },
    "finish first": () => (window.lmsClose = () => call(prefix ? "Finish" : "Terminate", "")),
  };
  window.oddLmsKinds = Object.keys(KINDS);
  if (window.oddLms) window.oddLms.split(" + ").forEach((kind) => KINDS[kind]());
})();
