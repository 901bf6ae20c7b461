/* Where the LMS left its runtime.
 *
 * SCORM 1.2 (RTE 3.3.6.1) and 2004 (RTE 3.2.1): the LMS puts an object, `API` or `API_1484_11`, into a
 * window above the content: one of its parents, or the opener (and its parents) where the content has a
 * window of its own. Any window on the way may belong to another site, and then even looking throws.
 */

const FARTHEST_WINDOW = 60;

/* The first object found by one of `names` (best first), as {name, api}; null if nobody has any. */
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

/* What `look` sees, or null where the browser forbids to look. */
function guarded(look) {
  try {
    return look() || null;
  } catch (error) {
    return null;
  }
}
