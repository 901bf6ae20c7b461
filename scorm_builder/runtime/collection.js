/* An array of the LMS's data model (objectives, interactions, comments), with entries found by name.
 *
 * Common to both versions of SCORM: entries are numbered without gaps, the name is set first and creates the entry,
 * and an LMS may not support the array, which is no error.
 *
 *   talk    {get, set} of talk.js; or a standard's own `set`
 *   named   the field with the name ("id"); names are unique
 *   hidden  the LMS does not return names (interactions of 1.2), so only entries of this sitting are found
 */

function makeCollection(talk, name, { named = "id", hidden = false } = {}) {
  const numbers = new Map();
  let count = null; // null: not asked; -1: this LMS keeps none

  function ask() {
    const told = talk.get(`${name}._count`);
    count = /^\d+$/.test(told) ? Number(told) : -1;
    for (let number = 0; number < count && !hidden; number += 1) {
      numbers.set(talk.get(`${name}.${number}.${named}`), number);
    }
  }

  function has(id) {
    if (count === null) ask();
    return numbers.has(id);
  }

  /* What the names of an entry's elements begin with, of a new entry where there is none yet; null if the LMS
     keeps no such array or refuses the name. */
  function entry(id) {
    if (!has(id)) {
      if (count < 0 || !talk.set(`${name}.${count}.${named}`, id)) return null;
      numbers.set(id, count);
      count += 1;
    }
    return `${name}.${numbers.get(id)}.`;
  }

  /* As many entries as an answer has pieces: with the question's id, and a number from the second on. Those
     that were needed before and are over now become empty. `write(at, piece)` fills one. */
  function spread(question, pieces, write) {
    const id = (number) => idOf(question) + (number === 0 ? "" : `_${number + 1}`);
    const all = pieces.slice();
    while (has(id(all.length))) all.push("");
    all.forEach((piece, number) => {
      const at = entry(id(number));
      if (at !== null) write(at, piece);
    });
  }

  /* It may have been unavailable only when it was asked. */
  function doubt() {
    if (count < 0) count = null;
  }

  return { has, entry, spread, doubt };
}
