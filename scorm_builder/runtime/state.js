/* The state of one person in a module, encoded as plain ASCII without spaces.
 *
 *   M1 : check : language : place : time : seen : slots : answers
 *
 *   check     four letters, a checksum of all that follows: detects a state that an LMS cut short
 *   language  the tag that the person chose last; place: the section where they were
 *   time      when it was written: minutes since 1970, base 36, and after a - the milliseconds of the last
 *             minute, so that no two states are equal (see scorm12.js); then, after a dot each, in the order of
 *             the answers: when an answer was first written, ~, how many minutes later it was last changed, ~,
 *             the language of the page then, if not the first field's. A reader that does not know these parts
 *             still reads the number before them
 *   seen      one bit for each section, six to a letter
 *   slots     two letters for each section, made of its id: so the bits still match their sections when a later
 *             version of the module moves, adds or removes sections
 *   answers   {question id: text} packed by codec.js
 *
 * A state with M2 or higher was written by a newer script; any other unknown value belongs to something else. Both
 * are left unchanged (see session.js).
 */

const STATE_VERSION = 1;

/* state: {language, place, time (ms), seen: [section ids], answers: {id: text},
   times: {id: {written (ms), changed (ms), language}}}; sections: all ids. */
function writeState(state, sections) {
  const seen = new Set(state.seen);
  const bits = [];
  sections.forEach((id, i) => {
    const at = Math.floor(i / 6);
    bits[at] = (bits[at] || 0) + (seen.has(id) ? 1 << i % 6 : 0);
  });
  const body = [
    encodeURIComponent(state.language || ""),
    encodeURIComponent(state.place || ""),
    writeTime(state.time) + writeTimes(state),
    bits.map((number) => LETTERS[number]).join(""),
    sections.map(slotOf).join(""),
    packOnce(JSON.stringify(withoutEmpty(state.answers))),
  ].join(":");
  return `M${STATE_VERSION}:${checkOf(body)}:${body}`;
}

/* {kind: "empty" | "newer" | "unreadable"} or {kind: "state", state}. Never throws. */
function readState(word, sections) {
  if (!word) return { kind: "empty" };
  const version = /^M(\d{1,6}):/.exec(word);
  if (!version) return { kind: "unreadable" };
  if (Number(version[1]) > STATE_VERSION) return { kind: "newer" };
  try {
    const state = readBody(word, sections);
    return state ? { kind: "state", state } : { kind: "unreadable" };
  } catch (error) {
    return { kind: "unreadable" };
  }
}

function readBody(word, sections) {
  const [, check, ...fields] = word.split(":");
  if (fields.length !== 6 || check !== checkOf(fields.join(":"))) return null;
  const [language, place, time, bits, slots, answers] = fields;
  const text = unpack(answers);
  if (text === null) return null;
  const read = JSON.parse(text);
  return {
    language: decodeURIComponent(language),
    place: decodeURIComponent(place),
    time: readTime(time),
    seen: readSeen(bits, slots.match(/../g) || [], sections),
    answers: read,
    times: readTimes(time.split(".").slice(1), Object.keys(read), decodeURIComponent(language)),
  };
}

/* The same answers are measured, stored and sent, and packing long ones is slow: keep the last result. */
let lastPacked = { text: null, word: "" };

function packOnce(text) {
  if (lastPacked.text !== text) lastPacked = { text, word: pack(text) };
  return lastPacked.word;
}

function minutesOf(time) {
  return Math.floor(time / 60000);
}

function writeTime(time) {
  const rest = time % 60000;
  return minutesOf(time).toString(36) + (rest ? `-${rest.toString(36)}` : "");
}

function readTime(word) {
  const [minutes, rest] = word.split(".")[0].split("-");
  return parseInt(minutes, 36) * 60000 + (rest ? parseInt(rest, 36) : 0);
}

function writeTimes(state) {
  const times = state.times || {};
  return Object.keys(withoutEmpty(state.answers)).map((id) => {
    if (!times[id]) return ".";
    const { written, changed, language } = times[id];
    const later = Math.max(0, minutesOf(changed) - minutesOf(written));
    const tag = language === state.language ? "" : encodeURIComponent(language).replace(/[.~]/g, "");
    return `.${minutesOf(written).toString(36)}~${later.toString(36)}~${tag}`;
  }).join("").replace(/\.+$/, "");
}

function readTimes(words, ids, language) {
  const times = {};
  words.forEach((word, i) => {
    const [written, later, tag] = word.split("~");
    const first = parseInt(written, 36) * 60000;
    if (!(first >= 0) || !(i in ids)) return;
    const last = first + (parseInt(later, 36) || 0) * 60000;
    times[ids[i]] = { written: first, changed: last, language: tag ? decodeURIComponent(tag) : language };
  });
  return times;
}

function readSeen(bits, slots, sections) {
  const left = sections.slice();
  const seen = [];
  slots.forEach((slot, i) => {
    const at = left.findIndex((id) => slotOf(id) === slot);
    if (at < 0) return;
    const [id] = left.splice(at, 1);
    if ((LETTERS.indexOf(bits[Math.floor(i / 6)]) >> i % 6) & 1) seen.push(id);
  });
  return sections.filter((id) => seen.includes(id));
}

function withoutEmpty(answers) {
  const kept = {};
  Object.keys(answers).forEach((id) => {
    if (answers[id] !== "") kept[id] = answers[id];
  });
  return kept;
}

function slotOf(id) {
  return checkOf(id).slice(0, 2);
}

/* A checksum of four letters (24 bits). */
function checkOf(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash ^= hash >>> 15;
  }
  return [0, 6, 12, 18].map((shift) => LETTERS[(hash >>> shift) & 63]).join("");
}
