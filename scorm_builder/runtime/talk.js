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

const NO_VALUE = [201, 401, 402, 403, 404];
const UNSET = ["undefined", "null"];
const YES = ["true", "1"];

function makeTalk(api, prefix) {
  const known = {}; // what the LMS last accepted

  function call(name, ...values) {
    try {
      return String(api[prefix + name](...values));
    } catch (error) {
      return "";
    }
  }

  function isDone(name, ...values) {
    return YES.includes(call(name, ...values).toLowerCase());
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
    const absent = NO_VALUE.includes(code);
    return { value: code !== 0 || UNSET.includes(value) ? "" : value, absent, failed: code !== 0 && !absent };
  }

  /* The value, "" if there is none or the read has failed. */
  function get(element) {
    return read(element).value;
  }

  /* Whether the LMS has the value now. No value is sent twice. */
  function set(element, value) {
    if (known[element] === value) return true;
    if (!isDone("SetValue", element, value)) return false;
    known[element] = value;
    return true;
  }

  /* True only if there is a connection: without one Moodle returns "true" all the same. */
  function save(name) {
    return isDone(name, "") && isReached();
  }

  /* Leaves a word at the LMS's object about who is here, for the next page in the same window: it may be
     refused a sitting there (by Moodle's 2004, for one), and keeps its work on the device, for this person. */
  function greet(learner) {
    try {
      api.mingaLearner = learner;
    } catch (error) {
      // an object that cannot be extended
    }
    return learner;
  }

  return { isDone, read, get, set, save, greet, learner: guarded(() => api.mingaLearner) || "" };
}

/* Whether the LMS can be reached now: always if it is on the device itself, as in an app. */
function isReached() {
  const here = !/^https?:$/.test(location.protocol) || /^(localhost|127\.|\[::1\])/.test(location.hostname);
  return here || navigator.onLine !== false;
}

/* An identifier: letters, digits, - and _ only, at most 200 characters to leave room for a number. */
function idOf(name) {
  const plain = name.normalize("NFD").replace(/[^A-Za-z0-9_-]/g, "");
  return (plain === name ? plain : `${plain}${checkOf(name)}`).slice(0, 200) || "question";
}

/* One line: runtimes refuse line breaks and other control characters in a response. */
function flattened(text) {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}

/* `text` in pieces of at most `size` UTF-16 units, cut at spaces where there are any near, and never
   inside a character. */
function piecesOf(text, size) {
  const pieces = [];
  let rest = text;
  while (rest.length > size) {
    const space = rest.lastIndexOf(" ", size);
    let end = space > size / 2 ? space : size;
    if (/[\uD800-\uDBFF]/.test(rest[end - 1])) end -= 1;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return rest === "" && pieces.length > 0 ? pieces : pieces.concat(rest);
}
