/* A test harness for session.js: an LMS with switches, a manual clock, and device storage in memory (`unsent`: states
   that were not sent, `confirmed`: states that the LMS confirmed; both by learner).
   `begin(given)` creates it; `log` lists the calls to the LMS, in order; `messages` lists the messages of the bar. */
function begin(given) {
  const harness = {
    given, log: [], messages: [], time: 1800000000000, timers: [], unsent: { ...given.unsent }, backups: [], confirmed: { ...given.confirmed }, connections: [],
  };
  /* `given.later`: the LMS responds only when the test calls harness.answer(success). */
  const pending = [];
  const later = (success) => (given.later ? new Promise((answer) => pending.push(answer)) : success);
  harness.answer = async (success) => {
    pending.splice(0).forEach((answer) => answer(success));
    await new Promise((go) => setTimeout(go, 0));
  };
  const logCall = (name, detail) => harness.log.push(detail === undefined ? name : `${name} ${detail}`);
  harness.rejecting = Boolean(given.rejecting);
  harness.refusing = Boolean(given.refusing);
  harness.isUncertain = given.isUncertain;
  harness.isStateMissing = given.isStateMissing;
  harness.records = [];
  const lms = {
    limits: { state: given.stateLimit || 4096, place: 255 },
    learner: given.learner,
    start: () => (logCall("start"), !given.refusesStart),
    read: () => ({
      mode: "normal", learner: "ana", language: "", place: "", state: "", finished: false, ...given.read,
      isUncertain: Boolean(harness.isUncertain), isStateMissing: Boolean(harness.isStateMissing),
      ...(harness.isUncertain || harness.isStateMissing ? { state: "" } : {}),
    }),
    write: (record) => {
      logCall("write", [record.status || "-", record.state === null ? "-" : "state"].join(" "));
      harness.records.push(record);
      return !harness.refusing;
    },
    commit: () => (logCall("commit"), later(!harness.rejecting)),
    finish: (gone) => (logCall("finish", given.later && gone ? "gone" : undefined), later(!harness.rejecting)),
  };
  harness.lms = given.noApi ? null : lms;
  harness.late = lms; // for connect()
  const deviceFor = (learner) => ({
    read: () => ({ text: harness.unsent[learner] || harness.confirmed[learner] || "", sent: !(learner in harness.unsent) }),
    write: (text, sent) => {
      if (given.noDevice) return false;
      delete harness.unsent[learner];
      delete harness.confirmed[learner];
      (sent ? harness.confirmed : harness.unsent)[learner] = text;
      return true;
    },
    clear: () => [harness.unsent, harness.confirmed].forEach((texts) => delete texts[learner]),
    isAvailable: () => !given.noDevice,
    captions: () => given.captions ?? null,
    setCaptions: (shown) => (given.captions = shown),
    language: () => given.chosenLanguage || "",
    setLanguage: (tag) => (given.chosenLanguage = tag),
    backUp: (text) => harness.backups.push(text),
  });
  const rule = {
    sections: ["one", "two", "three"], required: given.required || ["one", "two"],
    questions: given.questions || 0, mastery: given.mastery || null,
  };
  harness.session = makeSession(harness.lms, deviceFor, rule, {
    now: () => harness.time,
    setTimer: (ms, act) => {
      const timer = { at: harness.time + ms, act };
      harness.timers.push(timer);
      return timer;
    },
    clearTimer: (timer) => (harness.timers = harness.timers.filter((one) => one !== timer)),
    onMessage: (kind) => harness.messages.push(kind),
    language: () => given.language || "es",
    collectInput: () => {
      const { typing } = given;
      delete given.typing;
      if (typing) harness.session.answer(...typing);
    },
    onConnected: (begun) => harness.connections.push(begun),
  });
  /* Advance the clock by `ms` and run the timers that are due. */
  harness.wait = (ms) => {
    const end = harness.time + ms;
    for (;;) {
      const next = harness.timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      harness.timers = harness.timers.filter((one) => one !== next);
      harness.time = Math.max(harness.time, next.at);
      next.act();
    }
    harness.time = end;
  };
  /* Return the last state written to the LMS, decoded. */
  harness.lastState = () => {
    const record = harness.records.filter((one) => one.state !== null).pop();
    return record ? readState(record.state, rule.sections).state : null;
  };
  harness.encode = (state) => writeState({ language: "", place: "", time: 0, seen: [], answers: {}, ...state }, rule.sections);
  return harness;
}
