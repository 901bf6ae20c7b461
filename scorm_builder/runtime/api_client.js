/* What both SCORM adapters share: calling the API object, and values that all known runtimes accept.
 *
 * No call throws: an exception of the LMS means that it refused. LMSs differ in how they say so:
 *
 *   GetLastError gives        GetValue gives                        the value is         the read
 *   0, or no number           a text                                the text             is certain
 *   (undefined, "", nothing,  "", undefined, null, or these words   ""                   is certain
 *   no such function)
 *   201, 401 to 404           anything                              "" (not supported,   is certain
 *                                                                   or never set)
 *   another number            anything                              ""                   has failed
 *                             (it throws)                           ""                   has failed
 */

const NO_VALUE_CODES = [201, 401, 402, 403, 404];
const UNSET_VALUES = ["undefined", "null"];
const TRUE_VALUES = ["true", "1"];

function makeApiClient(api, prefix) {
  const acceptedValues = {}; // what the LMS last accepted

  function call(name, ...values) {
    try {
      return String(api[prefix + name](...values));
    } catch (error) {
      return "";
    }
  }

  function succeeds(name, ...values) {
    return TRUE_VALUES.includes(call(name, ...values).toLowerCase());
  }

  /* {value, absent, failed} as in the table; absent: the LMS said that it has no such value. */
  function read(element) {
    let value = "";
    try {
      value = String(api[`${prefix}GetValue`](element) ?? "");
    } catch (error) {
      return { value: "", absent: false, failed: true };
    }
    const code = Number(call("GetLastError")) || 0;
    const isAbsent = NO_VALUE_CODES.includes(code);
    return { value: code !== 0 || UNSET_VALUES.includes(value) ? "" : value, absent: isAbsent, failed: code !== 0 && !isAbsent };
  }

  /* The value, "" if there is none or the read has failed. */
  function get(element) {
    return read(element).value;
  }

  /* Whether the LMS has the value now. No value is sent twice. */
  function set(element, value) {
    if (acceptedValues[element] === value) return true;
    if (!succeeds("SetValue", element, value)) return false;
    acceptedValues[element] = value;
    return true;
  }

  /* True only if there is a connection: without one Moodle returns "true" all the same. */
  function saveToLms(name) {
    return succeeds(name, "") && isOnline();
  }

  /* Leaves a word at the LMS's object about who is here, for the next page in the same window: it may be
     refused a sitting there (by Moodle's 2004, for one), and keeps its work on the device, for this person. */
  function rememberLearner(learner) {
    try {
      api.mingaLearner = learner;
    } catch (error) {
      // an object that cannot be extended
    }
    return learner;
  }

  return { succeeds, read, get, set, save: saveToLms, rememberLearner, learner: guarded(() => api.mingaLearner) || "" };
}

/* Whether the LMS can be reached now: always if it is on the device itself, as in an app. */
function isOnline() {
  const isLocal = !/^https?:$/.test(location.protocol) || /^(localhost|127\.|\[::1\])/.test(location.hostname);
  return isLocal || navigator.onLine !== false;
}

/* An identifier: letters, digits, - and _ only, at most 200 characters to leave room for a number. */
function identifierOf(name) {
  const sanitized = name.normalize("NFD").replace(/[^A-Za-z0-9_-]/g, "");
  return (sanitized === name ? sanitized : `${sanitized}${checksum(name)}`).slice(0, 200) || "question";
}

/* One line: runtimes refuse line breaks and other control characters in a response. */
function toSingleLine(text) {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}

/* `text` in pieces of at most `size` UTF-16 units, cut at spaces where there are any near, and never
   inside a character. */
function splitText(text, size) {
  const pieces = [];
  let remaining = text;
  while (remaining.length > size) {
    const spaceIndex = remaining.lastIndexOf(" ", size);
    let end = spaceIndex > size / 2 ? spaceIndex : size;
    if (/[\uD800-\uDBFF]/.test(remaining[end - 1])) end -= 1;
    pieces.push(remaining.slice(0, end));
    remaining = remaining.slice(end).trimStart();
  }
  return remaining === "" && pieces.length > 0 ? pieces : pieces.concat(remaining);
}
