/* cmi5 (Quartz, 1st Edition): an adapter with the functions described in scorm12.js, for an LMS that responds
 * asynchronously: `commit` and `finish` return promises of whether the LMS has everything.
 *
 *   phase     when                       sent to the LMS
 *   open      start                      initialized, once in a launch
 *   open      write                      our document (the state and the statements in progress);
 *                                        experienced, for a section seen for the first time;
 *                                        answered, when the learner has left the field: each version of an answer
 *                                        is a statement, so pauses in writing do not send one
 *   open      the rule fulfilled         completed, once for each registration
 *   open      the mastery reached        passed, once for each registration, with the score at that moment
 *   open      finish                     answered, for unsent answers; terminated; then nothing
 *   readOnly  start, finish              initialized, terminated (launch mode Browse or Review)
 *   over      (left before, reloaded)    nothing
 *
 * Once for each registration: a statement's id is in our document before the statement is sent, and it is sent again
 * with the same id until the LMS has it. The next session finds it there.
 *
 * The score to pass is the LMS's masteryScore, which may differ from the author's; without one, the author's; without
 * either, if the LMS waits for "passed", the whole rule.
 */

const CMI5_MAX_STATE = 1000000; // characters; no known LMS refuses a state of this size

function makeCmi5(view, page, launch, opened, tabStore) {
  const learner = learnerOf(launch.actor);
  if (!opened) return { learner: learner.id, start: () => false };

  const { lrs, preferences = {}, data: launchData = {} } = opened;
  const isOver = "over" in opened;
  const text = isOver ? opened.over : opened.own.text;
  const doc = readDocument(text);
  const mode = isOver ? "over" : String(launchData.launchMode || "Normal").toLowerCase();
  const stateBefore = readState(doc.state, page.module.sections);
  const reported = new Set(stateBefore.kind === "state" ? stateBefore.state.seen : []);
  const earlierSeconds = doc.seconds || 0; // spent in other sessions
  const answeredNow = new Set(); // questions answered in this session
  const drafts = new Map(); // question -> an answer that was not sent as a statement yet
  const lastSentText = new Map(); // question -> the text of its last statement
  const statements = isOver ? null : makeStatements(launch, launchData);
  const outbox = isOver ? null : makeOutbox(lrs, opened.own, compose);
  let startedAt = 0;
  let progressPercent = null; // the progress; null after completion
  let isLeaving = false;
  let isTerminated = false;

  /* ---- Our document ---- */

  /* Its text; `otherText`: the document as another window or device changed it, or null. */
  function compose(otherText) {
    if (doc.foreign) return null;
    if (otherText === null) return JSON.stringify(doc);
    const other = readDocument(otherText);
    if (other.foreign) return null;
    ["completed", "passed"].forEach((verb) => {
      if (other[verb] && !(doc[verb] && doc[verb].taken)) doc[verb] = other[verb];
    });
    const unsaid = { ...other.unsaid, ...doc.unsaid };
    return JSON.stringify({ ...doc, state: mergedStates(other.state, doc.state), unsaid });
  }

  /* Merge two encoded states; of two answers, keep the one written in this session. */
  function mergedStates(otherState, ownState) {
    const [other, own] = [otherState, ownState].map((encoded) => readState(encoded, page.module.sections));
    if (other.kind !== "state" || own.kind !== "state") return ownState;
    const state = {
      ...own.state,
      seen: [...own.state.seen, ...other.state.seen],
      answers: { ...own.state.answers },
      times: { ...own.state.times },
    };
    Object.keys(other.state.answers).filter((id) => !answeredNow.has(id)).forEach((id) => {
      state.answers[id] = other.state.answers[id];
      if (other.state.times[id]) state.times[id] = other.state.times[id];
    });
    return writeState(state, page.module.sections);
  }

  function documentChanged() {
    if (!doc.foreign) outbox.documentChanged();
  }

  /* ---- Statements ---- */

  /* A statement that is made once for each registration; with the same id if it is repeated. */
  function sendOnce(verb, time, seconds, reachedPercent) {
    doc[verb] = doc[verb] || { id: uuid(), percent: reachedPercent, seconds };
    const sent = doc[verb];
    outbox.add(statements[verb](sent.id, time, sent.seconds, sent.percent), () => {
      sent.taken = true;
      documentChanged();
    });
  }

  function draft(question, answer) {
    answeredNow.add(question);
    const pending = drafts.get(question);
    if (pending ? pending.text === answer : lastSentText.get(question) === answer) return;
    const id = pending ? pending.id : uuid();
    drafts.set(question, { id, text: answer, time: Date.now(), language: page.language() });
    doc.unsaid = { ...doc.unsaid, [question]: id };
  }

  function isWriting(question) {
    const box = page.find(`[data-answer="${question}"]`);
    return !view.document.hidden && box !== null && box.contains(view.document.activeElement);
  }

  function sendDrafts(includeFocused) {
    Array.from(drafts.keys()).filter((question) => includeFocused || !isWriting(question)).forEach((question) => {
      const { id, text: answer, time, language } = drafts.get(question);
      drafts.delete(question);
      lastSentText.set(question, answer);
      const title = page.titleOf("question", question);
      title.text = guarded(() => page.questionText(question)) || title.text;
      const statement = statements.answered(question, title, answer, language, time, progressPercent);
      outbox.add({ ...statement, id }, () => {
        if (doc.unsaid[question] === id) delete doc.unsaid[question];
      });
    });
  }

  /* Add the statements that an earlier session could not send. */
  function resumeUnsent(time) {
    ["completed", "passed"].filter((verb) => doc[verb] && !doc[verb].taken).forEach((verb) => sendOnce(verb, time));
    const answers = stateBefore.kind === "state" ? stateBefore.state.answers : {};
    Object.keys(doc.unsaid || {}).filter((question) => question in answers).forEach((question) => {
      drafts.set(question, { id: doc.unsaid[question], text: answers[question], time, language: page.language() });
    });
  }

  /* Send pending statements in the background until the LMS has them. */
  function sendInBackground() {
    outbox.send().then((isConfirmed) => {
      if (!isConfirmed && !isLeaving) view.setTimeout(sendInBackground, MAX_RETRY_DELAY);
    });
  }

  /* ---- The functions of an adapter ---- */

  function start() {
    if (isOver) return true;
    startedAt = Date.now();
    if (!tabStore.read().initialized) {
      outbox.add(statements.initialized(startedAt), () => tabStore.write({ initialized: true }));
    }
    if (mode === "normal") {
      resumeUnsent(startedAt);
      view.document.addEventListener("focusout", () => view.setTimeout(() => {
        if (drafts.size === 0 || isLeaving) return;
        sendDrafts(false);
        sendInBackground();
      }, 0));
    }
    sendInBackground();
    return true;
  }

  function read() {
    const isMuted = preferences.audioPreference === "off";
    return {
      mode,
      learner: learner.id,
      name: learner.name,
      language: typeof preferences.languagePreference === "string" ? preferences.languagePreference : "",
      captions: typeof doc.captions === "boolean" ? doc.captions : isMuted || undefined,
      isMuted,
      place: "",
      state: doc.state,
      finished: Boolean(doc.completed),
      isStatusFinal: Boolean(doc.completed),
      failed: false,
      score: doc.passed ? doc.passed.percent : null,
    };
  }

  function write(record) {
    const time = Date.now();
    const seconds = earlierSeconds + record.seconds;
    if (record.progress !== null) {
      const reachedPercent = percentOf(record.progress);
      progressPercent = doc.completed || reachedPercent === 100 ? null : reachedPercent;
      if (record.status === "completed" && !doc.completed) sendOnce("completed", time, seconds);
      if (!doc.passed && isEnough(reachedPercent)) sendOnce("passed", time, seconds, reachedPercent);
    }
    if (record.captions !== null) doc.captions = record.captions;
    (record.seen || []).filter((id) => !reported.has(id)).forEach((id) => {
      reported.add(id);
      outbox.add(statements.experienced(id, page.titleOf("section", id), page.language(), time, progressPercent));
    });
    record.answers.forEach(({ question, text: answer }) => draft(question, answer));
    sendDrafts(false);
    if (record.state !== null && record.state !== doc.state) {
      Object.assign(doc, { state: record.state, seconds });
      documentChanged();
    }
    return true;
  }

  /* Whether a percentage of the rule is enough to pass. Zero never is. */
  function isEnough(reachedPercent) {
    const required = typeof launchData.masteryScore === "number" ? launchData.masteryScore
      : page.module.mastery ? page.module.mastery / 100
        : ["Passed", "CompletedAndPassed"].includes(launchData.moveOn) ? 1 : Infinity;
    return reachedPercent > 0 && reachedPercent / 100 >= required;
  }

  /* `isUnloading`: the response cannot be awaited. */
  function finish(isUnloading) {
    if (isOver) return true;
    if (!isLeaving) {
      sendDrafts(true);
      const now = Date.now();
      outbox.add(statements.terminated(now, (now - startedAt) / 1000), () => (isTerminated = true));
      isLeaving = true;
    }
    tabStore.write({ over: JSON.stringify(doc) });
    if (!isUnloading) return outbox.send();
    if (!isTerminated) outbox.sendOnUnload();
    return false;
  }

  /* The returnURL, once the LMS has received "terminated"; otherwise null. (cmi5 10.2.6) */
  function returnTo() {
    const url = guarded(() => new URL(launchData.returnURL));
    const isAllowed = url && /^https?:$/.test(url.protocol) && (isTerminated || mode !== "normal");
    return isAllowed ? url.href : null;
  }

  return {
    limits: { state: CMI5_MAX_STATE, place: 0 },
    learner: learner.id, start, read, write, commit: () => outbox.send(), finish, returnTo,
  };
}

function learnerOf(actor) {
  const { account, mbox, mbox_sha1sum: sum, openid, name } = actor;
  return { id: (account && account.name) || mbox || sum || openid || "", name: name || "" };
}

/* Our document. `foreign`: a text of other content or of a newer version, which must not be changed. */
function readDocument(text) {
  if (!text) return { version: 1, state: "" };
  const parsed = guarded(() => JSON.parse(text));
  if (parsed && parsed.version === 1 && typeof parsed.state === "string") return parsed;
  return { version: 1, state: text, foreign: true };
}
