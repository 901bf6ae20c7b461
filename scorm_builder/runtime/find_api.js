/* Find the API object of a SCORM LMS.
 *
 * SCORM 1.2 (RTE 3.3.6.1) and 2004 (RTE 3.2.1): the LMS puts an object, `API` or `API_1484_11`, into a window above
 * the content: one of its parents, or the opener (and its parents) where the content has a window of its own. Windows
 * may belong to another origin, where even reading a property throws.
 */

const FARTHEST_WINDOW = 60;

/* The first object found by one of `names` (preferred first), as {name, api}; or null. */
function findApi(from, names) {
  return searchUpwards(from, names) || searchUpwards(guarded(() => from.top.opener), names) ||
    searchUpwards(guarded(() => from.opener), names);
}

function searchUpwards(start, names) {
  let here = start;
  for (let steps = 0; here && steps < FARTHEST_WINDOW; steps += 1) {
    const name = names.find((one) => guarded(() => here[one]));
    if (name) return { name, api: here[name] };
    const above = guarded(() => here.parent);
    if (above === here) return null;
    here = above;
  }
  return null;
}

/* The result of `look`, or null if the browser forbids access. */
function guarded(look) {
  try {
    return look() || null;
  } catch (error) {
    return null;
  }
}
