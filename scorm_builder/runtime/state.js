/* The state of one learner in a module, encoded as plain ASCII without spaces.
 *
 *   M1 : check : language : place : time : seen : slots : answers
 *
 *   check     four letters, a checksum of everything after it: detects a state that an LMS truncated
 *   language  the language tag chosen last; place: the section shown last
 *   time      when it was written: minutes since 1970 in base 36, then "-" and the milliseconds within the
 *             minute, so that no two states are equal (see scorm12.js). Then for each answer, in their order, a
 *             dot and: when it was first written, "~", how many minutes later it was last changed, "~", the
 *             language of the page then, unless it is that of the first field. A reader that does not know
 *             these parts still reads the number before them
 *   seen      one bit per section, six bits per letter
 *   slots     two letters per section, a hash of its id: the bits still match their sections when a later version
 *             of the module moves, adds or removes sections
 *   answers   {question id: text} packed by codec.js
 *
 * A state with M2 or higher was written by a newer script; any other value was written by other content. Neither is
 * overwritten (see session.js).
 */

const STATE_VERSION = 1;

/* state: {language, place, time (ms), seen: [section ids], answers: {id: text},
   times: {id: {written (ms), changed (ms), language}}}; sections: all ids. */
function writeState(state, sections) {
  const seen = new Set(state.seen);
  const bits = [];
  sections.forEach((id, i) => {
    const index = Math.floor(i / 6);
    bits[index] = (bits[index] || 0) + (seen.has(id) ? 1 << i % 6 : 0);
  });
  const body = [
    encodeURIComponent(state.language || ""),
    encodeURIComponent(state.place || ""),
    writeTime(state.time) + writeTimes(state),
    bits.map((number) => ALPHABET[number]).join(""),
    sections.map(slotOf).join(""),
    packCached(JSON.stringify(nonEmptyAnswers(state.answers))),
  ].join(":");
  return `M${STATE_VERSION}:${checksum(body)}:${body}`;
}

/* {kind: "empty" | "newer" | "unreadable"} or {kind: "state", state}. Never throws. */
function readState(encoded, sections) {
  if (!encoded) return { kind: "empty" };
  const version = /^M(\d{1,6}):/.exec(encoded);
  if (!version) return { kind: "unreadable" };
  if (Number(version[1]) > STATE_VERSION) return { kind: "newer" };
  try {
    const state = readBody(encoded, sections);
    return state ? { kind: "state", state } : { kind: "unreadable" };
  } catch (error) {
    return { kind: "unreadable" };
  }
}

function readBody(encoded, sections) {
  const [, expected, ...fields] = encoded.split(":");
  if (fields.length !== 6 || expected !== checksum(fields.join(":"))) return null;
  const [language, place, time, bits, slots, answers] = fields;
  const text = unpack(answers);
  if (text === null) return null;
  const parsedAnswers = JSON.parse(text);
  return {
    language: decodeURIComponent(language),
    place: decodeURIComponent(place),
    time: readTime(time),
    seen: readSeen(bits, slots.match(/../g) || [], sections),
    answers: parsedAnswers,
    times: readTimes(time.split(".").slice(1), Object.keys(parsedAnswers), decodeURIComponent(language)),
  };
}

/* Cache of the last result: the same answers are measured, stored and sent, and packing long ones is slow. */
let lastPacked = { text: null, packed: "" };

function packCached(text) {
  if (lastPacked.text !== text) lastPacked = { text, packed: pack(text) };
  return lastPacked.packed;
}

function minutesOf(time) {
  return Math.floor(time / 60000);
}

function writeTime(time) {
  const remainder = time % 60000;
  return minutesOf(time).toString(36) + (remainder ? `-${remainder.toString(36)}` : "");
}

function readTime(field) {
  const [minutes, remainder] = field.split(".")[0].split("-");
  return parseInt(minutes, 36) * 60000 + (remainder ? parseInt(remainder, 36) : 0);
}

function writeTimes(state) {
  const times = state.times || {};
  return Object.keys(nonEmptyAnswers(state.answers)).map((id) => {
    if (!times[id]) return ".";
    const { written, changed, language } = times[id];
    const minutesLater = Math.max(0, minutesOf(changed) - minutesOf(written));
    const tag = language === state.language ? "" : encodeURIComponent(language).replace(/[.~]/g, "");
    return `.${minutesOf(written).toString(36)}~${minutesLater.toString(36)}~${tag}`;
  }).join("").replace(/\.+$/, "");
}

function readTimes(fields, ids, language) {
  const times = {};
  fields.forEach((field, i) => {
    const [written, minutesLater, tag] = field.split("~");
    const writtenAt = parseInt(written, 36) * 60000;
    if (!(writtenAt >= 0) || !(i in ids)) return;
    const changedAt = writtenAt + (parseInt(minutesLater, 36) || 0) * 60000;
    times[ids[i]] = { written: writtenAt, changed: changedAt, language: tag ? decodeURIComponent(tag) : language };
  });
  return times;
}

function readSeen(bits, slots, sections) {
  const unmatched = sections.slice();
  const seen = [];
  slots.forEach((slot, i) => {
    const index = unmatched.findIndex((id) => slotOf(id) === slot);
    if (index < 0) return;
    const [id] = unmatched.splice(index, 1);
    if ((ALPHABET.indexOf(bits[Math.floor(i / 6)]) >> i % 6) & 1) seen.push(id);
  });
  return sections.filter((id) => seen.includes(id));
}

function nonEmptyAnswers(answers) {
  const nonEmpty = {};
  Object.keys(answers).forEach((id) => {
    if (answers[id] !== "") nonEmpty[id] = answers[id];
  });
  return nonEmpty;
}

function slotOf(id) {
  return checksum(id).slice(0, 2);
}

/* A checksum of four letters (24 bits). */
function checksum(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash ^= hash >>> 15;
  }
  return [0, 6, 12, 18].map((shift) => ALPHABET[(hash >>> shift) & 63]).join("");
}
