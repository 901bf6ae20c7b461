/* cmi.comments of SCORM 1.2 (RTE 3.4.4): all answers in one text, in the order of the questions, so that each can be
 * read completely in a report of the LMS.
 *
 *   • 1. The first answer • 3. The third • … 2, 4: cmi.interactions
 *
 * An answer that does not fit completely is left out; the end names its question, and where the answer is. LMSs treat
 * a value that is set in different ways:
 *
 *   an LMS     does with the value            what is set
 *   replaces   the usual way                  the whole text, whenever it changed
 *   appends    adds it to the existing text   the new part, at the end of the sitting, because nothing can be
 *              (Moodle and its app), across   removed: an answer that was continued gets the rest, any other
 *              sittings too                   changed one a new entry; the last one counts. A full text says so,
 *                                             and nothing follows
 *   none       stores nothing                 nothing
 *
 * Setting "" shows which: it empties the value of the first kind and changes nothing for the second. An LMS whose reads
 * do not show what was set (Open edX gives the values of the launch) cannot be asked: it counts as the first kind.
 */

const COMMENTS = "cmi.comments";
const COMMENTS_ROOM = 4096;

/* get, set: of talk.js; tell: sets what must survive a Commit that fails; isStale: whether reads do not show what was
   set. */
function makeComments(get, set, tell, isStale) {
  let way = null; // as in the table; null: not asked

  function ask() {
    if (isStale()) return "replaces";
    const held = get(COMMENTS) || (set(COMMENTS, "•") ? get(COMMENTS) : "");
    if (held === "" || !set(COMMENTS, "")) return "none";
    const left = get(COMMENTS);
    return left === "" ? "replaces" : left === held ? "appends" : "none";
  }

  /* answers: {number, text} of each question that has an answer, or had one. */
  function write(answers, leaving) {
    const wanted = answers.map(({ number, text }) => ({ number, text: asComment(text) }));
    if (wanted.length === 0) return;
    if (way === null) way = ask();
    if (way === "replaces") tell(COMMENTS, wholeComments(wanted));
    if (way === "appends" && leaving) add(wanted);
  }

  /* Before the last Commit, not between it and Finish: when a page goes, Moodle sends both at once, and what
     arrives last counts. */
  function add(wanted) {
    const held = get(COMMENTS);
    const whole = grownComments(held, wanted);
    if (whole.length > held.length) set(COMMENTS, whole.slice(held.length));
  }

  function doubt() {
    if (way === "none") way = null;
  }

  return { write, doubt };
}

/* The text on one line, without anything that looks like the start of an entry. */
function asComment(text) {
  return flattened(text).replace(/•(?= (\d|…))/g, "·");
}

function commentOf({ number, text }) {
  return `• ${number}. ${text}`.trim();
}

function commentOfMissing(answers) {
  return `• … ${answers.map(({ number }) => number).join(", ")}: cmi.interactions`;
}

function wholeComments(wanted) {
  const written = wanted.filter(({ text }) => text !== "");
  const all = written.map(commentOf).join(" ");
  if (all.length <= COMMENTS_ROOM) return all;
  const room = COMMENTS_ROOM - commentOfMissing(written).length;
  let text = "";
  const missing = written.filter((one) => {
    const longer = `${text}${commentOf(one)} `;
    if (longer.length > room) return true;
    text = longer;
    return false;
  });
  return text + commentOfMissing(missing);
}

/* The existing text, followed by the new entries that fit completely. */
function grownComments(held, wanted) {
  if (/• … [\d, ]+: cmi\.interactions$/.test(held)) return held;
  const room = COMMENTS_ROOM - commentOfMissing(wanted).length - 1;
  let text = held;
  const missing = wanted.filter((one) => {
    const longer = text + additionTo(text, one);
    if (longer.length > room) return longer.length > text.length;
    text = longer;
    return false;
  });
  const full = text + behind(text, commentOfMissing(missing));
  return missing.length === 0 || full.length > COMMENTS_ROOM ? text : full;
}

function additionTo(held, one) {
  const at = held.lastIndexOf(`• ${one.number}.`);
  const last = at < 0 ? null : held.slice(at).split(/ (?=• \d+\.)/)[0];
  const entry = commentOf(one);
  if (last === entry || (last === null && one.text === "")) return "";
  const isContinued = last !== null && one.text !== "" && held.endsWith(last) && entry.startsWith(last);
  if (isContinued) return entry.slice(last.length);
  return behind(held, entry);
}

/* The text to append for an entry; the bullet may be there already, from the test. */
function behind(held, entry) {
  return held === "•" ? entry.slice(1) : ` ${entry}`;
}
