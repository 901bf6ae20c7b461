/* The queue of requests to the LRS: our document, then the statements in order.
 *
 *   response of the LRS       for our document                    for a statement
 *   2xx                       sent                                sent
 *   409                                                           sent: the LRS has this id already
 *   412                       written by another window: read,
 *                             merge, try again
 *   none, 401, 404, 408,      later                               later; the following ones wait
 *   429, 5xx
 *   any other                 later                               refused: "initialized" is tried later, since nothing
 *                                                                 may precede it; an answer three times, because the
 *                                                                 document has its text; any other is dropped
 *
 * A round sends everything that is pending, and is true if the LRS has all of it. Rounds run one after the other. The
 * last requests, when the page is unloaded, do not wait: they are sent at once and survive the page (Fetch, keepalive:
 * 64 kB in all), including those that are under way; the ids make that harmless.
 */

const OUTLIVING = 60000; // bytes
const MOST_TRIES = 3;
const LATER = [0, 401, 404, 408, 429];

/* own: {text, etag} of the document as it was found; compose(theirs): its text now, with what somebody else
   wrote meanwhile, or null if that may not be overwritten. */
function makeOutbox(lrs, own, compose) {
  const queue = []; // {statement, taken(), tries}
  let wanted = false; // whether the document has something new
  let rounds = Promise.resolve(true);
  let over = false;
  let underway = false; // whether the document is just being sent
  let etag = own.etag;
  let found = own.text; // the document as the LRS has it; "" where there is none
  let mine = own.text; // as we last knew it
  let theirs = null; // what somebody else wrote since
  let guards = !(own.text && !own.etag); // whether the LRS tells versions apart

  const isTaken = (status) => status >= 200 && status < 300;
  const isLater = (status) => LATER.includes(status) || status >= 500;

  function send() {
    rounds = rounds.then(round);
    return rounds;
  }

  async function round() {
    if (over) return false;
    const kept = await sendDocument();
    if (kept === null) return false;
    const told = await sendStatements();
    return kept && told && (!wanted || (await sendDocument()) === true);
  }

  /* True if the LRS has it, null if it does not respond now, false if it refuses it. */
  async function sendDocument() {
    for (let tries = 0; wanted && tries < MOST_TRIES; tries += 1) {
      if (guards && etag === null && found !== "" && !(await look())) return null;
      const text = compose(theirs);
      if (text === null) return false;
      wanted = false;
      underway = true;
      const { status, etag: fresh } = await lrs.putState(CMI5_DOCUMENT, text, condition());
      underway = false;
      if (isTaken(status)) {
        [mine, found, etag] = [text, text, fresh];
        if (guards && etag === null) await look(); // an LRS need not say it at once
        return true;
      }
      wanted = true;
      if (status === 412) {
        etag = null;
        found = "?";
      } else if (status === 0 && guards && (await look())) {
        guards = false; // it answers, but not with a condition: some let no such header through
      } else {
        return isLater(status) ? null : false;
      }
    }
    return !wanted;
  }

  function condition() {
    if (!guards) return {};
    return found === "" ? { "If-None-Match": "*" } : { "If-Match": etag };
  }

  /* Read the current document. False if the LRS does not respond. */
  async function look() {
    const answer = await lrs.getState(CMI5_DOCUMENT);
    if (answer.status === 404 || answer.status === 204) {
      [found, etag] = ["", null];
      return true;
    }
    if (answer.status !== 200) return false;
    if (answer.text !== mine) theirs = answer.text;
    [found, etag] = [answer.text, answer.etag];
    guards = etag !== null;
    return true;
  }

  async function sendStatements() {
    let all = true;
    for (const item of queue.slice()) {
      const { status } = await lrs.putStatement(item.statement);
      if (over) return false;
      if (isTaken(status) || status === 409) leaveQueue(item);
      else if (isLater(status) || /initialized$/.test(item.statement.verb.id)) return false;
      else all = refuse(item, status) && all;
    }
    return all;
  }

  function leaveQueue(item) {
    queue.splice(queue.indexOf(item), 1);
    item.taken();
  }

  /* True if another try is useless. */
  function refuse(item, status) {
    item.tries += 1;
    if (/answered$/.test(item.statement.verb.id) && item.tries < MOST_TRIES) return false;
    console.warn(`cmi5: ${item.statement.verb.id} was refused: ${status}`);
    leaveQueue(item);
    return true;
  }

  function lastWords() {
    over = true;
    const text = wanted || underway ? compose(theirs) : null;
    const blind = underway || etag === null; // nobody knows what version will be there
    const words = queue.length > 0 ? JSON.stringify(queue.map((item) => item.statement)) : "";
    const sizes = [text || "", words].map((one) => new TextEncoder().encode(one).length);
    const both = sizes[0] + sizes[1] <= OUTLIVING;
    if (text !== null) lrs.putState(CMI5_DOCUMENT, text, blind ? {} : condition(), both);
    if (words) lrs.postStatements(words, sizes[1] <= OUTLIVING);
  }

  return {
    send, lastWords,
    want: () => (wanted = true),
    add: (statement, taken) => queue.push({ statement, taken: taken || (() => {}), tries: 0 }),
  };
}
