/* A stage for session.js: an LMS made of switches, a clock that moves when told, a device in memory (`kept`: what was
   not sent, `copies`: copies of what the LMS confirmed, by the learner).
   `begin(given)` sets it up; `log` is what the LMS was told, in order; `news` what the person was. */
function begin(given) {
  const stage = {
    given, log: [], news: [], time: 1800000000000, timers: [], kept: { ...given.kept }, aside: [], copies: { ...given.copies }, joins: [],
  };
  /* `given.later`: the LMS answers when the test calls stage.answer(whether it has all). */
  const asked = [];
  const later = (taken) => (given.later ? new Promise((answer) => asked.push(answer)) : taken);
  stage.answer = async (taken) => {
    asked.splice(0).forEach((answer) => answer(taken));
    await new Promise((go) => setTimeout(go, 0));
  };
  const tell = (name, fact) => stage.log.push(fact === undefined ? name : `${name} ${fact}`);
  stage.deaf = Boolean(given.deaf);
  stage.refusing = Boolean(given.refusing);
  stage.isUncertain = given.isUncertain;
  stage.isStateMissing = given.isStateMissing;
  stage.records = [];
  const lms = {
    limits: { state: given.room || 4096, place: 255 },
    learner: given.learner,
    start: () => (tell("start"), !given.refusesStart),
    read: () => ({
      mode: "normal", learner: "ana", language: "", place: "", state: "", finished: false, ...given.told,
      isUncertain: Boolean(stage.isUncertain), isStateMissing: Boolean(stage.isStateMissing),
      ...(stage.isUncertain || stage.isStateMissing ? { state: "" } : {}),
    }),
    write: (record) => {
      tell("write", [record.status || "-", record.state === null ? "-" : "state"].join(" "));
      stage.records.push(record);
      return !stage.refusing;
    },
    commit: () => (tell("commit"), later(!stage.deaf)),
    finish: (gone) => (tell("finish", given.later && gone ? "gone" : undefined), later(!stage.deaf)),
  };
  stage.lms = given.noApi ? null : lms;
  stage.late = lms; // for connect()
  const deviceFor = (learner) => ({
    read: () => ({ text: stage.kept[learner] || stage.copies[learner] || "", sent: !(learner in stage.kept) }),
    write: (text, sent) => {
      if (given.noDevice) return false;
      delete stage.kept[learner];
      delete stage.copies[learner];
      (sent ? stage.copies : stage.kept)[learner] = text;
      return true;
    },
    clear: () => [stage.kept, stage.copies].forEach((texts) => delete texts[learner]),
    isAvailable: () => !given.noDevice,
    captions: () => given.captions ?? null,
    setCaptions: (shown) => (given.captions = shown),
    language: () => given.languageWished || "",
    setLanguage: (tag) => (given.languageWished = tag),
    backUp: (text) => stage.aside.push(text),
  });
  const rule = {
    sections: ["one", "two", "three"], required: given.required || ["one", "two"],
    questions: given.questions || 0, mastery: given.mastery || null,
  };
  stage.session = makeSession(stage.lms, deviceFor, rule, {
    now: () => stage.time,
    setTimer: (ms, act) => {
      const timer = { at: stage.time + ms, act };
      stage.timers.push(timer);
      return timer;
    },
    clearTimer: (timer) => (stage.timers = stage.timers.filter((one) => one !== timer)),
    onMessage: (kind) => stage.news.push(kind),
    language: () => given.language || "es",
    collectInput: () => {
      const { typing } = given;
      delete given.typing;
      if (typing) stage.session.answer(...typing);
    },
    onConnected: (begun) => stage.joins.push(begun),
  });
  /* Lets `ms` pass, and what was due with them. */
  stage.pass = (ms) => {
    const end = stage.time + ms;
    for (;;) {
      const next = stage.timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      stage.timers = stage.timers.filter((one) => one !== next);
      stage.time = Math.max(stage.time, next.at);
      next.act();
    }
    stage.time = end;
  };
  /* The state that the LMS was last given, read. */
  stage.lastState = () => {
    const record = stage.records.filter((one) => one.state !== null).pop();
    return record ? readState(record.state, rule.sections).state : null;
  };
  stage.wordOf = (state) => writeState({ language: "", place: "", time: 0, seen: [], answers: {}, ...state }, rule.sections);
  return stage;
}
