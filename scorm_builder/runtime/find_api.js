/* Find the API object of a SCORM LMS.
 *
 * SCORM 1.2 (RTE 3.3.6.1) and 2004 (RTE 3.2.1): the LMS puts an object, `API` or `API_1484_11`, into a parent window
 * of the content, or into its opener (or a parent of that) if the content has its own window. Some LMSs put it into a
 * sibling frame, so the frames of the parents are searched last. Reading a property of a window of another origin
 * throws. An object is accepted only if it has the Initialize function: an element with the id "API" is a property of
 * its window, too.
 */

const MAX_WINDOWS = 60;
const MAX_FRAMES = 50;

/* The first object found by one of `names` (preferred first), as {name, api}; or null. */
function findApi(from, names) {
  const starts = [from, guarded(() => from.top.opener), guarded(() => from.opener)];
  const windows = starts.flatMap(windowAndParents);
  return findApiIn(windows, names) || findApiIn(windows.flatMap(framesOf), names);
}

/* A window and its parents. */
function windowAndParents(start) {
  const windows = [];
  let candidate = start;
  while (candidate && windows.length < MAX_WINDOWS && !windows.includes(candidate)) {
    windows.push(candidate);
    const child = candidate;
    candidate = guarded(() => child.parent);
  }
  return windows;
}

function framesOf(parent) {
  const count = Math.min(guarded(() => parent.length) || 0, MAX_FRAMES);
  return Array.from({ length: count }, (_, i) => guarded(() => parent[i])).filter(Boolean);
}

function findApiIn(windows, names) {
  for (const candidate of windows) {
    const name = names.find((one) => guarded(() => isApi(candidate[one])));
    if (name) return { name, api: candidate[name] };
  }
  return null;
}

function isApi(object) {
  return ["LMSInitialize", "Initialize"].some((name) => typeof object[name] === "function");
}

/* The result of `action`; null if that is falsy or the browser forbids access. */
function guarded(action) {
  try {
    return action() || null;
  } catch (error) {
    return null;
  }
}
