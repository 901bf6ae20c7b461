/* SCORM 1.2, as every runtime we know accepts it.
 *
 * The session (session.js) knows no SCORM: it speaks to an object with the six functions returned here,
 * and another standard is another file of this shape. `page` (page.js), the second thing that such a file's
 * function is given, knows what sections and questions are called.
 *
 *   limits   {state, place}: characters that fit (SCORM 1.2 RTE 3.4.4: suspend_data 4096, location 255)
 *   start()  -> boolean      finish() -> boolean      commit() -> boolean
 *   read()   -> {mode: "normal" | "review" | "browse", learner, name, language, place, state, finished}
 *            and captions, true or false, where the LMS knows what the person wants
 *   write({status, seconds, place, state, language, captions, progress, seen, answers: [{question, text}]})
 *            -> boolean; status is "incomplete" or "completed", progress 0 to 1, seen the ids of sections;
 *            a null is left as it was; false if the LMS refused anything that a return depends on
 *
 * SCORM 1.2 has no place for the progress, and a section seen is in the state.
 *
 * None of them throws: an LMS that does has refused.
 */

STANDARDS.API = makeScorm12;

const SCORM12_RESPONSE = 255;
const SCORM12_FINISHED = ["completed", "passed", "failed"];

function makeScorm12(api) {
  const limits = { state: 4096, place: 255 };
  const { call, get, set } = makeTalk(api, "LMS");
  const journal = {}; // question -> numbers of its interactions in this session
  let interactions = null; // how many there are; null: not asked; -1: this LMS keeps none

  function start() {
    return call("Initialize", "") === "true";
  }

  function read() {
    const status = get("cmi.core.lesson_status");
    const mode = get("cmi.core.lesson_mode");
    return {
      mode: mode === "review" || mode === "browse" ? mode : "normal",
      learner: get("cmi.core.student_id"),
      name: get("cmi.core.student_name"),
      language: get("cmi.student_preference.language"),
      captions: { 1: true, "-1": false }[get("cmi.student_preference.text")],
      place: get("cmi.core.lesson_location"),
      state: get("cmi.suspend_data"),
      finished: SCORM12_FINISHED.includes(status),
    };
  }

  function write(record) {
    // exit first: an LMS that is cut off here must still give the state back next time
    let taken = set("cmi.core.exit", "suspend");
    if (record.status) taken = set("cmi.core.lesson_status", record.status) && taken;
    if (record.state !== null) {
      taken = record.state.length <= limits.state && set("cmi.suspend_data", record.state) && taken;
    }
    if (record.place !== null && record.place.length <= limits.place) {
      taken = set("cmi.core.lesson_location", record.place) && taken;
    }
    set("cmi.core.session_time", scorm12Time(record.seconds));
    if (record.language !== null) set("cmi.student_preference.language", record.language);
    if (record.captions !== null) set("cmi.student_preference.text", record.captions ? "1" : "-1");
    record.answers.forEach(writeAnswer);
    if (!taken && interactions < 0) interactions = null; // perhaps it was only down: ask again
    return taken;
  }

  /* An answer for the teacher's report: as many interactions as its text needs, one after the other.
     Their ids are those of the question, with a number from the second on. */
  function writeAnswer({ question, text }) {
    if (interactions === null) {
      const count = get("cmi.interactions._count");
      interactions = /^\d+$/.test(count) ? Number(count) : -1;
    }
    if (interactions < 0) return;
    const mine = (journal[question] = journal[question] || []);
    const parts = piecesOf(flattened(text), SCORM12_RESPONSE);
    while (parts.length < mine.length) parts.push(""); // it was longer a moment ago
    parts.forEach((part, number) => {
      const fresh = number >= mine.length;
      const at = `cmi.interactions.${fresh ? interactions : mine[number]}.`;
      const id = idOf(question) + (number === 0 ? "" : `_${number + 1}`);
      if (fresh && !(set(`${at}id`, id) && set(`${at}type`, "fill-in"))) return;
      if (fresh) {
        mine.push(interactions);
        interactions += 1;
      }
      set(`${at}time`, scorm12Clock(new Date()));
      set(`${at}student_response`, part);
      set(`${at}result`, "neutral");
    });
  }

  return {
    limits,
    start,
    read,
    write,
    commit: () => call("Commit", "") === "true",
    finish: () => call("Finish", "") === "true",
  };
}

/* CMITimespan: HHHH:MM:SS.ss. Always two decimals: Moodle adds up .5 as .05. */
function scorm12Time(seconds) {
  const hundredths = Math.max(0, Math.min(Math.round(seconds * 100), 3599999999));
  const two = (number) => String(number).padStart(2, "0");
  const hours = String(Math.floor(hundredths / 360000)).padStart(4, "0");
  const rest = hundredths % 360000;
  return `${hours}:${two(Math.floor(rest / 6000))}:${two(Math.floor((rest % 6000) / 100))}.${two(rest % 100)}`;
}

/* CMITime: the time of day, HH:MM:SS. */
function scorm12Clock(date) {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((number) => String(number).padStart(2, "0"))
    .join(":");
}
