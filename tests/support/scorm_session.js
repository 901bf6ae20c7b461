/* A session (session.js) with the adapter of a standard and a strict runtime, on a page without the content of a
   package: for what the page does not decide. The questions are those of the small module. `texts` are on the device.
   Returns {session, messages, untrue}: what the bar would say, and the answers (short ones) that the LMS did not have
   when it said "saved". */
function beginScormSession(api, { sections, mastery, texts }) {
  const rule = { sections, required: sections, questions: 1, mastery };
  const questions = ["who-buys", "who-sells"].map((id, i) => ({ id, number: i + 1 }));
  const titles = { "who-buys": "Who buys?", "who-sells": "Who sells?" };
  const page = {
    module: rule, questions: () => questions, titleOf: (kind, id) => ({ text: titles[id] || id, language: "en" }),
  };
  const messages = [];
  const untrue = [];
  const onMessage = (kind) => {
    messages.push(kind);
    if (!["saved", "resent", "left"].includes(kind)) return;
    const saved = Object.values(window.lms.saved || {});
    const answers = Object.values(session.answers()).map((text) => text.replace(/\s+/g, " ").trim());
    untrue.push(...answers.filter((text) => text.length < 255 && !saved.includes(text)));
  };
  const deviceFor = (learner) => ({
    isAvailable: () => true,
    read: () => texts[learner] || { text: "", sent: false },
    write: (text, sent) => ((texts[learner] = { text, sent: Boolean(sent) }), true),
    clear: () => delete texts[learner],
    captions: () => null, setCaptions: () => {}, language: () => "", setLanguage: () => {}, backUp: () => {},
  });
  const session = makeSession(STANDARDS[api](window[api], page), deviceFor, rule, {
    now: () => Date.now(),
    setTimer: (ms, action) => setTimeout(action, ms),
    clearTimer: (handle) => clearTimeout(handle),
    onMessage,
    language: () => "en", collectInput: () => {}, onConnected: () => {},
  });
  session.start();
  return { session, messages, untrue };
}
