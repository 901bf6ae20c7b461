/* The adapter for SCORM 2004, 3rd and 4th Edition, with the functions described in scorm12.js. (2004 RTE 4.2, the data
 * model, is the same in both editions.)
 *
 * In addition to 1.2 it sets the progress (progress_measure) and writes each answer as its own comments. success_status
 * is set only if the author sets a mastery. Otherwise it stays "unknown", and the manifest's objectiveSetByContent
 * prevents the LMS from setting "passed" when the module is closed. With a mastery the manifest contains the measure
 * too, but some LMSs do not compare it, so the status is set here as well.
 *
 * The LMS returns the objectives, interactions and comments of earlier sessions. Each is found by its id, a comment by
 * its location, and updated, so that there is one answer per question.
 */

STANDARDS.API_1484_11 = makeScorm2004;

const SCORM2004_MAX_RESPONSE = 3999; // of 4000: one reserved for the space before a brace
const SCORM2004_MAX_COMMENT = 3999; // likewise
const SCORM2004_MAX_DESCRIPTION = 249; // of 250, likewise

function makeScorm2004(api, page) {
  const limits = { state: 64000, place: 1000 };
  const { succeeds, read: readValue, get, set, save, rememberLearner, learner } = makeApiClient(api, "");
  const client = { read: readValue, get, set };
  const objectives = makeCollection(client, "cmi.objectives");
  const interactions = makeCollection(client, "cmi.interactions");
  const comments = makeCollection(client, "cmi.comments_from_learner", { keyField: "location" });

  function read() {
    const required = ["cmi.completion_status", "cmi.suspend_data", "cmi.learner_id"].map(readValue);
    const [status, state, id] = required.map(({ value }) => value);
    const score = page.module.mastery ? readValue("cmi.score.raw") : null;
    const mode = get("cmi.mode");
    return {
      isUncertain: [...required, score].some((one) => one && one.failed),
      isStateMissing: state === "" && get("cmi.entry") === "resume",
      mode: mode === "review" || mode === "browse" ? mode : "normal",
      learner: id && rememberLearner(id),
      name: get("cmi.learner_name"),
      language: get("cmi.learner_preference.language"),
      captions: { 1: true, "-1": false }[get("cmi.learner_preference.audio_captioning")],
      place: get("cmi.location"),
      state,
      finished: status === "completed",
      failed: page.module.mastery ? get("cmi.success_status") === "failed" : false,
      score: score && scoreOf(score.value),
    };
  }

  function write(record) {
    // exit first: an LMS returns the state only after "suspend"
    let isAccepted = set("cmi.exit", "suspend");
    if (record.status) isAccepted = set("cmi.completion_status", record.status) && isAccepted;
    if (record.score !== null) {
      writeScore(record.score);
      isAccepted = set("cmi.success_status", "passed") && isAccepted;
    }
    if (record.state !== null) {
      isAccepted = record.state.length <= limits.state && set("cmi.suspend_data", record.state) && isAccepted;
    }
    if (record.place !== null && record.place.length <= limits.place) {
      isAccepted = set("cmi.location", record.place) && isAccepted;
    }
    set("cmi.session_time", scorm2004Time(record.seconds));
    if (record.language !== null) set("cmi.learner_preference.language", record.language);
    if (record.captions !== null) set("cmi.learner_preference.audio_captioning", record.captions ? "1" : "-1");
    if (record.progress !== null) {
      set("cmi.progress_measure", String(Math.floor(record.progress * 100) / 100));
      page.module.sections.forEach((section) => writeSection(section, record.seen.includes(section)));
    }
    writeAnswers(record);
    if (!isAccepted) [objectives, interactions, comments].forEach((collection) => collection.resetUnsupported());
    return isAccepted;
  }

  function writeScore(percent) {
    set("cmi.score.scaled", String(percent / 100));
    set("cmi.score.raw", String(percent));
    set("cmi.score.min", "0");
    set("cmi.score.max", "100");
  }

  function writeSection(section, seen) {
    const id = identifierOf(section);
    const exists = objectives.has(id);
    const prefix = objectives.entry(id);
    if (prefix === null) return;
    if (!exists) set(`${prefix}description`, describe(page.titleOf("section", section)));
    set(`${prefix}completion_status`, seen ? "completed" : "not attempted");
    set(`${prefix}progress_measure`, seen ? "1" : "0");
  }

  /* Write the answers that have changed; all of them if the LMS has none yet. */
  function writeAnswers(record) {
    const setType = (prefix) => set(`${prefix}type`, "long-fill-in");
    const reservedInteractions = reserveAnswers(interactions, page, record, setType);
    const reservedComments = reserveAnswers(comments, { questions: () => [] }, record);
    const changed = record.answers.map(({ question }) => question);
    const answers = allAnswers(page, record);
    const selected = (reserved) => answers.filter(({ question }) => reserved === "new" || changed.includes(question));
    if (reservedInteractions !== null) selected(reservedInteractions).forEach(writeAnswer);
    if (reservedComments !== null) selected(reservedComments).forEach(writeComment);
  }

  /* Write an answer to as many interactions as its text needs. Their id must be set first, then their type. */
  function writeAnswer({ question, text }) {
    interactions.writePieces(question, splitText(toSingleLine(text), SCORM2004_MAX_RESPONSE), (prefix, piece) => {
      if (!set(`${prefix}type`, "long-fill-in")) return;
      set(`${prefix}timestamp`, scorm2004Timestamp(new Date()));
      set(`${prefix}description`, describe(page.titleOf("question", question)));
      set(`${prefix}learner_response`, escapeBrace(piece));
      set(`${prefix}result`, "neutral");
    });
  }

  /* Write an answer as comments. */
  function writeComment({ question, text, language }) {
    const line = toSingleLine(text);
    if (line === "" && !comments.has(identifierOf(question))) return;
    comments.writePieces(question, splitText(line, SCORM2004_MAX_COMMENT), (prefix, piece) => {
      set(`${prefix}comment`, piece && withLanguageTag(piece, language));
      set(`${prefix}timestamp`, scorm2004Timestamp(new Date()));
    });
  }

  return {
    limits,
    learner,
    start: () => succeeds("Initialize", ""),
    read,
    write,
    commit: () => save("Commit"),
    finish: () => save("Terminate"),
  };
}

/* timeinterval(second,10,2): hours, minutes, and seconds with two decimals. */
function scorm2004Time(seconds) {
  const hundredths = Math.max(0, Math.round(seconds * 100));
  const hours = Math.floor(hundredths / 360000);
  const minutes = Math.floor((hundredths % 360000) / 6000);
  return `PT${hours}H${minutes}M${((hundredths % 6000) / 100).toFixed(2)}S`;
}

/* time(second,10,0) in UTC; Moodle accepts the time zone only after a decimal. */
function scorm2004Timestamp(date) {
  return `${date.toISOString().slice(0, 19)}.0Z`;
}

/* A title with its language, as a localized_string_type; ends with "…" if truncated. */
function describe({ text, language }) {
  const line = toSingleLine(text);
  const fits = line.length <= SCORM2004_MAX_DESCRIPTION;
  const title = fits ? line : `${splitText(line, SCORM2004_MAX_DESCRIPTION - 1)[0]}…`;
  return withLanguageTag(title, language);
}

/* A text with its language tag, if every runtime accepts that tag. */
function withLanguageTag(text, language) {
  const tag = /^[a-z]{2,3}(-[a-z0-9]{2,8})?$/i.test(language) ? `{lang=${language}}` : "";
  return tag + escapeBrace(text);
}

/* A text that begins with a brace would be parsed as a language tag, and refused. */
function escapeBrace(text) {
  return text.startsWith("{") ? ` ${text}` : text;
}
