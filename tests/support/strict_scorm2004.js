/* A SCORM 2004 runtime that rejects everything that any known runtime rejects, and records it.
   Tests read window.lms: {calls, refusals, model, phase, commits, saved}; `lms.rejecting` makes Commit and Terminate
   fail, `lms.dropping` makes Commit return "true" without saving, `lms.broken` makes every call throw.
   window.lmsStart = {model, rejecting, broken, without} may be given before; `without` lists the elements that the LMS
   does not support ("objectives", "interactions", "comments_from_learner"). */
(() => {
  const given = window.lmsStart || {};
  const lms = {
    phase: "new", calls: [], refusals: [], commits: 0, saved: null,
    rejecting: Boolean(given.rejecting), broken: Boolean(given.broken),
    model: {
      "cmi.learner_id": "student1", "cmi.learner_name": "Araújo, João", "cmi.location": "", "cmi.credit": "credit",
      "cmi.completion_status": "unknown", "cmi.success_status": "unknown", "cmi.entry": "ab-initio",
      "cmi.total_time": "PT0H0M0S", "cmi.mode": "normal", "cmi.suspend_data": "",
      "cmi.learner_preference.language": "", "cmi.learner_preference.audio_captioning": "0",
      "cmi.interactions._count": "0", "cmi.objectives._count": "0", "cmi.comments_from_learner._count": "0",
      ...given.model,
    },
  };
  window.lms = lms;
  const without = given.without || [];
  without.forEach((array) => delete lms.model[`cmi.${array}._count`]);
  let error = "0";

  const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
  const LANGUAGE = /^\{lang=[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})?\}/;
  const words = (...known) => (value) => known.includes(value);
  const pattern = (expression) => (value) => expression.test(value);
  const localized = (longest) => (value) => {
    const text = value.replace(LANGUAGE, "");
    return text.length <= longest && !text.startsWith("{") && !CONTROL.test(text) && text.isWellFormed();
  };
  const identifier = pattern(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,249}$/);
  const measure = (value) => /^[01](\.\d{1,7})?$/.test(value) && Number(value) <= 1;
  const percent = (value) => /^\d{1,3}(\.\d{1,7})?$/.test(value) && Number(value) <= 100;
  const moment = pattern(/^20[0-3]\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,2}Z$/);
  const WRITABLE = {
    "cmi.location": (value) => value.length <= 1000 && !CONTROL.test(value),
    "cmi.completion_status": words("completed", "incomplete", "not attempted", "unknown"),
    "cmi.success_status": words("passed", "failed", "unknown"),
    "cmi.progress_measure": measure, "cmi.score.scaled": measure,
    "cmi.score.raw": percent, "cmi.score.min": percent, "cmi.score.max": percent,
    "cmi.exit": words("time-out", "suspend", "logout", "normal", ""),
    "cmi.session_time": pattern(/^PT\d+H[0-5]?\dM[0-5]?\d(\.\d{1,2})?S$/),
    "cmi.suspend_data": (value) => /^[\x20-\x7e]{0,64000}$/.test(value),
    "cmi.learner_preference.language": pattern(/^([a-zA-Z]{2,3}(-[a-zA-Z0-9-]{2,8})?)?$/),
    "cmi.learner_preference.audio_captioning": words("-1", "0", "1"),
  };
  const ENTRIES = {
    objectives: {
      id: identifier, description: localized(250), success_status: words("passed", "failed", "unknown"),
      completion_status: words("completed", "incomplete", "not attempted", "unknown"), progress_measure: measure,
    },
    interactions: {
      id: identifier, type: words("long-fill-in"), timestamp: moment, description: localized(250),
      learner_response: localized(4000), result: words("correct", "incorrect", "unanticipated", "neutral"),
    },
    comments_from_learner: {
      comment: localized(4000), location: (value) => value.length <= 250 && !CONTROL.test(value), timestamp: moment,
    },
  };
  const WRITE_ONLY = ["cmi.exit", "cmi.session_time"];

  function refuse(code, what) {
    error = code;
    lms.refusals.push(`${code} ${what}`);
    return "false";
  }

  function enter(name, values, number) {
    lms.calls.push([name, ...values].join(" "));
    if (lms.broken) throw new DOMException("no", "SecurityError");
    error = "0";
    return values.length === number && values.every((value) => typeof value === "string");
  }

  /* The field that no two entries share: by the standard, and of comments by our own wish. */
  const nameOf = (array) => (array === "comments_from_learner" ? "location" : "id");

  function sameName(array, value, number) {
    const count = Number(lms.model[`cmi.${array}._count`]);
    return Array.from({ length: count }, (_, i) => i).some(
      (i) => i !== number && lms.model[`cmi.${array}.${i}.${nameOf(array)}`] === value,
    );
  }

  function setEntry(element, value) {
    const [, array, digits, field] = /^cmi\.(\w+)\.(0|[1-9]\d*)\.(\w+)$/.exec(element) || [];
    const rule = array && ENTRIES[array] && !without.includes(array) && ENTRIES[array][field];
    if (!rule) return refuse("401", element);
    const number = Number(digits);
    const counter = `cmi.${array}._count`;
    const count = Number(lms.model[counter]);
    if (number > count) return refuse("351", `${element} leaves a gap`);
    const first = array === "comments_from_learner" ? field : "id";
    if (number === count && field !== first) return refuse("408", `${element} before its id`);
    if (array === "interactions" && field !== "id" && field !== "type" &&
        !(`cmi.interactions.${number}.type` in lms.model)) return refuse("408", `${element} before its type`);
    if (!rule(value)) return refuse("406", `${element}=${value}`);
    if (field === nameOf(array) && sameName(array, value, number)) return refuse("351", `${element}=${value} twice`);
    if (field === "id" && array === "objectives" && number < count && lms.model[element] !== value) {
      return refuse("351", `${element} changed`);
    }
    if (number === count) lms.model[counter] = String(count + 1);
    lms.model[element] = value;
    return "true";
  }

  window.API_1484_11 = {
    version: "1.0",
    Initialize(...values) {
      if (!enter("Initialize", values, 1) || values[0] !== "") return refuse("201", "Initialize");
      if (lms.phase !== "new") return refuse("103", "Initialize for the second time");
      lms.phase = "running";
      return "true";
    },
    GetValue(...values) {
      if (!enter("GetValue", values, 1) || lms.phase !== "running") return (refuse("122", values[0]), "");
      if (WRITE_ONLY.includes(values[0])) return (refuse("405", values[0]), "");
      if (values[0] in lms.model) return lms.model[values[0]];
      if (values[0] in WRITABLE) return ((error = "403"), ""); // known, never set: nobody's fault
      return (refuse("401", values[0]), "");
    },
    SetValue(...values) {
      if (!enter("SetValue", values, 2)) return refuse("201", `SetValue ${values}`);
      const [element, value] = values;
      if (lms.phase !== "running") return refuse("132", element);
      if (lms.model["cmi.mode"] !== "normal") return refuse("404", `${element} in ${lms.model["cmi.mode"]}`);
      if (/^cmi\.\w+\.\d/.test(element)) return setEntry(element, value);
      if (!WRITABLE[element]) return refuse(element in lms.model ? "404" : "401", element);
      if (!WRITABLE[element](value)) return refuse("406", `${element}=${value}`);
      lms.model[element] = value;
      return "true";
    },
    Commit(...values) {
      if (!enter("Commit", values, 1) || values[0] !== "" || lms.phase !== "running") return refuse("142", "Commit");
      if (lms.rejecting) return (error = "391", "false");
      lms.commits += 1;
      if (!lms.dropping) lms.saved = { ...lms.model };
      return "true";
    },
    Terminate(...values) {
      if (!enter("Terminate", values, 1) || values[0] !== "" || lms.phase !== "running") return refuse("112", "Terminate");
      if (lms.rejecting) return (error = "111", "false");
      lms.phase = "finished";
      // what was not suspended does not come back
      lms.saved = lms.model["cmi.exit"] === "suspend" ? { ...lms.model } : { "cmi.completion_status": lms.model["cmi.completion_status"] };
      return "true";
    },
    GetLastError: () => error,
    GetErrorString: () => "",
    GetDiagnostic: () => "",
  };
})();
