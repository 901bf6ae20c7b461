/* The learner's work in one session: the state of state.js, and answers that are too long for it. No access to the
 * LMS or the device.
 */

const SHORTENING_MARGIN = 30; // characters that the place and the times may need until an answer is shortened

/* rule and tools: as in makeSession; capacity(): the length that the encoded state may have. */
function makeSessionState(rule, tools, capacity) {
  let state = emptyState();
  const oversized = {}; // question -> a text that does not fit
  const thisSession = { place: "", seen: [], answers: {} }; // what was done in this session

  /* Replace the state by an encoded one. Returns the kind that readState gives; unless it is "state", the
     state is empty. */
  function load(encoded) {
    const stored = readState(encoded, rule.sections);
    state = stored.kind === "state" ? stored.state : emptyState();
    return stored.kind;
  }

  function allAnswers() {
    return { ...state.answers, ...oversized };
  }

  /* The encoded state; without answers that do not fit. */
  function encodeForLms() {
    return writeState(state, rule.sections);
  }

  /* The encoded state with all answers and the current time. */
  function encodeForDevice() {
    return writeState({ ...state, time: tools.now(), answers: allAnswers() }, rule.sections);
  }

  function addSeen(sections) {
    state.seen = rule.sections.filter((id) => state.seen.includes(id) || sections.includes(id));
  }

  /* Store an answer: {isAccepted: true, isChanged, remaining} with the characters left in the state, or
     {isAccepted: false, excess} with the characters by which the text must be shorter. `times`: of an answer that
     was written before, otherwise now. */
  function setAnswer(question, text, times) {
    updateTimes(question, text, times);
    thisSession.answers[question] = text;
    const answers = { ...state.answers, [question]: text };
    const size = sizeWith(answers);
    if (size > capacity()) {
      oversized[question] = text;
      return { isAccepted: false, excess: text.length - fittingLength(question, text) };
    }
    const wasOversized = question in oversized;
    delete oversized[question];
    const isNew = state.answers[question] !== text && (text !== "" || question in state.answers);
    if (isNew) {
      state.answers = answers;
      retryOversized(question);
    }
    return { isAccepted: true, isChanged: isNew || wasOversized, remaining: capacity() - size };
  }

  function updateTimes(question, text, times) {
    if (text === (allAnswers()[question] || "")) return;
    const now = tools.now();
    const { written } = state.times[question] || { written: now };
    state.times = { ...state.times, [question]: times || { written, changed: now, language: tools.language() } };
    if (text === "") delete state.times[question];
  }

  function sizeWith(answers) {
    return writeState({ ...state, answers }, rule.sections).length;
  }

  /* How many characters of a text fit, less a margin. Searches between two lengths, by turns with interpolation of
     their sizes and with bisection. */
  function fittingLength(question, text) {
    const sizeOf = (length) => sizeWith({ ...state.answers, [question]: text.slice(0, length) });
    const target = capacity() - SHORTENING_MARGIN;
    let [low, high] = [0, text.length];
    let [lowSize, highSize] = [sizeOf(0), sizeOf(text.length)];
    for (let turn = 0; high - low > 10 && lowSize <= target; turn += 1) {
      const share = turn % 2 === 0 ? (target - lowSize) / (highSize - lowSize) : 0.5;
      const middle = Math.min(high - 5, Math.max(low + 5, low + Math.floor(share * (high - low))));
      const size = sizeOf(middle);
      if (size <= target) [low, lowSize] = [middle, size];
      else [high, highSize] = [middle, size];
    }
    return low;
  }

  /* A shortened answer may have made room for another one. */
  function retryOversized(exceptId) {
    Object.keys(oversized).forEach((id) => {
      const answers = { ...state.answers, [id]: oversized[id] };
      if (id === exceptId || sizeWith(answers) > capacity()) return;
      state.answers = answers;
      delete oversized[id];
    });
  }

  return {
    current: () => state,
    thisSession, load, allAnswers, encodeForLms, encodeForDevice, addSeen, setAnswer,
    isOversized: (question) => question in oversized,
    hasOversized: () => Object.keys(oversized).length > 0,
    /* Show answers that may not be written. */
    addReadOnly: (answers) => Object.assign(oversized, answers),
  };
}

function emptyState() {
  return { language: "", place: "", time: 0, seen: [], answers: {}, times: {} };
}

/* The ids of the answers on the device that the LMS does not have. Of a state that was not sent, these are the answers
   that are newer than those of the LMS; of a copy of what the LMS confirmed (`sent`), those that the LMS has lost,
   entirely or their end. */
function answersMissingFrom(lmsState, deviceState, sent) {
  const isNewer = deviceState.time >= lmsState.time;
  return Object.keys(deviceState.answers).filter((id) => {
    const [deviceText, lmsText] = [deviceState.answers[id], lmsState.answers[id] || ""];
    if (lmsText === "") return deviceText !== "";
    return deviceText !== lmsText && isNewer && (!sent || deviceText.startsWith(lmsText));
  });
}

/* Combine a stored text and one that was written without seeing it: both, unless one contains the other. */
function mergeTexts(stored, written) {
  if (written.trim() === "" || stored.split("\n\n").includes(written) || stored === written) return stored;
  if (written.startsWith(stored)) return written;
  return `${stored.trimEnd()}\n\n${written}`;
}
