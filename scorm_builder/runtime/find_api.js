/* Find the API object of a SCORM LMS.
 *
 * SCORM 1.2 (RTE 3.3.6.1) and 2004 (RTE 3.2.1): the LMS puts an object, `API` or `API_1484_11`, into a window above
 * the content: one of its parents, or the opener (and its parents) where the content has a window of its own. Some put
 * it into a frame beside the content, so the frames of the parents come last. Windows may belong to another origin,
 * where even reading a property throws. An object counts only if it has the function to begin with: an element with
 * the id "API" is a property of its window, too.
 */

const FARTHEST_WINDOW = 60;
const MOST_FRAMES = 50;

/* The first object found by one of `names` (preferred first), as {name, api}; or null. */
function findApi(from, names) {
  const starts = [from, guarded(() => from.top.opener), guarded(() => from.opener)];
  const windows = starts.flatMap(upwards);
  return firstApi(windows, names) || firstApi(windows.flatMap(framesOf), names);
}

/* A window and its parents. */
function upwards(start) {
  const windows = [];
  let here = start;
  while (here && windows.length < FARTHEST_WINDOW && !windows.includes(here)) {
    windows.push(here);
    const below = here;
    here = guarded(() => below.parent);
  }
  return windows;
}

function framesOf(parent) {
  const count = Math.min(guarded(() => parent.length) || 0, MOST_FRAMES);
  return Array.from({ length: count }, (_, i) => guarded(() => parent[i])).filter(Boolean);
}

function firstApi(windows, names) {
  for (const here of windows) {
    const name = names.find((one) => guarded(() => isApi(here[one])));
    if (name) return { name, api: here[name] };
  }
  return null;
}

function isApi(object) {
  return ["LMSInitialize", "Initialize"].some((name) => typeof object[name] === "function");
}

/* The result of `look`, or null if the browser forbids access. */
function guarded(look) {
  try {
    return look() || null;
  } catch (error) {
    return null;
  }
}
