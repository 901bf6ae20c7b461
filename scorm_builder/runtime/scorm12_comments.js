/* cmi.comments of SCORM 1.2 (RTE 3.4.4): all answers in one text, in the order of the questions, so that each can be
 * read completely in a report of the LMS.
 *
 *   • 1. The first answer • 3. The third • … 2, 4: cmi.interactions
 *
 * An answer that does not fit completely is omitted; the end of the text lists its question and where the answer is.
 * LMSs treat a value that is set in different ways:
 *
 *   an LMS     does with the value            what is set
 *   replaces   the usual way                  the whole text, whenever it changed
 *   appends    adds it to the existing text   the new part, at the end of the session, because nothing can be
 *              (Moodle and its app), across   removed: an answer that was continued gets the rest, any other
 *              sessions too                   changed one a new entry; the last one counts. After the note about
 *                                             omitted answers nothing follows
 *   none       stores nothing                 nothing
 *
 * Setting "" shows which: it clears the value in the first kind and changes nothing in the second. An LMS whose reads do
 * not show what was set (Open edX returns the values of the launch) cannot be tested and is treated as the first kind.
 */

const COMMENTS = "cmi.comments";
const MAX_COMMENTS = 4096;

/* get, set: of api_client.js; setUncommitted: sets what must survive a failed Commit; isStale(): whether reads do not
   show what was set. */
function makeComments(get, set, setUncommitted, isStale) {
  let behaviour = null; // as in the table; null: not tested yet

  function detectBehaviour() {
    if (isStale()) return "replaces";
    const existing = get(COMMENTS) || (set(COMMENTS, "•") ? get(COMMENTS) : "");
    if (existing === "" || !set(COMMENTS, "")) return "none";
    const remaining = get(COMMENTS);
    return remaining === "" ? "replaces" : remaining === existing ? "appends" : "none";
  }

  /* answers: {number, text} of each question that has or had an answer. */
  function write(answers, leaving) {
    const entries = answers.map(({ number, text }) => ({ number, text: toCommentText(text) }));
    if (entries.length === 0) return;
    if (behaviour === null) behaviour = detectBehaviour();
    if (behaviour === "replaces") setUncommitted(COMMENTS, allComments(entries));
    if (behaviour === "appends" && leaving) append(entries);
  }

  /* Called before the last Commit, not between it and Finish: when a page unloads, Moodle sends both at once, and the
     one that arrives last counts. */
  function append(entries) {
    const existing = get(COMMENTS);
    const extended = extendedComments(existing, entries);
    if (extended.length > existing.length) set(COMMENTS, extended.slice(existing.length));
  }

  function resetUnsupported() {
    if (behaviour === "none") behaviour = null;
  }

  return { write, resetUnsupported };
}

/* The text on one line, without anything that looks like the start of an entry. */
function toCommentText(text) {
  return toSingleLine(text).replace(/•(?= (\d|…))/g, "·");
}

function formatComment({ number, text }) {
  return `• ${number}. ${text}`.trim();
}

function formatMissing(answers) {
  return `• … ${answers.map(({ number }) => number).join(", ")}: cmi.interactions`;
}

function allComments(entries) {
  const written = entries.filter(({ text }) => text !== "");
  const complete = written.map(formatComment).join(" ");
  if (complete.length <= MAX_COMMENTS) return complete;
  const available = MAX_COMMENTS - formatMissing(written).length;
  let text = "";
  const missing = written.filter((answer) => {
    const longer = `${text}${formatComment(answer)} `;
    if (longer.length > available) return true;
    text = longer;
    return false;
  });
  return text + formatMissing(missing);
}

/* The existing text, followed by the new entries that fit completely. */
function extendedComments(existing, entries) {
  if (/• … [\d, ]+: cmi\.interactions$/.test(existing)) return existing;
  const available = MAX_COMMENTS - formatMissing(entries).length - 1;
  let text = existing;
  const missing = entries.filter((answer) => {
    const longer = text + commentAddition(text, answer);
    if (longer.length > available) return longer.length > text.length;
    text = longer;
    return false;
  });
  const full = text + appended(text, formatMissing(missing));
  return missing.length === 0 || full.length > MAX_COMMENTS ? text : full;
}

function commentAddition(existing, answer) {
  const index = existing.lastIndexOf(`• ${answer.number}.`);
  const lastEntry = index < 0 ? null : existing.slice(index).split(/ (?=• \d+\.)/)[0];
  const entry = formatComment(answer);
  if (lastEntry === entry || (lastEntry === null && answer.text === "")) return "";
  const isContinued = lastEntry !== null && answer.text !== "" && existing.endsWith(lastEntry) &&
    entry.startsWith(lastEntry);
  if (isContinued) return entry.slice(lastEntry.length);
  return appended(existing, entry);
}

/* The text to append for an entry; the bullet may be there already, from detectBehaviour. */
function appended(existing, entry) {
  return existing === "•" ? entry.slice(1) : ` ${entry}`;
}
