/* A test harness for session.js: an LMS with switches, a manual clock, and device storage in memory (`kept`: states
   that were not sent, `copies`: states that the LMS confirmed; both by learner).
   `begin(given)` creates it; `log` lists the calls to the LMS, in order; `news` lists the statuses of the bar. */
function begin(given) {
  const harness = {
    given, log: [], news: [], time: 1800000000000, timers: [], kept: { ...given.kept }, aside: [], copies: { ...given.copies }, joins: [],
  };
  /* `given.later`: the LMS responds only when the test calls harness.answer(success). */
  const asked = [];
  const later = (taken) => (given.later ? new Promise((answer) => asked.push(answer)) : taken);
  harness.answer = async (taken) => {
    asked.splice(0).forEach((answer) => answer(taken));
    await new Promise((go) => setTimeout(go, 0));
  };
  const logCall = (name, detail) => harness.log.push(detail === undefined ? name : `${name} ${detail}`);
  harness.rejecting = Boolean(given.rejecting);
  harness.refusing = Boolean(given.refusing);
  harness.isUncertain = given.isUncertain;
  harness.isStateMissing = given.isStateMissing;
  harness.records = [];
  const lms = {
    limits: { state: given.room || 4096, place: 255 },
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
    read: () => ({ text: harness.kept[learner] || harness.copies[learner] || "", sent: !(learner in harness.kept) }),
    write: (text, sent) => {
      if (given.noDevice) return false;
      delete harness.kept[learner];
      delete harness.copies[learner];
      (sent ? harness.copies : harness.kept)[learner] = text;
      return true;
    },
    clear: () => [harness.kept, harness.copies].forEach((texts) => delete texts[learner]),
    isAvailable: () => !given.noDevice,
    captions: () => given.captions ?? null,
    setCaptions: (shown) => (given.captions = shown),
    language: () => given.languageWished || "",
    setLanguage: (tag) => (given.languageWished = tag),
    backUp: (text) => harness.aside.push(text),
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
    onMessage: (kind) => harness.news.push(kind),
    language: () => given.language || "es",
    collectInput: () => {
      const { typing } = given;
      delete given.typing;
      if (typing) harness.session.answer(...typing);
    },
    onConnected: (begun) => harness.joins.push(begun),
  });
  /* Advance the clock by `ms` and run the timers that are due. */
  harness.pass = (ms) => {
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
