/* The state machine of one sitting: what is sent to the LMS, and when.
 *
 *   stage     means                                          sent to the LMS
 *   new       nothing done yet                               nothing
 *   open      Initialize succeeded, lesson mode normal       everything below
 *   asking    Initialize succeeded, what the LMS has could   nothing, until Finish: this device keeps the state
 *             not be read
 *   watching  Initialize succeeded, mode review or browse    nothing, until Finish
 *   alone     no API, or Initialize refused or threw         nothing: this device keeps the state
 *   closed    Finish was called                              nothing, ever again
 *
 *   in        when                          do                                            then
 *   new       start, API found              Initialize, read                              open | watching |
 *                                                                                         asking | alone
 *   new       start, no API                 read the device                               alone
 *   alone     the API appears (connect)     Initialize, read; add what was written        open | watching |
 *                                           meanwhile                                     asking | alone
 *   asking    after 0.5, 1, 2 … 30 s        read; if that succeeds, add what was          open | watching
 *                                           written meanwhile. A state that is missing
 *                                           though the LMS resumes is believed after 3.5 s
 *   open      at once                       status incomplete unless finished before;
 *                                           exit suspend                                  open
 *   open      a change (section seen,       write after 0.5 s of quiet (three times as    open
 *             answer, place, language)      long as the last Commit took), at most 5 s
 *                                           after the first change: set values, Commit
 *   open      the author's rule fulfilled   status completed, Commit at once              open
 *   open      the author's mastery reached  the score from now on, Commit at once         open
 *   open      page hidden (visibility)      write now, if anything changed                open
 *   open      pagehide, page kept           write now (it may come back, or not)          open
 *   open      pagehide, page given up       write, Finish, once                           closed
 *   open      Save and leave                write, Finish, once; an LMS that answers      closed
 *                                           later is waited for, unless the page goes
 *   open      the LMS refuses or throws     the device keeps the state; tell; again in    open
 *                                           3, 6, 12 … 30 s, or when the connection
 *                                           is back
 *   open      the LMS confirmed             the device keeps a copy, marked as sent,      open
 *                                           until the next sitting finds it in the LMS
 *                                           (some LMSs confirm and lose it); Save and
 *                                           leave removes it
 *   watching  pagehide given up, leave      Finish                                        closed
 *   open      an LMS that answers later     the device keeps the state until then; told   open
 *             (cmi5.js) was sent to         saved, or not, when the LMS has answered
 *   alone     a change, hidden, pagehide    the device keeps the state                    alone
 *   alone     Save and leave                the device keeps the state                    closed
 *   any       the device keeps nothing      tell: only the page has it, take it away
 *             either                        before it is closed                           as above
 *   closed    anything                      nothing
 *
 * The bar says "saved" only while nothing is newer than what was confirmed.
 *
 * Never: `unload` or `beforeunload` (deprecated in browsers), a write in review or browse mode (Moodle would
 * store it), a score below the author's mastery (see measure.js), a status or a score that decreases, overwriting
 * a state that could not be read; two texts for one question are both kept where neither contains the other.
 *
 * Events, clock and timers are passed in, so that every line of the table above can be tested.
 */

/* The adapters by the name of their API object; the first one is preferred. */
const STANDARDS = {};

/* A standard that must ask before anything can begin puts a function here: given the window, it returns a
   promise of a function that makes its adapter for a page (it never fails), or null where it was not meant. */
const LAUNCHES = [];

const QUIET = 500;
const LONGEST_WAIT = 5000;
const AGAIN = 30000;
const FIRST_AGAIN = 3000;
const FIRST_ASK = 500;
const MOST_HOLLOW = 3; // reads without a state, where the LMS resumes, until that is believed
const SLACK = 30; // characters that the place and the times may need until an answer is shortened
const SAVED_NEWS = ["saved", "resent", "kept"];
const SPARE = 120; // characters kept free for what changes besides the answers
const NOTHING_NEW = {
  seconds: 0, place: null, state: null, language: null, captions: null, progress: null, seen: null, score: null,
  answers: [], texts: {}, times: {},
};

/* rule: {sections: [all ids], required: [ids], questions: how many answers, mastery: percent or null}
   tools: {now() ms, after(ms, act) -> handle, cancel(handle), news(kind), language() of the page,
           collect(): take the answers that are being typed, joined(begun): the LMS came later} */
function makeSession(lms, deviceFor, rule, tools) {
  let stage = "new";
  let device = deviceFor((lms && lms.learner) || "");
  let finished = false; // by the author's rule, now or in an earlier sitting
  let settled = false; // the LMS has had a final status since before: it stays as it is
  let best = 0; // percent of the rule, the most that was ever done
  let failed = false; // somebody else's judgement, with which no score of ours may interfere
  let foreign = false; // the LMS holds a state that is not ours to overwrite
  let news = ""; // the kind told last
  let settledNews = ""; // the last of SAVED_NEWS
  let failures = 0; // Commits in a row
  let slowness = 0; // ms that the last Commit took
  let resending = false; // what the device had is being sent
  let atStart = null; // what the device had, while the LMS is not known
  let dirty = false;
  let changes = 0; // counted, to know whether there were any while an LMS took its time to answer
  let unheard = false; // an LMS has not answered yet to Finish
  let waiting = null; // the timer of the next write
  let since = 0; // of the first change that is not written
  let visibleFrom = tools.now();
  let visibleFor = 0;
  const journal = {}; // question -> the text that the LMS has as interactions
  const refused = {}; // question -> a text for which there is no room
  let state = emptyState();
  const own = { place: "", seen: [], answers: {} }; // of this sitting
  let learner = { id: null, name: null }; // as the LMS said
  let chosen = null; // a language chosen in this sitting
  let wanted = null; // whether captions are, if that was chosen in this sitting

  function start() {
    const told = lms && lms.start() ? lms.read() : null;
    if (told && !isDoubtful(told, 0)) {
      join(told);
    } else {
      stage = told ? "asking" : "alone";
      if (told) device = deviceFor(told.learner || lms.learner || "");
      atStart = device.read();
      restore(null);
      Object.assign(journal, state.answers);
      if (told) askAgain(1);
    }
    tell(firstNews(told));
    return begun(told);
  }

  /* An LMS that appears later. False if it refuses. */
  function connect(found) {
    if (stage !== "alone") return true;
    if (!found.start()) return false;
    lms = found;
    stage = "asking";
    ask(0);
    return true;
  }

  function ask(tries) {
    const told = lms.read();
    if (isDoubtful(told, tries)) {
      askAgain(tries + 1);
      return;
    }
    tools.collect();
    join(told);
    tell(firstNews(told));
    tools.joined(begun(told));
  }

  function askAgain(tries) {
    tools.after(Math.min(AGAIN, FIRST_ASK * 2 ** (tries - 1)), () => {
      if (stage === "asking") ask(tries);
    });
  }

  function isDoubtful(told, tries) {
    return told.doubtful || (told.hollow && tries < MOST_HOLLOW);
  }

  function begun(told) {
    const wish = told ? told.captions : null;
    return {
      stage, language: state.language, place: state.place,
      preferred: (told && told.language) || device.language(),
      captions: typeof wish === "boolean" ? wish : device.captions(), silent: Boolean(told && told.silent),
    };
  }

  /* Go on with what the LMS has. What this sitting wrote before is added; the device gets back what it had. */
  function join(told) {
    const { times } = state;
    const isOpen = told.mode === "normal";
    if (atStart && isOpen) putBack();
    stage = isOpen ? "open" : "watching";
    device = deviceFor(told.learner);
    learner = { id: told.learner || null, name: told.name || null };
    finished = told.finished;
    settled = told.settled || told.finished;
    failed = told.failed;
    best = told.score || 0;
    foreign = false;
    state = emptyState();
    restore(told);
    Object.keys(journal).forEach((id) => delete journal[id]);
    Object.assign(journal, state.answers);
    const written = Object.keys(own.answers).map((id) => [id, both(state.answers[id] || "", own.answers[id])]);
    if (!isOpen) {
      Object.assign(refused, Object.fromEntries(written));
      return;
    }
    lms.write({ ...NOTHING_NEW, status: status() });
    resending = takeUpFromDevice();
    addSeen(own.seen);
    state.place = own.place || state.place;
    state.language = chosen || state.language;
    written.forEach(([id, text]) => answer(id, text, text === own.answers[id] ? times[id] : undefined));
    if (written.length > 0) device.write(wholeState());
    changed();
  }

  function putBack() {
    if (atStart.text) device.write(atStart.text, atStart.sent);
    else device.clear();
  }

  function firstNews(told) {
    if (stage === "watching") return foreign ? "aside" : told.mode; // "over" where it was left before
    if (stage !== "open" && !device.works()) return "nowhere";
    if (stage === "asking") return "unread";
    if (stage === "open" && isOver()) return device.works() ? "too-long" : "too-long-unkept";
    return foreign ? "aside" : resending ? "found" : stage;
  }

  function tell(kind) {
    news = kind;
    if (SAVED_NEWS.includes(kind)) settledNews = kind;
    tools.news(kind);
  }

  /* Something is newer than what was saved. */
  function writing() {
    if (isTaking() && SAVED_NEWS.includes(news)) tell("pending");
  }

  function isTaking() {
    return ["open", "alone", "asking"].includes(stage);
  }

  function restore(told) {
    const word = told ? told.state : device.read().text;
    const read = readState(word, rule.sections);
    if (read.kind === "state") {
      state = read.state;
    } else if (read.kind !== "empty") {
      foreign = true;
      device.putAside(word);
    }
    if (told && rule.sections.includes(told.place)) state.place = told.place;
  }

  function addSeen(sections) {
    state.seen = rule.sections.filter((id) => state.seen.includes(id) || sections.includes(id));
  }

  /* What an earlier sitting left on this device. Of a state that was not sent, answers count that are newer than
     those of the LMS; of a copy of what the LMS confirmed, those that the LMS has lost, entirely or their end.
     True if the LMS did not have something. */
  function takeUpFromDevice() {
    const { text: word, sent } = device.read();
    const left = readState(word, rule.sections);
    if (left.kind !== "state") return false;
    const isNewer = left.state.time >= state.time;
    if (sent && !isNewer) return false;
    const isNews = (id) => {
      const [mine, theirs] = [left.state.answers[id], state.answers[id] || ""];
      if (theirs === "") return mine !== "";
      return mine !== theirs && isNewer && (!sent || mine.startsWith(theirs));
    };
    const wanted = Object.keys(left.state.answers).filter(isNews);
    if (!sent && !isNewer) device.putAside(word);
    addSeen(left.state.seen);
    wanted.forEach((id) => answer(id, left.state.answers[id], left.state.times[id]));
    return wanted.length > 0;
  }

  function status() {
    if (settled) return null;
    return finished ? "completed" : "incomplete";
  }

  function room() {
    if (stage !== "open") return Infinity;
    return lms.limits.state - SPARE;
  }

  function sizeWith(answers) {
    return writeState({ ...state, answers }, rule.sections).length;
  }

  /* Takes an answer. {kept: true, left} with the characters left in the state, or {kept: false, over} with the
     characters by which the text must be shorter if the LMS has no room: then the text stays on the page, and on
     this device if it can keep it. `times`: of an answer that was written before. */
  function answer(question, text, times) {
    if (!isTaking()) return { kept: false, over: 0 };
    stamp(question, text, times);
    own.answers[question] = text;
    const answers = { ...state.answers, [question]: text };
    const size = sizeWith(answers);
    if (size > room()) {
      refused[question] = text;
      keepRefused();
      return { kept: false, over: text.length - fittingLength(question, text) };
    }
    const wasRefused = question in refused;
    delete refused[question];
    if (state.answers[question] !== text && (text !== "" || question in state.answers)) {
      state.answers = answers;
      retryRefused(question);
      changed();
    } else if (wasRefused) {
      changed();
    } else if (news === "pending" && !dirty) {
      tell(settledNews);
    }
    return { kept: true, left: room() - size };
  }

  function isOver() {
    return Object.keys(refused).length > 0;
  }

  function keepRefused() {
    whenTold(device.write(wholeState()), (kept) => {
      const kind = kept ? "too-long" : "too-long-unkept";
      if (stage === "open" && isOver() && news !== kind) tell(kind);
    });
  }

  /* How many characters of a text fit, with some slack: tried out, between two lengths that come closer, in turns
     where their sizes point to and in the middle. */
  function fittingLength(question, text) {
    const sizeOf = (length) => sizeWith({ ...state.answers, [question]: text.slice(0, length) });
    const goal = room() - SLACK;
    let [low, high] = [0, text.length];
    let [lowSize, highSize] = [sizeOf(0), sizeOf(text.length)];
    for (let turn = 0; high - low > 10 && lowSize <= goal; turn += 1) {
      const share = turn % 2 === 0 ? (goal - lowSize) / (highSize - lowSize) : 0.5;
      const middle = Math.min(high - 5, Math.max(low + 5, low + Math.floor(share * (high - low))));
      const size = sizeOf(middle);
      if (size <= goal) [low, lowSize] = [middle, size];
      else [high, highSize] = [middle, size];
    }
    return low;
  }

  function stamp(question, text, times) {
    if (text === (allAnswers()[question] || "")) return;
    const now = tools.now();
    const { written } = state.times[question] || { written: now };
    state.times = { ...state.times, [question]: times || { written, changed: now, language: tools.language() } };
    if (text === "") delete state.times[question];
  }

  /* A shortened answer may have made room for another one. */
  function retryRefused(except) {
    Object.keys(refused).forEach((id) => {
      const answers = { ...state.answers, [id]: refused[id] };
      if (id === except || sizeWith(answers) > room()) return;
      state.answers = answers;
      delete refused[id];
    });
  }

  function seen(section) {
    if (state.seen.includes(section)) return;
    own.seen.push(section);
    addSeen([section]);
    changed();
  }

  function place(section) {
    if (state.place === section) return;
    state.place = own.place = section;
    changed();
  }

  function language(tag) {
    state.language = chosen = tag;
    device.wantLanguage(tag);
    changed();
  }

  function captions(shown) {
    wanted = shown;
    device.wantCaptions(shown);
    changed();
  }

  function progress() {
    return finished ? 1 : measureOf(rule, state);
  }

  /* In percent, from the author's mastery on; null below it. */
  function score() {
    return rule.mastery && !failed && best >= rule.mastery ? best : null;
  }

  function changed() {
    if (!isTaking()) return;
    writing();
    if (!dirty) since = tools.now();
    dirty = true;
    changes += 1;
    const before = { finished, score: score() };
    finished = progress() === 1;
    best = Math.max(best, percentOf(progress()));
    if (finished && !before.finished) tell("finished");
    if (finished !== before.finished || (score() !== null && before.score === null)) {
      save();
      return;
    }
    plan(Math.max(0, Math.min(Math.max(QUIET, 3 * slowness), since + LONGEST_WAIT - tools.now())));
  }

  function plan(delay) {
    if (waiting !== null) tools.cancel(waiting);
    waiting = tools.after(delay, () => {
      waiting = null;
      save();
    });
  }

  /* Save everything in the LMS or on the device. True if that succeeded. */
  function save() {
    if (isTaking()) tools.collect();
    if (!dirty || !isTaking()) return true;
    if (waiting !== null) tools.cancel(waiting);
    waiting = null;
    state.time = tools.now();
    if (stage === "open") return saveToLms();
    return saveToDevice(stage === "alone" ? "kept" : "unread");
  }

  function saveToLms() {
    const begin = tools.now();
    const answer = send();
    if (!isLater(answer)) slowness = tools.now() - begin; // it blocks the page
    return whenTold(answer, (taken) => {
      if (stage !== "open") return taken; // left meanwhile, which has news of its own
      failures = taken ? 0 : failures + 1;
      tools.collect(); // what was typed meanwhile is not saved
      const isFirst = news === "open" && finished && changes === 1; // nothing was done: "completed" stays
      if (taken && !dirty && !isOver() && !isFirst) {
        tell(foreign ? "aside" : resending ? "resent" : "saved");
        resending = false;
      }
      if (taken && isOver()) keepRefused();
      if (taken) return true;
      saveToDevice("unsaved");
      plan(Math.min(AGAIN, FIRST_AGAIN * 2 ** (failures - 1)));
      return false;
    });
  }

  /* Continue with the result of the LMS, at once or when it arrives. */
  function whenTold(answer, goOn) {
    return isLater(answer) ? answer.then(goOn) : goOn(answer);
  }

  function isLater(answer) {
    return typeof answer === "object";
  }

  /* All that is new, to the LMS. `leaving`: Finish follows, and may succeed where Commit did not; `gone`:
     nobody can wait for an answer. */
  function send(leaving, gone) {
    const answers = Object.keys(state.answers)
      .filter((id) => journal[id] !== state.answers[id])
      .map((question) => ({
        question, text: state.answers[question], before: journal[question],
        language: (state.times[question] || {}).language,
      }));
    const written = lms.write({
      status: status(),
      seconds: seconds(),
      place: state.place || null,
      state: foreign ? null : writeState(state, rule.sections),
      language: chosen,
      captions: wanted,
      progress: progress(),
      score: score(),
      seen: state.seen.slice(),
      answers,
      texts: foreign ? {} : state.answers,
      times: state.times,
      leaving: Boolean(leaving),
    });
    const before = changes;
    const committed = lms.commit();
    const ended = leaving ? lms.finish(gone) : false;
    if (!isLater(committed)) return written && took(answers, before, committed || ended);
    device.write(wholeState());
    if (gone) return false;
    return Promise.all([committed, ended]).then((taken) => took(answers, before, taken.includes(true)));
  }

  function took(answers, before, taken) {
    if (!taken) return false;
    answers.forEach(({ question, text }) => (journal[question] = text));
    if (changes !== before) return true;
    dirty = false;
    device.write(wholeState(), !foreign && !isOver());
    return true;
  }

  function saveToDevice(kind) {
    const before = changes;
    const last = stage;
    return whenTold(device.write(wholeState()), (taken) => {
      if (stage !== last) return taken;
      if (taken && stage === "alone" && changes === before) dirty = false;
      if (dirty && stage === "alone" && taken) return true;
      tell(taken ? kind : stage === "alone" ? "nowhere" : "unkept");
      return taken;
    });
  }

  function allAnswers() {
    return { ...state.answers, ...refused };
  }

  function wholeState() {
    return writeState({ ...state, time: tools.now(), answers: allAnswers() }, rule.sections);
  }

  function seconds() {
    return (visibleFor + (visibleFrom === null ? 0 : tools.now() - visibleFrom)) / 1000;
  }

  function hidden() {
    visibleFor = seconds() * 1000;
    visibleFrom = null;
    save();
  }

  function shown() {
    if (visibleFrom === null) visibleFrom = tools.now();
  }

  /* Save and leave, or the end of the page (`gone`): the only two ways to the LMS's Finish. The stage changes
     first, so that nothing can lead here a second time; but an LMS that has not answered is told when the
     page goes. False if the page alone has the work now; a promise of that where the LMS answers later. */
  function leave(gone) {
    if (gone && unheard) lms.finish(true);
    if (stage === "closed" || stage === "new") return true;
    if (waiting !== null) tools.cancel(waiting);
    waiting = null;
    const last = stage;
    stage = "closed";
    state.time = tools.now();
    const told = last === "alone" ? false : last === "open" ? send(true, gone) : lms.finish(gone);
    unheard = isLater(told);
    if (unheard) tell("leaving");
    return whenTold(told, (taken) => {
      unheard = false;
      const saved = last === "watching" || (last === "open" && taken && !isOver()) || (last === "asking" && !dirty);
      if (saved && last === "open" && !gone && !foreign) device.clear();
      return whenTold(saved || device.write(wholeState()), (kept) => {
        tell(!kept ? "left-unkept" : saved || last === "alone" ? "left" : "left-unsaved");
        return kept;
      });
    });
  }

  function pageHidden(keptByBrowser) {
    if (keptByBrowser) hidden();
    else leave(true);
  }

  return {
    start, connect, writing, answer, seen, place, language, captions, save, hidden, shown, leave, pageHidden,
    stage: () => stage,
    finished: () => finished,
    answers: allAnswers,
    times: () => state.times,
    learner: () => learner,
    refused: (question) => question in refused,
    returnTo: () => (lms && lms.returnTo ? lms.returnTo() : null),
    seenSections: () => state.seen.slice(),
  };
}

function emptyState() {
  return { language: "", place: "", time: 0, seen: [], answers: {}, times: {} };
}

/* A stored text and one that was written without seeing it: both, unless one contains the other. */
function both(stored, written) {
  if (written.trim() === "" || stored.split("\n\n").includes(written) || stored === written) return stored;
  if (written.startsWith(stored)) return written;
  return `${stored.trimEnd()}\n\n${written}`;
}
