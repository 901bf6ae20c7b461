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
 * A round sends everything that is pending, and results in true if the LRS has all of it. Rounds run one after the
 * other. When the page unloads, all requests are sent at once and outlive the page (Fetch, keepalive: 64 kB in all),
 * including those in progress; repeating them is harmless because of the ids.
 */

const MAX_KEEPALIVE = 60000; // bytes
const MAX_TRIES = 3;
const RETRY_STATUSES = [0, 401, 404, 408, 429];

/* initial: {text, etag} of the document at the start; compose(otherText): its text now, merged with what another window
   or device wrote meanwhile (or null), or null if the document may not be overwritten. */
function makeOutbox(lrs, initial, compose) {
  const queue = []; // {statement, onSent(): called when the LRS has it, tries}
  let isDocumentPending = false; // whether the document has changes to send
  let rounds = Promise.resolve(true);
  let isClosed = false;
  let isSending = false; // whether a request with the document is in progress
  let etag = initial.etag;
  let storedText = initial.text; // the document in the LRS; "" if there is none
  let lastKnownText = initial.text; // the last version sent or read by this page
  let otherText = null; // a version that another window or device wrote since
  let hasVersions = !(initial.text && !initial.etag); // whether the LRS supports ETags

  const isAccepted = (status) => status >= 200 && status < 300;
  const isRetryable = (status) => RETRY_STATUSES.includes(status) || status >= 500;

  function send() {
    rounds = rounds.then(runRound);
    return rounds;
  }

  async function runRound() {
    if (isClosed) return false;
    const isDocumentSent = await sendDocument();
    if (isDocumentSent === null) return false;
    const areStatementsSent = await sendStatements();
    return isDocumentSent && areStatementsSent && (!isDocumentPending || (await sendDocument()) === true);
  }

  /* True if the LRS has the document, null if it does not respond now, false if it refuses it. */
  async function sendDocument() {
    for (let tries = 0; isDocumentPending && tries < MAX_TRIES; tries += 1) {
      if (hasVersions && etag === null && storedText !== "" && !(await readDocumentVersion())) return null;
      const text = compose(otherText);
      if (text === null) return false;
      isDocumentPending = false;
      isSending = true;
      const { status, etag: newEtag } = await lrs.putState(CMI5_DOCUMENT, text, condition());
      isSending = false;
      if (isAccepted(status)) {
        [lastKnownText, storedText, etag] = [text, text, newEtag];
        if (hasVersions && etag === null) await readDocumentVersion(); // an LRS may omit the ETag in this response
        return true;
      }
      isDocumentPending = true;
      if (status === 412) {
        etag = null;
        storedText = "?";
      } else if (status === 0 && hasVersions && (await readDocumentVersion())) {
        hasVersions = false; // it responds, but not to conditional requests: CORS rules can block their headers
      } else {
        return isRetryable(status) ? null : false;
      }
    }
    return !isDocumentPending;
  }

  function condition() {
    if (!hasVersions) return {};
    return storedText === "" ? { "If-None-Match": "*" } : { "If-Match": etag };
  }

  /* Read the current document and its ETag. False if the LRS does not respond. */
  async function readDocumentVersion() {
    const response = await lrs.getState(CMI5_DOCUMENT);
    if (response.status === 404 || response.status === 204) {
      [storedText, etag] = ["", null];
      return true;
    }
    if (response.status !== 200) return false;
    if (response.text !== lastKnownText) otherText = response.text;
    [storedText, etag] = [response.text, response.etag];
    hasVersions = etag !== null;
    return true;
  }

  async function sendStatements() {
    let allSent = true;
    for (const item of queue.slice()) {
      const { status } = await lrs.putStatement(item.statement);
      if (isClosed) return false;
      if (isAccepted(status) || status === 409) removeFromQueue(item);
      else if (isRetryable(status) || /initialized$/.test(item.statement.verb.id)) return false;
      else allSent = handleRefusal(item, status) && allSent;
    }
    return allSent;
  }

  function removeFromQueue(item) {
    queue.splice(queue.indexOf(item), 1);
    item.onSent();
  }

  /* Count a refusal. True if the statement was dropped. */
  function handleRefusal(item, status) {
    item.tries += 1;
    if (/answered$/.test(item.statement.verb.id) && item.tries < MAX_TRIES) return false;
    console.warn(`cmi5: ${item.statement.verb.id} was refused: ${status}`);
    removeFromQueue(item);
    return true;
  }

  function sendOnUnload() {
    isClosed = true;
    const text = isDocumentPending || isSending ? compose(otherText) : null;
    const isVersionUnknown = isSending || etag === null; // a request in progress may change the version
    const statements = queue.length > 0 ? JSON.stringify(queue.map((item) => item.statement)) : "";
    const sizes = [text || "", statements].map((body) => new TextEncoder().encode(body).length);
    const keepaliveBoth = sizes[0] + sizes[1] <= MAX_KEEPALIVE;
    if (text !== null) lrs.putState(CMI5_DOCUMENT, text, isVersionUnknown ? {} : condition(), keepaliveBoth);
    if (statements) lrs.postStatements(statements, sizes[1] <= MAX_KEEPALIVE);
  }

  return {
    send, sendOnUnload,
    documentChanged: () => (isDocumentPending = true),
    add: (statement, onSent) => queue.push({ statement, onSent: onSent || (() => {}), tries: 0 }),
  };
}
