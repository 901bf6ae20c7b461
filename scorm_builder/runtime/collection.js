/* An array of the LMS's data model (objectives, interactions, comments), with entries found by name.
 *
 * Common to both versions of SCORM: entries are numbered without gaps, the name is set first and creates the entry,
 * and an LMS may not support the array, which is no error.
 *
 *   talk    {read, get, set} of api_client.js; or a standard's own `set`
 *   named   the field with the name ("id"); names are unique
 *   hidden  the LMS does not return names (interactions of 1.2), so only entries of this sitting are found
 *
 * Some LMSs (Open edX) store what is set and list nothing: they give no count, and no error. There entries are written
 * from 0 on in every sitting, and the first time all of them.
 */

function makeCollection(client, name, { keyField = "id", namesUnreadable = false } = {}) {
  const numbers = new Map();
  let count = null; // null: not asked; -1: this LMS keeps none
  let isUnlistedArray = false; // this LMS does not list what it keeps
  let hadEntries = false; // it had entries before
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

  /* What the names of an entry's elements begin with, of a new entry where there is none yet; null if the LMS
     keeps no such array or refuses the name. */
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

  /* The first entries, in this order, are those of these questions, so that the columns of a report stay the same
     for everybody; hidden ones of an earlier sitting are named anew. `write(at)` begins one. The first time it
     returns "old" if the LMS has entries of an earlier sitting, otherwise "new"; then "". */
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

  /* As many entries as an answer has pieces: with the question's id, and a number from the second on. Those
     that were needed before and are over now become empty. `write(at, piece)` fills one. */
  function writePieces(question, pieces, write) {
    const id = (number) => identifierOf(question) + (number === 0 ? "" : `_${number + 1}`);
    const padded = pieces.slice();
    while (has(id(padded.length))) padded.push("");
    padded.forEach((piece, number) => {
      const prefix = entryPrefix(id(number));
      if (prefix !== null) write(prefix, piece);
    });
  }

  /* It may have been unavailable only when it was asked. */
  function resetUnsupported() {
    if (count < 0) count = null;
  }

  function isUnlisted() {
    if (count === null) readCount();
    return isUnlistedArray;
  }

  return { has, entry: entryPrefix, reserve, writePieces, resetUnsupported, isUnlisted };
}

/* All answers of a record of session.js, in the order of the questions, as {question, text, before, language}. */
function allAnswers(page, { answers, texts, times }) {
  const answered = page.questions().map(({ id }) => id).filter((id) => id in texts);
  const ids = new Set([...answered, ...Object.keys(texts), ...answers.map(({ question }) => question)]);
  return Array.from(ids, (id) => answers.find(({ question }) => question === id) ||
    { question: id, text: texts[id], before: texts[id], language: (times[id] || {}).language });
}

/* Reserve the entries of all questions when there is an answer to write; what `reserve` returns, or null if nothing
   may be written: an LMS that does not list its entries may have those of a state that is not ours. */
function reserveAnswers(collection, page, { answers, texts }, write) {
  if (answers.length === 0) return null;
  if (Object.keys(texts).length > 0) return collection.reserve(page.questions().map(({ id }) => id), write);
  return collection.isUnlisted() ? null : "";
}
