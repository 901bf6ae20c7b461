/* cmi5 (Quartz, 1st Edition): the shape of scorm12.js, where the six functions are described, over an LMS that
 * answers later. So `commit` and `finish` give promises; what they come to is whether the LMS has everything.
 *
 *   stage     when                       the LMS is told
 *   open      start                      initialized, once in a launch
 *   open      write                      our document: the state, and which statements are under way;
 *                                        experienced, for a section seen for the first time;
 *                                        answered, once the person has left its box: every version of an answer
 *                                        is a statement of its own, so not every pause in writing makes one
 *   open      the rule fulfilled         completed, once for each registration
 *   open      the mastery reached        passed, once for each registration, with the score at that moment
 *   open      finish                     answered, whatever is unsaid; terminated; then nothing ever again
 *   watching  start, finish              initialized, terminated (launch mode Browse or Review)
 *   over      (left before, loaded anew) nothing
 *
 * Once for each registration: a statement's id is in our document before the statement goes out, and it goes out
 * again with the same id until the LMS has it. Who comes back finds it there.
 *
 * What is enough to pass is the LMS's mastery score, which may not be the author's; if it gives none, the author's;
 * and if neither gives one but the LMS waits for "passed", the whole rule.
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

  /* Its text; `theirs`: what another window or device made of it meanwhile. */
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

  /* Ours, with what only the other has; of two answers, the one that was written in this sitting. */
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

  /* ---- What is told ---- */

  /* A statement that may be made once for each registration; with the id that it had if it is made again. */
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

  /* What an earlier sitting could not tell to the end. */
  function takeUp(time) {
    ["completed", "passed"].filter((verb) => doc[verb] && !doc[verb].taken).forEach((verb) => once(verb, time));
    const answers = before.kind === "state" ? before.state.answers : {};
    Object.keys(doc.unsaid || {}).filter((question) => question in answers).forEach((question) => {
      drafts.set(question, { id: doc.unsaid[question], text: answers[question], time, language: page.language() });
    });
  }

  /* Sends what waits without the session's asking, until the LMS has it. */
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

  /* Whether that many percent of the rule are enough to pass. (Nothing at all never is.) */
  function isEnough(reached) {
    const least = typeof data.masteryScore === "number" ? data.masteryScore
      : page.module.mastery ? page.module.mastery / 100
        : ["Passed", "CompletedAndPassed"].includes(data.moveOn) ? 1 : Infinity;
    return reached > 0 && reached / 100 >= least;
  }

  /* `gone`: the page is being taken away, nobody will hear the answer. */
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

  /* Where the LMS wants the person back, once it knows that they left. (cmi5 10.2.6) */
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

/* What we remember; a text that is not ours, or of a newer script, as `foreign`: session.js leaves it alone. */
function readDocument(text) {
  if (!text) return { version: 1, state: "" };
  const read = guarded(() => JSON.parse(text));
  if (read && read.version === 1 && typeof read.state === "string") return read;
  return { version: 1, state: text, foreign: true };
}
