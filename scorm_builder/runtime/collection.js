/* An array of the LMS's data model (objectives, interactions, comments), with entries found by a key field.
 *
 * Common to both versions of SCORM: entries are numbered without gaps, setting the key creates the entry, and an LMS
 * may not support the array, which is not an error.
 *
 *   client           {read, get, set} of api_client.js; or a standard's own `set`
 *   keyField         the field with the unique key ("id")
 *   namesUnreadable  the LMS does not return keys (interactions of 1.2), so only entries of this session are found
 *
 * Some LMSs (Open edX) store what is set and list nothing: they return neither a count nor an error. There each session
 * writes its entries from 0 on, all of them the first time.
 */

function makeCollection(client, name, { keyField = "id", namesUnreadable = false } = {}) {
  const numbers = new Map();
  let count = null; // null: not read yet; -1: the LMS does not support the array
  let isUnlistedArray = false; // the LMS does not list its entries
  let hadEntries = false; // from an earlier session
  let isReserved = false;

  function readCount() {
    const { value, absent, failed } = client.read(`${name}._count`);
    const isListed = /^\d+$/.test(value);
    isUnlistedArray = !isListed && !absent && !failed;
    count = isListed ? Number(value) : isUnlistedArray ? 0 : -1;
    hadEntries = count > 0;
    for (let number = 0; number < count && !namesUnreadable; number += 1) {
      numbers.set(client.get(`${name}.${number}.${keyField}`), number);
    }
  }

  function has(id) {
    if (count === null) readCount();
    return numbers.has(id);
  }

  /* The prefix of an entry's elements, creating the entry if necessary; null if the LMS does not support the array or
     refuses the key. */
  function entryPrefix(id) {
    if (!has(id)) {
      if (count < 0) return null;
      if (!client.set(`${name}.${count}.${keyField}`, id)) {
        if (isUnlistedArray) count = -1;
        return null;
      }
      numbers.set(id, count);
      count += 1;
    }
    return `${name}.${numbers.get(id)}.`;
  }

  /* Create the first entries for these questions, in this order, so that all learners' reports have the same columns.
     Entries of an earlier session whose keys cannot be read get their keys again. `write(prefix)` initializes an
     entry. Returns "old" or "new" the first time (whether the LMS had entries of an earlier session), then "". */
  function reserve(questions, write) {
    if (count === null) readCount();
    if (count < 0 || isReserved) return "";
    isReserved = true;
    questions.map(identifierOf).forEach((id, number) => {
      if (namesUnreadable && number < count && client.set(`${name}.${number}.${keyField}`, id)) numbers.set(id, number);
      const prefix = entryPrefix(id);
      if (prefix !== null) write(prefix);
    });
    return hadEntries ? "old" : "new";
  }

  /* Write one entry per piece of an answer; the keys are the question's id, with a number from the second on. Entries
     that are no longer needed become empty. `write(prefix, piece)` fills one. */
  function writePieces(question, pieces, write) {
    const id = (number) => identifierOf(question) + (number === 0 ? "" : `_${number + 1}`);
    const padded = pieces.slice();
    while (has(id(padded.length))) padded.push("");
    padded.forEach((piece, number) => {
      const prefix = entryPrefix(id(number));
      if (prefix !== null) write(prefix, piece);
    });
  }

  /* Read the count again next time: the LMS may have been unavailable. */
  function resetUnsupported() {
    if (count < 0) count = null;
  }

  function isUnlisted() {
    if (count === null) readCount();
    return isUnlistedArray;
  }

  return { has, entry: entryPrefix, reserve, writePieces, resetUnsupported, isUnlisted };
}

/* All answers of a record (see scorm12.js), in the order of the questions, as {question, text, before, language}. */
function allAnswers(page, { answers, texts, times }) {
  const answered = page.questions().map(({ id }) => id).filter((id) => id in texts);
  const ids = new Set([...answered, ...Object.keys(texts), ...answers.map(({ question }) => question)]);
  return Array.from(ids, (id) => answers.find(({ question }) => question === id) ||
    { question: id, text: texts[id], before: texts[id], language: (times[id] || {}).language });
}

/* Reserve the entries of all questions if there is an answer to write. Returns the result of `reserve`, or null if
   nothing may be written: an LMS that does not list its entries may have some of a state that is not ours. */
function reserveAnswers(collection, page, { answers, texts }, write) {
  if (answers.length === 0) return null;
  if (Object.keys(texts).length > 0) return collection.reserve(page.questions().map(({ id }) => id), write);
  return collection.isUnlisted() ? null : "";
}
