/* The adapter for SCORM 1.2, with workarounds for known runtimes.
 *
 * The session (session.js) is independent of SCORM: it calls an object with the six functions returned here;
 * another standard is another file with the same functions. `page` (page.js), the second argument, returns the
 * titles of sections and questions.
 *
 *   limits   {state, place}: characters that fit (SCORM 1.2 RTE 3.4.4: suspend_data 4096, location 255)
 *   learner  who was here a moment ago, in the same window of the LMS; "" if nobody
 *   start()  -> boolean      finish() -> boolean      commit() -> boolean
 *   read()   -> {mode: "normal" | "review" | "browse", learner, name, language, place, state, finished,
 *            doubtful: a read has failed that decides what may be written; hollow: the LMS resumes without a state}
 *            and captions, true or false, where the LMS knows what the person wants; score, in percent, and
 *            failed, where the LMS has such; settled, where it has a final status that is not ours to change
 *   write({status, seconds, place, state, language, captions, progress, seen, score,
 *          answers: [{question, text, before, language}], texts, times, leaving})
 *            -> boolean; status is "incomplete" or "completed", progress 0 to 1, seen the ids of sections,
 *            score a percent: whoever has one has passed (measure.js); answers, those that have changed; before,
 *            the text that the LMS last had; texts, all answers by their questions, and times, when each was written;
 *            leaving, whether Finish follows; a null is left as it was; false if the LMS refused anything that a return depends on
 *
 * SCORM 1.2 has no place for the progress. Each section is an objective, whose status says whether it was seen;
 * what a return depends on is in the state.
 *
 * Moodle sends a value once, and never again if that failed, until it is another. The state is another each
 * time (state.js); the rest is changed and changed back, with a Commit between, once a Commit has failed.
 *
 * None of the functions throws: an exception of the LMS means that it refused.
 */

STANDARDS.API = makeScorm12;

const SCORM12_MAX_RESPONSE = 255;
const SCORM12_FINAL_STATUSES = ["completed", "passed", "failed"];

function makeScorm12(api, page) {
  const limits = { state: 4096, place: 255 };
  const { succeeds, read: readValue, get, set, save, rememberLearner, learner } = makeApiClient(api, "LMS");
  const objectives = makeCollection({ read: readValue, get, set: setUncommitted }, "cmi.objectives");
  const interactions = makeCollection({ read: readValue, get, set: setUncommitted }, "cmi.interactions", { namesUnreadable: true });
  const comments = makeComments(get, set, setUncommitted, () => lastState !== null && get("cmi.suspend_data") !== lastState);
  const uncommitted = new Map(); // element -> value, set since the last Commit that succeeded
  let hasCommitFailed = false; // the last Commit did
  let resendCount = 0; // of sendAgain
  let lastState = null; // the one that the LMS accepted last

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
    // exit first: if the connection ends here, the LMS must still return the state next time
    let isTaken = setUncommitted("cmi.core.exit", "suspend");
    if (record.score !== null) writeScore(record.score);
    const status = record.score === null ? record.status : "passed";
    if (status) isTaken = setUncommitted("cmi.core.lesson_status", status) && isTaken;
    if (record.state !== null) {
      const isStored = record.state.length <= limits.state && set("cmi.suspend_data", record.state);
      if (isStored) lastState = record.state;
      isTaken = isStored && isTaken;
    }
    if (record.place !== null && record.place.length <= limits.place) {
      isTaken = setUncommitted("cmi.core.lesson_location", record.place) && isTaken;
    }
    set("cmi.core.session_time", scorm12Time(record.seconds));
    if (record.language !== null) set("cmi.student_preference.language", record.language);
    if (record.captions !== null) set("cmi.student_preference.text", record.captions ? "1" : "-1");
    if (record.seen !== null) {
      page.module.sections.forEach((section) => writeSection(section, record.seen.includes(section)));
    }
    writeAnswers(record);
    comments.write(numberedAnswers(record.texts), record.leaving);
    if (!isTaken) [objectives, interactions, comments].forEach((collection) => collection.resetUnsupported());
    return isTaken;
  }

  /* Set values that a failed Commit would lose. */
  function setUncommitted(element, value) {
    const isTaken = set(element, value);
    if (isTaken) uncommitted.set(element, value);
    return isTaken;
  }

  function resend() {
    const values = Array.from(uncommitted);
    values.forEach(([element, value]) => set(element, differentValue(element, value)));
    save("Commit");
    if (resendCount % 2 === 1) save("Commit"); // where every other one fails, it is not always the same
    resendCount += 1;
    values.forEach(([element, value]) => set(element, value));
  }

  function noteResult(isTaken) {
    hasCommitFailed = !isTaken;
    if (isTaken) uncommitted.clear();
    return isTaken;
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

  /* The answers for the teacher's report. The first time in a sitting the first piece of every answer is written,
     because its interaction was named anew; where the LMS has none yet, all pieces. */
  function writeAnswers(record) {
    const reserved = reserveAnswers(interactions, page, record, (prefix) => setUncommitted(`${prefix}type`, "fill-in"));
    if (reserved === null) return;
    const changed = record.answers.map(({ question }) => question);
    allAnswers(page, record).forEach((answer) => {
      if (changed.includes(answer.question) || reserved === "new") writeAnswer(answer);
      else if (reserved === "old" && interactions.has(identifierOf(answer.question))) setUncommitted(`${interactions.entry(identifierOf(answer.question))}student_response`, firstPiece(answer.text));
    });
  }

  function firstPiece(text) {
    return splitText(toSingleLine(text), SCORM12_MAX_RESPONSE)[0];
  }

  /* An answer: as many interactions as its text needs; `before` is what an earlier sitting wrote under their ids. */
  function writeAnswer({ question, text, before }) {
    const pieces = splitText(toSingleLine(text), SCORM12_MAX_RESPONSE);
    const earlierCount = splitText(toSingleLine(before || ""), SCORM12_MAX_RESPONSE).length;
    while (pieces.length < earlierCount) pieces.push(""); // it was longer
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
      const wasLost = hasCommitFailed; // which Finish does not send again
      return noteResult(save("Finish")) && !wasLost;
    },
  };
}

/* Another valid value for an element, harmless if the page ends before the right one is set. */
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
  return `${hours}:${twoDigits(Math.floor(remainder / 6000))}:${twoDigits(Math.floor((remainder % 6000) / 100))}.${twoDigits(remainder % 100)}`;
}

/* CMITime: the time of day, HH:MM:SS. */
function scorm12Clock(date) {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((number) => String(number).padStart(2, "0"))
    .join(":");
}
