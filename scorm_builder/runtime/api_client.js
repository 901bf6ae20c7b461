/* Shared by both SCORM adapters: calls of the API object, and conversion to values that all known runtimes accept.
 *
 * No function throws: an exception of the LMS counts as a refusal. LMSs report missing values and errors differently:
 *
 *   GetLastError gives        GetValue gives                        the value is         the read
 *   0, or no number           a text                                the text             is certain
 *   (undefined, "", nothing,  "", undefined, null, or these texts   ""                   is certain
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
  const acceptedValues = {}; // element -> the value that the LMS accepted last

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

  /* {value, absent, failed} as in the table; absent: the LMS reported that it has no such value. */
  function read(element) {
    let value = "";
    try {
      value = String(api[`${prefix}GetValue`](element) ?? "");
    } catch (error) {
      return { value: "", absent: false, failed: true };
    }
    const code = Number(call("GetLastError")) || 0;
    const isAbsent = NO_VALUE_CODES.includes(code);
    return {
      value: code !== 0 || UNSET_VALUES.includes(value) ? "" : value,
      absent: isAbsent,
      failed: code !== 0 && !isAbsent,
    };
  }

  /* The value, "" if there is none or the read has failed. */
  function get(element) {
    return read(element).value;
  }

  /* Set a value, unless it was the last one accepted. Whether the LMS has it now. */
  function set(element, value) {
    if (acceptedValues[element] === value) return true;
    if (!succeeds("SetValue", element, value)) return false;
    acceptedValues[element] = value;
    return true;
  }

  /* Commit or Finish. True only if there is a connection: without one Moodle returns "true" all the same. */
  function saveToLms(name) {
    return succeeds(name, "") && isOnline();
  }

  /* Store the learner's id as a property of the API object, for the next page in the same window: the LMS may refuse to
     initialize it (as Moodle does with SCORM 2004), and then its work is stored on the device for this learner. */
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

/* Whether the LMS can be reached now: always if it runs on the device itself, as in an app. */
function isOnline() {
  const isLocal = !/^https?:$/.test(location.protocol) || /^(localhost|127\.|\[::1\])/.test(location.hostname);
  return isLocal || navigator.onLine !== false;
}

/* An identifier: letters, digits, - and _ only, at most 200 characters to leave room for a number. */
function identifierOf(name) {
  const sanitized = name.normalize("NFD").replace(/[^A-Za-z0-9_-]/g, "");
  return (sanitized === name ? sanitized : `${sanitized}${checksum(name)}`).slice(0, 200) || "question";
}

/* The text on one line: runtimes refuse line breaks and other control characters in a response. */
function toSingleLine(text) {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}

/* Split `text` into pieces of at most `size` UTF-16 code units, at spaces if there are any in the second half, and
   never inside a surrogate pair. */
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
