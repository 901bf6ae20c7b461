/* A SCORM 1.2 runtime that rejects everything that any known LMS rejects, and records it. With a mastery score
   (given.model) Finish sets the status, as LMSs do: a score below it is "failed". As in Moodle, a value is sent
   again only after a change, even if it never arrived.
   Tests read window.lms: {calls, refusals, model, phase, saved}; `lms.rejecting` makes Commit and Finish fail,
   `lms.dropping` makes them return "true" without saving, and `lms.broken` makes every call throw.
   window.lmsStart = {model, rejecting, broken, without, appends} may be given before; `without` lists the
   elements that the LMS does not support ("objectives", "interactions", "comments"); with `appends` it appends
   comments to the earlier ones, as Moodle does. */
(() => {
  const given = window.lmsStart || {};
  const lms = {
    phase: "new", calls: [], refusals: [], commits: 0, saved: null,
    rejecting: Boolean(given.rejecting), broken: Boolean(given.broken),
    model: {
      "cmi.core.student_id": "student1", "cmi.core.student_name": "Araújo, João",
      "cmi.core.lesson_location": "", "cmi.core.credit": "credit", "cmi.core.lesson_status": "not attempted",
      "cmi.core.entry": "ab-initio", "cmi.core.total_time": "0000:00:00.00", "cmi.core.lesson_mode": "normal",
      "cmi.suspend_data": "", "cmi.launch_data": "", "cmi.student_preference.language": "",
      "cmi.core.score.raw": "", "cmi.core.score.min": "", "cmi.core.score.max": "",
      "cmi.student_data.mastery_score": "",
      "cmi.student_preference.text": "0", "cmi.comments": "",
      "cmi.objectives._count": "0", "cmi.interactions._count": "0", ...given.model,
    },
  };
  const ARRAYS = ["objectives", "interactions"].filter((array) => !(given.without || []).includes(array));
  window.lms = lms;
  let error = "0";
  const before = { ...lms.model };
  let sent = before;

  const text = (longest) => (value) => value.length <= longest && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value);
  const words = (...known) => (value) => known.includes(value);
  const pattern = (expression) => (value) => expression.test(value);
  const percent = (value) => /^\d{1,3}(\.\d{1,2})?$/.test(value) && Number(value) <= 100;
  const WRITABLE = {
    "cmi.core.lesson_location": text(255),
    "cmi.core.lesson_status": words("passed", "completed", "failed", "incomplete", "browsed"),
    "cmi.core.exit": words("time-out", "suspend", "logout", ""),
    "cmi.core.session_time": pattern(/^\d{4}:[0-5]\d:[0-5]\d\.\d\d$/),
    "cmi.core.score.raw": percent, "cmi.core.score.min": percent, "cmi.core.score.max": percent,
    "cmi.suspend_data": (value) => /^[\x20-\x7e]{0,4096}$/.test(value),
    "cmi.student_preference.language": text(255),
    "cmi.student_preference.text": words("-1", "0", "1"),
    "cmi.comments": text(4096),
  };
  (given.without || []).forEach((name) => {
    [lms.model, WRITABLE].forEach((names) => delete names[`cmi.${name}`]);
    delete lms.model[`cmi.${name}._count`];
  });
  const identifier = pattern(/^[A-Za-z0-9_-]{1,255}$/);
  const ENTRIES = {
    objectives: {
      id: identifier, "score.raw": percent, "score.min": percent, "score.max": percent,
      status: words("passed", "completed", "failed", "incomplete", "browsed", "not attempted"),
    },
    interactions: {
      id: identifier,
      type: words("true-false", "choice", "fill-in", "matching", "performance", "sequencing", "likert", "numeric"),
      time: pattern(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/),
      student_response: text(255),
      result: words("correct", "wrong", "unanticipated", "neutral"),
    },
  };

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

  function sameId(array, value, number) {
    return Object.keys(lms.model).some((element) => {
      const found = /^cmi\.(\w+)\.(\d+)\.id$/.exec(element);
      return found && found[1] === array && found[2] !== number && lms.model[element] === value;
    });
  }

  function setEntry(element, value) {
    const [, array, number, field] = /^cmi\.(\w+)\.(0|[1-9]\d*)\.(\w+(?:\.\w+)?)$/.exec(element) || [];
    const rule = ARRAYS.includes(array) && ENTRIES[array][field];
    if (!rule) return refuse("201", element);
    const count = Number(lms.model[`cmi.${array}._count`]);
    if (Number(number) > count) return refuse("201", `${element} leaves a gap`);
    const fresh = Number(number) === count;
    if (fresh && field !== "id") return refuse("201", `${element} before its id`);
    if (!rule(value)) return refuse("405", `${element}=${value}`);
    if (field === "id" && array === "objectives" && sameId(array, value, number)) {
      return refuse("405", `${element}=${value} twice`);
    }
    if (fresh) lms.model[`cmi.${array}._count`] = String(count + 1);
    lms.model[element] = value;
    return "true";
  }

  function judge() {
    const [score, mastery] = ["cmi.core.score.raw", "cmi.student_data.mastery_score"].map((name) => lms.model[name]);
    if (score === "" || mastery === "") return;
    lms.model["cmi.core.lesson_status"] = Number(score) >= Number(mastery) ? "passed" : "failed";
  }

  function send() {
    const news = Object.entries(lms.model).filter(([element, value]) => sent[element] !== value);
    sent = { ...lms.model };
    if (lms.rejecting) return (error = "101", "false");
    if (lms.dropping) return "true";
    const saved = { ...(lms.saved || before), ...Object.fromEntries(news) };
    lms.saved = { ...saved, ...Object.fromEntries(ARRAYS.map((array) => countOf(array, saved))) };
    return "true";
  }

  /* The number of entries that arrived, which may differ from the count in the page. */
  function countOf(array, saved) {
    const numbers = Object.keys(saved).map((element) => /^cmi\.(\w+)\.(\d+)\./.exec(element));
    const kept = new Set(numbers.filter((found) => found && found[1] === array).map((found) => found[2]));
    return [`cmi.${array}._count`, String(kept.size)];
  }

  window.API = {
    LMSInitialize(...values) {
      if (!enter("Initialize", values, 1) || values[0] !== "") return refuse("201", "Initialize");
      if (lms.phase !== "new") return refuse("101", "Initialize for the second time");
      lms.phase = "running";
      return "true";
    },
    LMSGetValue(...values) {
      if (!enter("GetValue", values, 1) || lms.phase !== "running") return (refuse("301", values[0]), "");
      if (/^cmi\.interactions\.\d/.test(values[0])) return (refuse("404", values[0]), "");
      if (!(values[0] in lms.model)) return (refuse("401", values[0]), "");
      return lms.model[values[0]];
    },
    LMSSetValue(...values) {
      if (!enter("SetValue", values, 2)) return refuse("201", `SetValue ${values}`);
      const [element, value] = values;
      if (lms.phase !== "running") return refuse("301", element);
      if (lms.model["cmi.core.lesson_mode"] !== "normal") return refuse("403", `${element} in review`);
      if (/^cmi\.\w+\.\d/.test(element)) return setEntry(element, value);
      if (!WRITABLE[element]) return refuse("403", element);
      const whole = element === "cmi.comments" && given.appends ? lms.model[element] + value : value;
      if (!WRITABLE[element](whole)) return refuse("405", `${element}=${whole}`);
      lms.model[element] = whole;
      return "true";
    },
    LMSCommit(...values) {
      if (!enter("Commit", values, 1) || values[0] !== "" || lms.phase !== "running") return refuse("301", "Commit");
      if (!lms.rejecting) lms.commits += 1;
      return send();
    },
    LMSFinish(...values) {
      if (!enter("Finish", values, 1) || values[0] !== "" || lms.phase !== "running") return refuse("301", "Finish");
      if (!lms.rejecting) lms.phase = "finished";
      if (!lms.rejecting) judge();
      return send();
    },
    LMSGetLastError: () => error,
    LMSGetErrorString: () => "",
    LMSGetDiagnostic: () => "",
  };
})();
