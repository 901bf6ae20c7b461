/* cmi5 (Quartz, 1st Edition): an adapter with the six functions described in scorm12.js, for an LMS that answers
 * asynchronously: `commit` and `finish` return promises of whether the LMS has everything.
 *
 *   stage     when                       sent to the LMS
 *   open      start                      initialized, once in a launch
 *   open      write                      our document (the state and the statements in progress);
 *                                        experienced, for a section seen for the first time;
 *                                        answered, when the reader has left the field: every version of an answer
 *                                        is a statement, so not every pause in writing may make one
 *   open      the rule fulfilled         completed, once for each registration
 *   open      the mastery reached        passed, once for each registration, with the score at that moment
 *   open      finish                     answered, for unsent answers; terminated; then nothing
 *   watching  start, finish              initialized, terminated (launch mode Browse or Review)
 *   over      (left before, reloaded)    nothing
 *
 * Once for each registration: a statement's id is in our document before the statement is sent, and it is sent again
 * with the same id until the LMS has it. The next sitting finds it there.
 *
 * The score to pass is the LMS's masteryScore, which may differ from the author's; without one, the author's; without
 * either, if the LMS waits for "passed", the whole rule.
 */

const CMI5_STATE = 1000000; // characters; no LMS that we know refuses what anybody could write

function makeCmi5(view, page, launch, opened, kept) {
  const learner = learnerOf(launch.actor);
  if (!opened) return { learner: learner.id, start: () => false };

  const { lrs, wishes = {}, data = {} } = opened;
  const isOver = "over" in opened;
  const text = isOver ? opened.over : opened.own.text;
  const doc = readDocument(text);
  const mode = isOver ? "over" : String(data.launchMode || "Normal").toLowerCase();
  const before = readState(doc.state, page.module.sections);
  const reported = new Set(before.kind === "state" ? before.state.seen : []);
  const earlier = doc.seconds || 0; // spent in other sittings
  const touched = new Set(); // questions answered in this sitting
  const drafts = new Map(); // question -> an answer of which no statement was made
  const said = new Map(); // question -> the text of its last statement
  const make = isOver ? null : makeStatements(launch, data);
  const outbox = isOver ? null : makeOutbox(lrs, opened.own, compose);
  let begun = 0;
  let percent = null; // how far, if that may still be said
  let leaving = false;
  let terminated = false;

  /* ---- Our document ---- */

  /* Its text; `theirs`: the document as another window or device changed it. */
  function compose(theirs) {
    if (doc.foreign) return null;
    if (theirs === null) return JSON.stringify(doc);
    const other = readDocument(theirs);
    if (other.foreign) return null;
    ["completed", "passed"].forEach((verb) => {
      if (other[verb] && !(doc[verb] && doc[verb].taken)) doc[verb] = other[verb];
    });
    return JSON.stringify({ ...doc, state: mergedStates(other.state, doc.state), unsaid: { ...other.unsaid, ...doc.unsaid } });
  }

  /* Merge both documents; of two answers, keep the one that was written in this sitting. */
  function mergedStates(theirs, ours) {
    const [other, own] = [theirs, ours].map((word) => readState(word, page.module.sections));
    if (other.kind !== "state" || own.kind !== "state") return ours;
    const state = { ...own.state, seen: [...own.state.seen, ...other.state.seen], answers: { ...own.state.answers }, times: { ...own.state.times } };
    Object.keys(other.state.answers).filter((id) => !touched.has(id)).forEach((id) => {
      state.answers[id] = other.state.answers[id];
      if (other.state.times[id]) state.times[id] = other.state.times[id];
    });
    return writeState(state, page.module.sections);
  }

  function want() {
    if (!doc.foreign) outbox.want();
  }

  /* ---- Statements ---- */

  /* A statement that is made once for each registration; with the same id if it is repeated. */
  function once(verb, time, seconds, reached) {
    doc[verb] = doc[verb] || { id: uuid(), percent: reached, seconds };
    const mark = doc[verb];
    outbox.add(make[verb](mark.id, time, mark.seconds, mark.percent), () => {
      mark.taken = true;
      want();
    });
  }

  function draft(question, answer) {
    touched.add(question);
    const last = drafts.get(question);
    if (last ? last.text === answer : said.get(question) === answer) return;
    const id = last ? last.id : uuid();
    drafts.set(question, { id, text: answer, time: Date.now(), language: page.language() });
    doc.unsaid = { ...doc.unsaid, [question]: id };
  }

  function isWriting(question) {
    const box = page.find(`[data-answer="${question}"]`);
    return !view.document.hidden && box !== null && box.contains(view.document.activeElement);
  }

  function say(all) {
    Array.from(drafts.keys()).filter((question) => all || !isWriting(question)).forEach((question) => {
      const { id, text: answer, time, language } = drafts.get(question);
      drafts.delete(question);
      said.set(question, answer);
      const title = page.titleOf("question", question);
      title.text = guarded(() => page.questionText(question)) || title.text;
      const statement = make.answered(question, title, answer, language, time, percent);
      outbox.add({ ...statement, id }, () => {
        if (doc.unsaid[question] === id) delete doc.unsaid[question];
      });
    });
  }

  /* Statements that an earlier sitting could not send. */
  function takeUp(time) {
    ["completed", "passed"].filter((verb) => doc[verb] && !doc[verb].taken).forEach((verb) => once(verb, time));
    const answers = before.kind === "state" ? before.state.answers : {};
    Object.keys(doc.unsaid || {}).filter((question) => question in answers).forEach((question) => {
      drafts.set(question, { id: doc.unsaid[question], text: answers[question], time, language: page.language() });
    });
  }

  /* Send pending statements in the background until the LMS has them. */
  function trickle() {
    outbox.send().then((taken) => {
      if (!taken && !leaving) view.setTimeout(trickle, AGAIN);
    });
  }

  /* ---- The six functions ---- */

  function start() {
    if (isOver) return true;
    begun = Date.now();
    if (!kept.read().initialized) outbox.add(make.initialized(begun), () => kept.write({ initialized: true }));
    if (mode === "normal") {
      takeUp(begun);
      view.document.addEventListener("focusout", () => view.setTimeout(() => {
        if (drafts.size === 0 || leaving) return;
        say(false);
        trickle();
      }, 0));
    }
    trickle();
    return true;
  }

  function read() {
    const silent = wishes.audioPreference === "off";
    return {
      mode,
      learner: learner.id,
      name: learner.name,
      language: typeof wishes.languagePreference === "string" ? wishes.languagePreference : "",
      captions: typeof doc.captions === "boolean" ? doc.captions : silent || undefined,
      silent,
      place: "",
      state: doc.state,
      finished: Boolean(doc.completed),
      settled: Boolean(doc.completed),
      failed: false,
      score: doc.passed ? doc.passed.percent : null,
    };
  }

  function write(record) {
    const time = Date.now();
    const seconds = earlier + record.seconds;
    if (record.progress !== null) {
      const reached = percentOf(record.progress);
      percent = doc.completed || reached === 100 ? null : reached;
      if (record.status === "completed" && !doc.completed) once("completed", time, seconds);
      if (!doc.passed && isEnough(reached)) once("passed", time, seconds, reached);
    }
    if (record.captions !== null) doc.captions = record.captions;
    (record.seen || []).filter((id) => !reported.has(id)).forEach((id) => {
      reported.add(id);
      outbox.add(make.experienced(id, page.titleOf("section", id), page.language(), time, percent));
    });
    record.answers.forEach(({ question, text: answer }) => draft(question, answer));
    say(false);
    if (record.state !== null && record.state !== doc.state) {
      Object.assign(doc, { state: record.state, seconds });
      want();
    }
    return true;
  }

  /* Whether a percentage of the rule is enough to pass. Zero never is. */
  function isEnough(reached) {
    const least = typeof data.masteryScore === "number" ? data.masteryScore
      : page.module.mastery ? page.module.mastery / 100
        : ["Passed", "CompletedAndPassed"].includes(data.moveOn) ? 1 : Infinity;
    return reached > 0 && reached / 100 >= least;
  }

  /* `gone`: the page is being unloaded, the response will not be received. */
  function finish(gone) {
    if (isOver) return true;
    if (!leaving) {
      say(true);
      const now = Date.now();
      outbox.add(make.terminated(now, (now - begun) / 1000), () => (terminated = true));
      leaving = true;
    }
    kept.write({ over: JSON.stringify(doc) });
    if (!gone) return outbox.send();
    if (!terminated) outbox.lastWords();
    return false;
  }

  /* Go to the returnURL once the LMS knows that the reader left. (cmi5 10.2.6) */
  function returnTo() {
    const address = guarded(() => new URL(data.returnURL));
    const allowed = address && /^https?:$/.test(address.protocol) && (terminated || mode !== "normal");
    return allowed ? address.href : null;
  }

  return {
    limits: { state: CMI5_STATE, place: 0 },
    learner: learner.id, start, read, write, commit: () => outbox.send(), finish, returnTo,
  };
}

function learnerOf(actor) {
  const { account, mbox, mbox_sha1sum: sum, openid, name } = actor;
  return { id: (account && account.name) || mbox || sum || openid || "", name: name || "" };
}

/* Our document; a text of another origin or a newer version as `foreign`: session.js does not change it. */
function readDocument(text) {
  if (!text) return { version: 1, state: "" };
  const read = guarded(() => JSON.parse(text));
  if (read && read.version === 1 && typeof read.state === "string") return read;
  return { version: 1, state: text, foreign: true };
}
