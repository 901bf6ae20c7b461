/* The adapter for SCORM 1.2, with workarounds for known runtimes.
 *
 * The session (session.js) is independent of SCORM: it calls the functions of an adapter. Each standard has its own file
 * with the same functions. `page` is that of page.js.
 *
 *   limits   {state, place}: maximum lengths in characters (SCORM 1.2 RTE 3.4.4: suspend_data 4096, location 255)
 *   learner  the id of the learner of the previous page in the same LMS window; "" if unknown
 *   start()  -> boolean      finish() -> boolean      commit() -> boolean
 *   read()   -> {mode: "normal" | "review" | "browse", learner, name, language, place, state, finished,
 *            isUncertain: a read failed that decides what may be written; isStateMissing: the LMS resumes without a
 *            state}; optionally captions (true or false, the learner's preference), score (percent), failed, and
 *            isStatusFinal: the LMS has a final status, which must not change
 *   write({status, seconds, place, state, language, captions, progress, seen, score,
 *          answers: [{question, text, before, language}], texts, times, leaving})
 *            -> boolean; false if the LMS refused anything that resuming depends on. status: "incomplete" or "completed";
 *            progress: 0 to 1; seen: ids of sections; score: percent, set only if the learner has passed (measure.js);
 *            answers: the changed ones; before: the text that the LMS had last; texts: all answers by question id;
 *            times: when each was written; leaving: whether Finish follows. null: do not change
 *
 * SCORM 1.2 has no element for the progress. Each section is an objective, whose status is whether it was seen; what
 * resuming depends on is in the state.
 *
 * Moodle sends a value only when it changes, and does not repeat it after a failed Commit. The state differs each time
 * (state.js); after a failed Commit the other values are changed and changed back, with a Commit in between.
 *
 * None of the functions throws: an exception of the LMS counts as a refusal.
 */

STANDARDS.API = makeScorm12;

const SCORM12_MAX_RESPONSE = 255;
const SCORM12_FINAL_STATUSES = ["completed", "passed", "failed"];

function makeScorm12(api, page) {
  const limits = { state: 4096, place: 255 };
  const { succeeds, read: readValue, get, set, save, rememberLearner, learner } = makeApiClient(api, "LMS");
  const client = { read: readValue, get, set: setUncommitted };
  const objectives = makeCollection(client, "cmi.objectives");
  const interactions = makeCollection(client, "cmi.interactions", { namesUnreadable: true });
  const isStale = () => lastState !== null && get("cmi.suspend_data") !== lastState;
  const comments = makeComments(get, set, setUncommitted, isStale);
  const uncommitted = new Map(); // element -> value, set since the last Commit that succeeded
  let hasCommitFailed = false; // the last one
  let resendCount = 0; // calls of resend
  let lastState = null; // accepted by the LMS

  function read() {
    const required = ["cmi.core.lesson_status", "cmi.suspend_data", "cmi.core.student_id"].map(readValue);
    const [status, state, id] = required.map(({ value }) => value);
    const score = page.module.mastery ? readValue("cmi.core.score.raw") : null;
    const mode = get("cmi.core.lesson_mode");
    return {
      isUncertain: [...required, score].some((answer) => answer && answer.failed),
      isStateMissing: state === "" && get("cmi.core.entry") === "resume",
      mode: mode === "review" || mode === "browse" ? mode : "normal",
      learner: id && rememberLearner(id),
      name: get("cmi.core.student_name"),
      language: get("cmi.student_preference.language"),
      captions: { 1: true, "-1": false }[get("cmi.student_preference.text")],
      place: get("cmi.core.lesson_location"),
      state,
      // after passing, part of the rule may still be open
      finished: SCORM12_FINAL_STATUSES.includes(status) && !(page.module.mastery && status === "passed"),
      isStatusFinal: SCORM12_FINAL_STATUSES.includes(status),
      failed: status === "failed",
      score: score && scoreOf(score.value),
    };
  }

  function write(record) {
    if (hasCommitFailed && isOnline()) resend();
    // exit first: if the connection ends here, the LMS must still return the state at the next launch
    let isAccepted = setUncommitted("cmi.core.exit", "suspend");
    if (record.score !== null) writeScore(record.score);
    const status = record.score === null ? record.status : "passed";
    if (status) isAccepted = setUncommitted("cmi.core.lesson_status", status) && isAccepted;
    if (record.state !== null) {
      const isStored = record.state.length <= limits.state && set("cmi.suspend_data", record.state);
      if (isStored) lastState = record.state;
      isAccepted = isStored && isAccepted;
    }
    if (record.place !== null && record.place.length <= limits.place) {
      isAccepted = setUncommitted("cmi.core.lesson_location", record.place) && isAccepted;
    }
    set("cmi.core.session_time", scorm12Time(record.seconds));
    if (record.language !== null) set("cmi.student_preference.language", record.language);
    if (record.captions !== null) set("cmi.student_preference.text", record.captions ? "1" : "-1");
    if (record.seen !== null) {
      page.module.sections.forEach((section) => writeSection(section, record.seen.includes(section)));
    }
    writeAnswers(record);
    comments.write(numberedAnswers(record.texts), record.leaving);
    if (!isAccepted) [objectives, interactions, comments].forEach((collection) => collection.resetUnsupported());
    return isAccepted;
  }

  /* Set a value that a failed Commit would lose. */
  function setUncommitted(element, value) {
    const isAccepted = set(element, value);
    if (isAccepted) uncommitted.set(element, value);
    return isAccepted;
  }

  function resend() {
    const values = Array.from(uncommitted);
    values.forEach(([element, value]) => set(element, differentValue(element, value)));
    save("Commit");
    if (resendCount % 2 === 1) save("Commit"); // if every second Commit fails, it must not always be this one
    resendCount += 1;
    values.forEach(([element, value]) => set(element, value));
  }

  function noteResult(isAccepted) {
    hasCommitFailed = !isAccepted;
    if (isAccepted) uncommitted.clear();
    return isAccepted;
  }

  function writeScore(percent) {
    setUncommitted("cmi.core.score.raw", String(percent));
    set("cmi.core.score.min", "0");
    set("cmi.core.score.max", "100");
  }

  function writeSection(section, seen) {
    const prefix = objectives.entry(identifierOf(section));
    if (prefix !== null) setUncommitted(`${prefix}status`, seen ? "completed" : "not attempted");
  }

  function numberedAnswers(texts) {
    const answered = page.questions().filter(({ id }) => id in texts);
    return answered.map(({ id, number }) => ({ number, text: texts[id] }));
  }

  /* Write the answers for the teacher's report. At the first call of a session also the first piece of each unchanged
     answer, because its interaction got its id again; all pieces if the LMS has no interactions yet. */
  function writeAnswers(record) {
    const reserved = reserveAnswers(interactions, page, record, (prefix) => setUncommitted(`${prefix}type`, "fill-in"));
    if (reserved === null) return;
    const changed = record.answers.map(({ question }) => question);
    allAnswers(page, record).forEach((answer) => {
      if (changed.includes(answer.question) || reserved === "new") writeAnswer(answer);
      else if (reserved === "old") writeFirstPiece(identifierOf(answer.question), answer.text);
    });
  }

  function writeFirstPiece(id, text) {
    if (!interactions.has(id)) return;
    const [first] = splitText(toSingleLine(text), SCORM12_MAX_RESPONSE);
    setUncommitted(`${interactions.entry(id)}student_response`, first);
  }

  /* Write an answer to as many interactions as its text needs; `before`: what an earlier session wrote to them. */
  function writeAnswer({ question, text, before }) {
    const pieces = splitText(toSingleLine(text), SCORM12_MAX_RESPONSE);
    const earlierCount = splitText(toSingleLine(before || ""), SCORM12_MAX_RESPONSE).length;
    while (pieces.length < earlierCount) pieces.push(""); // clear the rest of a longer text
    interactions.writePieces(question, pieces, (prefix, piece) => {
      if (!setUncommitted(`${prefix}type`, "fill-in")) return;
      setUncommitted(`${prefix}time`, scorm12Clock(new Date()));
      setUncommitted(`${prefix}student_response`, piece);
      setUncommitted(`${prefix}result`, "neutral");
    });
  }

  return {
    limits,
    learner,
    start: () => succeeds("Initialize", ""),
    read,
    write,
    commit: () => noteResult(save("Commit")),
    finish: () => {
      const wasLost = hasCommitFailed; // Finish does not repeat the values
      return noteResult(save("Finish")) && !wasLost;
    },
  };
}

/* Another valid value for an element, harmless if the page ends before the correct one is set. */
function differentValue(element, value) {
  const alternatives = {
    exit: "", lesson_status: "incomplete", status: "incomplete", lesson_location: "",
    raw: (Number(value) - 0.01).toFixed(2),
    id: `${value}-`, type: "performance", time: "00:00:00", student_response: value === "" ? "-" : "",
    result: "unanticipated", comments: value === "" ? "•" : "",
  };
  return alternatives[element.split(".").pop()];
}

/* CMITimespan: HHHH:MM:SS.ss. Always two decimals: Moodle adds up .5 as .05. */
function scorm12Time(seconds) {
  const hundredths = Math.max(0, Math.min(Math.round(seconds * 100), 3599999999));
  const twoDigits = (number) => String(number).padStart(2, "0");
  const hours = String(Math.floor(hundredths / 360000)).padStart(4, "0");
  const remainder = hundredths % 360000;
  const minutes = twoDigits(Math.floor(remainder / 6000));
  const wholeSeconds = twoDigits(Math.floor((remainder % 6000) / 100));
  return `${hours}:${minutes}:${wholeSeconds}.${twoDigits(remainder % 100)}`;
}

/* CMITime: the time of day, HH:MM:SS. */
function scorm12Clock(date) {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((number) => String(number).padStart(2, "0"))
    .join(":");
}
