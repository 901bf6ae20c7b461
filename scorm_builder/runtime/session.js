/* The state machine of a learner session: what is sent to the LMS, and when.
 *
 *   phase     means                                          sent to the LMS
 *   new       nothing done yet                               nothing
 *   open      Initialize succeeded, lesson mode normal       everything below
 *   reading   Initialize succeeded, but reading the LMS's    nothing until Finish: the state is stored on this device
 *             data failed
 *   readOnly  Initialize succeeded, mode review or browse    nothing until Finish
 *   alone     no API, or Initialize refused or threw         nothing: the state is stored on this device
 *   closed    Finish was called                              nothing, ever again
 *
 *   in        when                          action                                        next phase
 *   new       start, API found              Initialize, read                              open | readOnly |
 *                                                                                         reading | alone
 *   new       start, no API                 read the device                               alone
 *   alone     the API appears (connect)     Initialize, read; add what was written        open | readOnly |
 *                                           meanwhile                                     reading | alone
 *   reading   after 0.5, 1, 2 … 30 s        read; if that succeeds, add what was          open | readOnly
 *                                           written meanwhile. If the LMS resumes without
 *                                           a state, that is accepted after 3.5 s
 *   open      at once                       status incomplete unless finished before;
 *                                           exit suspend                                  open
 *   open      a change (section seen,       write 0.5 s after the last change (three      open
 *             answer, place, language)      times as long as the last Commit took, if that
 *                                           is longer), at most 5 s after the first: set
 *                                           values, Commit
 *   open      the author's rule fulfilled   status completed, Commit at once              open
 *   open      the author's mastery reached  the score from now on, Commit at once         open
 *   open      page hidden (visibility)      write now, if anything changed                open
 *   open      pagehide, page cached         write now (it may come back, or not)          open
 *   open      pagehide, page discarded      write, Finish, once                           closed
 *   open      Save and leave                write, Finish, once; wait for an asynchronous closed
 *                                           LMS, unless the page unloads
 *   open      the LMS refuses or throws     store the state on the device; show a         open
 *                                           message; retry after 3, 6, 12 … 30 s, or when
 *                                           the connection is back
 *   open      the LMS confirmed             store a copy on the device, marked as sent,   open
 *                                           until the next session finds it in the LMS
 *                                           (some LMSs confirm and lose it); Save and
 *                                           leave removes it
 *   open      an asynchronous LMS (cmi5.js) store the state on the device until it        open
 *             was sent to                   responds; then show whether it was saved
 *   readOnly  pagehide discarded, leave     Finish                                        closed
 *   alone     a change, hidden, pagehide    store the state on the device                 alone
 *   alone     Save and leave                store the state on the device                 closed
 *   any       the device cannot store       show a message: only the page has the work;
 *             either                        copy it before closing the page               as above
 *   closed    anything                      nothing
 *
 * The page says "saved" only while nothing is newer than what was confirmed.
 *
 * Never: `unload` or `beforeunload` (deprecated in browsers); a write in review or browse mode (Moodle would
 * store it); a score below the author's mastery (see measure.js); a status or a score that decreases; overwriting
 * a state that could not be read. Of two texts for one question both are kept, unless one contains the other.
 *
 * Events, clock and timers are parameters, so that every line of the table above can be tested.
 */

/* The adapters by the name of their API object; the first one is preferred. */
const STANDARDS = {};

/* Standards with an asynchronous launch add a function here. Given the window, it returns a promise of a function that
   makes the adapter for a page (never rejected), or null if the page was not launched by that standard. */
const LAUNCHES = [];

const SAVE_DELAY = 500;
const MAX_SAVE_DELAY = 5000;
const MAX_RETRY_DELAY = 30000;
const FIRST_SAVE_RETRY = 3000;
const FIRST_READ_RETRY = 500;
const MAX_READS_WITHOUT_STATE = 3; // reads without a state, although the LMS resumes, until that is accepted
const SAVED_MESSAGES = ["saved", "resent", "on-device"];
const RESERVED_LENGTH = 120; // characters reserved for what changes besides the answers
const EMPTY_RECORD = {
  seconds: 0, place: null, state: null, language: null, captions: null, progress: null, seen: null, score: null,
  answers: [], texts: {}, times: {},
};

/* rule: {sections: [all ids], required: [ids], questions: how many answers, mastery: percent or null}
   tools: {now() ms, setTimer(ms, action) -> handle, clearTimer(handle), onMessage(kind), language() of the page,
           collectInput(): pass on the answers that are being typed, onConnected(settings): the LMS appeared late} */
function makeSession(lms, deviceFor, rule, tools) {
  let phase = "new";
  let device = deviceFor((lms && lms.learner) || "");
  let isFinished = false; // by the author's rule, now or in an earlier session
  let isStatusFinal = false; // the LMS had a final status at the start: do not change it
  let bestPercent = 0; // the highest percentage of the rule ever reached
  let hasFailed = false; // failed by the LMS or a teacher: set no score
  let hasUnknownState = false; // the stored state cannot be read and must not be overwritten
  let message = ""; // the kind of the last one
  let lastSavedMessage = ""; // the last of SAVED_MESSAGES
  let failedCommits = 0; // consecutive
  let commitDuration = 0; // ms that the last Commit took
  let isResending = false; // answers from the device are being sent
  let deviceAtStart = null; // what the device had, until the LMS's data was read
  let isDirty = false;
  let changeCount = 0; // detects changes made while an asynchronous LMS responds
  let isFinishPending = false; // an asynchronous LMS has not responded to Finish yet
  let firstChangeAt = 0; // ms; the first change that is not saved
  const sentAnswers = {}; // question -> the text that the LMS has
  let learner = { id: null, name: null }; // as given by the LMS
  let chosenLanguage = null; // the language chosen in this session
  let chosenCaptions = null; // captions on or off, if chosen in this session
  const work = makeSessionState(rule, tools, stateCapacity);
  const { thisSession, hasOversized } = work;
  const visibleTime = makeVisibleTime(tools.now);
  const saveTimer = makeTimer(tools, save);

  function start() {
    const launchData = lms && lms.start() ? lms.read() : null;
    if (launchData && !isUncertain(launchData, 0)) {
      resumeFromLms(launchData);
    } else {
      phase = launchData ? "reading" : "alone";
      if (launchData) device = deviceFor(launchData.learner || lms.learner || "");
      deviceAtStart = device.read();
      restore(null);
      Object.assign(sentAnswers, work.current().answers);
      if (launchData) retryRead(1);
    }
    showMessage(firstMessage(launchData));
    return startSettings(launchData);
  }

  /* Connect to an LMS that appears late. False if it refuses. */
  function connect(adapter) {
    if (phase !== "alone") return true;
    if (!adapter.start()) return false;
    lms = adapter;
    phase = "reading";
    readLms(0);
    return true;
  }

  function readLms(tries) {
    const launchData = lms.read();
    if (isUncertain(launchData, tries)) {
      retryRead(tries + 1);
      return;
    }
    tools.collectInput();
    resumeFromLms(launchData);
    showMessage(firstMessage(launchData));
    tools.onConnected(startSettings(launchData));
  }

  function retryRead(tries) {
    tools.setTimer(Math.min(MAX_RETRY_DELAY, FIRST_READ_RETRY * 2 ** (tries - 1)), () => {
      if (phase === "reading") readLms(tries);
    });
  }

  function isUncertain(launchData, tries) {
    return launchData.isUncertain || (launchData.isStateMissing && tries < MAX_READS_WITHOUT_STATE);
  }

  function startSettings(launchData) {
    const preference = launchData ? launchData.captions : null;
    return {
      phase, language: work.current().language, place: work.current().place,
      preferred: (launchData && launchData.language) || device.language(),
      captions: typeof preference === "boolean" ? preference : device.captions(),
      isMuted: Boolean(launchData && launchData.isMuted),
    };
  }

  /* Continue with the LMS's data, adding what was written before in this session. The device gets its earlier data
     back. */
  function resumeFromLms(launchData) {
    const { times } = work.current();
    const isOpen = launchData.mode === "normal";
    if (deviceAtStart && isOpen) restoreDevice();
    phase = isOpen ? "open" : "readOnly";
    device = deviceFor(launchData.learner);
    learner = { id: launchData.learner || null, name: launchData.name || null };
    isFinished = launchData.finished;
    isStatusFinal = launchData.isStatusFinal || launchData.finished;
    hasFailed = launchData.failed;
    bestPercent = launchData.score || 0;
    hasUnknownState = false;
    restore(launchData);
    Object.keys(sentAnswers).forEach((id) => delete sentAnswers[id]);
    Object.assign(sentAnswers, work.current().answers);
    const state = work.current();
    const written = Object.entries(thisSession.answers)
      .map(([id, text]) => [id, mergeTexts(state.answers[id] || "", text)]);
    if (!isOpen) {
      work.addReadOnly(Object.fromEntries(written));
      return;
    }
    lms.write({ ...EMPTY_RECORD, status: lessonStatus() });
    isResending = mergeFromDevice();
    work.addSeen(thisSession.seen);
    state.place = thisSession.place || state.place;
    state.language = chosenLanguage || state.language;
    written.forEach(([id, text]) => answer(id, text, text === thisSession.answers[id] ? times[id] : undefined));
    if (written.length > 0) device.write(work.encodeForDevice());
    changed();
  }

  function restoreDevice() {
    if (deviceAtStart.text) device.write(deviceAtStart.text, deviceAtStart.sent);
    else device.clear();
  }

  function firstMessage(launchData) {
    if (phase === "readOnly") return hasUnknownState ? "unreadable-state" : launchData.mode; // "over": left before (cmi5)
    if (phase !== "open" && !device.isAvailable()) return "no-storage";
    if (phase === "reading") return "unread";
    if (phase === "open" && hasOversized()) return device.isAvailable() ? "too-long" : "too-long-page-only";
    return hasUnknownState ? "unreadable-state" : isResending ? "found" : phase;
  }

  function showMessage(kind) {
    message = kind;
    if (SAVED_MESSAGES.includes(kind)) lastSavedMessage = kind;
    tools.onMessage(kind);
  }

  /* The learner is typing: there is input that is not saved. */
  function writing() {
    if (acceptsChanges() && SAVED_MESSAGES.includes(message)) showMessage("pending");
  }

  function acceptsChanges() {
    return ["open", "alone", "reading"].includes(phase);
  }

  function restore(launchData) {
    const encoded = launchData ? launchData.state : device.read().text;
    const kind = work.load(encoded);
    if (kind !== "state" && kind !== "empty") {
      hasUnknownState = true;
      device.backUp(encoded);
    }
    if (launchData && rule.sections.includes(launchData.place)) work.current().place = launchData.place;
  }

  /* Add what an earlier session left on this device. True if the LMS did not have some of it. */
  function mergeFromDevice() {
    const state = work.current();
    const { text: encoded, sent } = device.read();
    const stored = readState(encoded, rule.sections);
    if (stored.kind !== "state") return false;
    const isNewer = stored.state.time >= state.time;
    if (sent && !isNewer) return false;
    const missing = answersMissingFrom(state, stored.state, sent);
    if (!sent && !isNewer) device.backUp(encoded);
    work.addSeen(stored.state.seen);
    missing.forEach((id) => answer(id, stored.state.answers[id], stored.state.times[id]));
    return missing.length > 0;
  }

  function lessonStatus() {
    if (isStatusFinal) return null;
    return isFinished ? "completed" : "incomplete";
  }

  function stateCapacity() {
    if (phase !== "open") return Infinity;
    return lms.limits.state - RESERVED_LENGTH;
  }

  /* Store an answer; the result of setAnswer. A text for which the LMS has no room stays on the page, and on this device
     if possible. */
  function answer(question, text, times) {
    if (!acceptsChanges()) return { isAccepted: false, excess: 0 };
    const outcome = work.setAnswer(question, text, times);
    if (!outcome.isAccepted) storeOversized();
    else if (outcome.isChanged) changed();
    else if (message === "pending" && !isDirty) showMessage(lastSavedMessage);
    return outcome;
  }

  function storeOversized() {
    whenDone(device.write(work.encodeForDevice()), (isStored) => {
      const kind = isStored ? "too-long" : "too-long-page-only";
      if (phase === "open" && hasOversized() && message !== kind) showMessage(kind);
    });
  }

  function seen(section) {
    if (work.current().seen.includes(section)) return;
    thisSession.seen.push(section);
    work.addSeen([section]);
    changed();
  }

  function place(section) {
    const state = work.current();
    if (state.place === section) return;
    state.place = thisSession.place = section;
    changed();
  }

  function language(tag) {
    work.current().language = chosenLanguage = tag;
    device.setLanguage(tag);
    changed();
  }

  function captions(shown) {
    chosenCaptions = shown;
    device.setCaptions(shown);
    changed();
  }

  function progress() {
    return isFinished ? 1 : measureOf(rule, work.current());
  }

  /* In percent, from the author's mastery on; null below it. */
  function score() {
    return rule.mastery && !hasFailed && bestPercent >= rule.mastery ? bestPercent : null;
  }

  function changed() {
    if (!acceptsChanges()) return;
    writing();
    if (!isDirty) firstChangeAt = tools.now();
    isDirty = true;
    changeCount += 1;
    const before = { finished: isFinished, score: score() };
    isFinished = progress() === 1;
    bestPercent = Math.max(bestPercent, percentOf(progress()));
    if (isFinished && !before.finished) showMessage("finished");
    if (isFinished !== before.finished || (score() !== null && before.score === null)) {
      save();
      return;
    }
    const quiet = Math.max(SAVE_DELAY, 3 * commitDuration);
    saveTimer.schedule(Math.max(0, Math.min(quiet, firstChangeAt + MAX_SAVE_DELAY - tools.now())));
  }

  /* Save everything in the LMS or on the device. True if that succeeded. */
  function save() {
    if (acceptsChanges()) tools.collectInput();
    if (!isDirty || !acceptsChanges()) return true;
    saveTimer.cancel();
    work.current().time = tools.now();
    if (phase === "open") return saveToLms();
    return saveToDevice(phase === "alone" ? "on-device" : "unread");
  }

  function saveToLms() {
    const startedAt = tools.now();
    const result = send();
    if (!isPromise(result)) commitDuration = tools.now() - startedAt; // it blocks the page
    return whenDone(result, (isConfirmed) => {
      if (phase !== "open") return isConfirmed; // left meanwhile: leave() shows the message
      failedCommits = isConfirmed ? 0 : failedCommits + 1;
      tools.collectInput(); // what was typed meanwhile is not saved yet
      // the first save, without an action of the learner: keep the message "finished"
      const isFirstSave = message === "open" && isFinished && changeCount === 1;
      if (isConfirmed && !isDirty && !hasOversized() && !isFirstSave) {
        showMessage(hasUnknownState ? "unreadable-state" : isResending ? "resent" : "saved");
        isResending = false;
      }
      if (isConfirmed && hasOversized()) storeOversized();
      if (isConfirmed) return true;
      saveToDevice("unsaved");
      saveTimer.schedule(Math.min(MAX_RETRY_DELAY, FIRST_SAVE_RETRY * 2 ** (failedCommits - 1)));
      return false;
    });
  }

  /* Send everything new to the LMS. `isLeaving`: Finish follows, and may succeed where Commit did not; `isUnloading`: a
     response cannot be awaited. */
  function send(isLeaving, isUnloading) {
    const state = work.current();
    const answers = Object.keys(state.answers)
      .filter((id) => sentAnswers[id] !== state.answers[id])
      .map((question) => ({
        question, text: state.answers[question], before: sentAnswers[question],
        language: (state.times[question] || {}).language,
      }));
    const written = lms.write({
      status: lessonStatus(),
      seconds: visibleTime.seconds(),
      place: state.place || null,
      state: hasUnknownState ? null : work.encodeForLms(),
      language: chosenLanguage,
      captions: chosenCaptions,
      progress: progress(),
      score: score(),
      seen: state.seen.slice(),
      answers,
      texts: hasUnknownState ? {} : state.answers,
      times: state.times,
      leaving: Boolean(isLeaving),
    });
    const changesBefore = changeCount;
    const commitResult = lms.commit();
    const finishResult = isLeaving ? lms.finish(isUnloading) : false;
    if (!isPromise(commitResult)) return written && confirmSent(answers, changesBefore, commitResult || finishResult);
    device.write(work.encodeForDevice());
    if (isUnloading) return false;
    return Promise.all([commitResult, finishResult])
      .then((results) => confirmSent(answers, changesBefore, results.includes(true)));
  }

  function confirmSent(answers, changesBefore, isConfirmed) {
    if (!isConfirmed) return false;
    answers.forEach(({ question, text }) => (sentAnswers[question] = text));
    if (changeCount !== changesBefore) return true;
    isDirty = false;
    device.write(work.encodeForDevice(), !hasUnknownState && !hasOversized());
    return true;
  }

  function saveToDevice(kind) {
    const changesBefore = changeCount;
    const lastPhase = phase;
    return whenDone(device.write(work.encodeForDevice()), (isStored) => {
      if (phase !== lastPhase) return isStored;
      if (isStored && phase === "alone" && changeCount === changesBefore) isDirty = false;
      if (isDirty && phase === "alone" && isStored) return true;
      showMessage(isStored ? kind : phase === "alone" ? "no-storage" : "page-only");
      return isStored;
    });
  }

  function hidden() {
    visibleTime.hide();
    save();
  }

  /* Save and leave, or the page unloads (`isUnloading`): the only two callers of the LMS's Finish. The phase changes
     first, so that Finish is not called twice; but if an asynchronous LMS has not responded when the page unloads,
     it is sent again. False if only the page has the work now; a promise of that with an asynchronous LMS. */
  function leave(isUnloading) {
    if (isUnloading && isFinishPending) lms.finish(true);
    if (phase === "closed" || phase === "new") return true;
    saveTimer.cancel();
    const lastPhase = phase;
    phase = "closed";
    work.current().time = tools.now();
    const result = lastPhase === "alone" ? false
      : lastPhase === "open" ? send(true, isUnloading) : lms.finish(isUnloading);
    isFinishPending = isPromise(result);
    if (isFinishPending) showMessage("leaving");
    return whenDone(result, (isConfirmed) => {
      isFinishPending = false;
      const isSaved = lastPhase === "readOnly" || (lastPhase === "open" && isConfirmed && !hasOversized()) ||
        (lastPhase === "reading" && !isDirty);
      if (isSaved && lastPhase === "open" && !isUnloading && !hasUnknownState) device.clear();
      return whenDone(isSaved || device.write(work.encodeForDevice()), (isStored) => {
        const unsaved = lastPhase === "open" && hasOversized() ? "left-too-long" : "left-unsaved";
        showMessage(!isStored ? "left-page-only" : isSaved || lastPhase === "alone" ? "left" : unsaved);
        return isStored;
      });
    });
  }

  function pageHidden(isCached) {
    if (isCached) hidden();
    else leave(true);
  }

  return {
    start, connect, writing, answer, seen, place, language, captions, save, hidden, shown: visibleTime.show, leave,
    pageHidden,
    phase: () => phase,
    finished: () => isFinished,
    answers: work.allAnswers,
    times: () => work.current().times,
    learner: () => learner,
    refused: work.isOversized,
    returnTo: () => (lms && lms.returnTo ? lms.returnTo() : null),
    seenSections: () => work.current().seen.slice(),
  };
}
