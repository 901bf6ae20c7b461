/* The author's rule: how much of it is done, and what an LMS is told about it.
 *
 * Each section that must be seen counts one, and so does each answer asked for. Where the author asks for no
 * more, all of them make the module completed, and nobody ever passes. Where the author sets a mastery, in
 * percent of the same sum, reaching it is to pass:
 *
 *   mastery      rule        SCORM 1.2           SCORM 2004
 *                            status      score   completion   success   score
 *   none set     open        incomplete  none    incomplete   unknown   none
 *   none set     fulfilled   completed   none    completed    unknown   none
 *   not reached  open        incomplete  none    incomplete   unknown   none
 *   reached      open        passed      so far  incomplete   passed    so far
 *   reached      fulfilled   passed      100     completed    passed    100
 *
 * (A fulfilled rule is all of it, so every mastery is reached then.)
 *
 * Below the mastery no score is told. At Finish an LMS compares the score that it has with the manifest's
 * mastery score, and makes "failed" of anything less: whoever opened the module, read a page and left would
 * have failed. A "failed" is final, too: the next time, the LMS lets that person only look back.
 *
 * SCORM 1.2 has one status for both questions, and an LMS makes "passed" of a good score in any case. So the
 * package says so itself, at once, and all LMSs show the same. The score never falls again, whatever is
 * deleted later.
 */

/* How much of the rule is done, 0 to 1; of a rule that asks for nothing, whether anything was seen, so that
   to open and close it passes nobody. */
function measureOf(rule, state) {
  const all = rule.required.length + rule.questions;
  if (all === 0) return state.seen.length > 0 ? 1 : 0;
  const answered = Object.keys(state.answers).filter((id) => state.answers[id].trim() !== "").length;
  const seen = rule.required.filter((id) => state.seen.includes(id)).length;
  return (seen + Math.min(answered, rule.questions)) / all;
}

/* A measure in whole percents, never more than was done. (0.29 * 100 is a little less than 29.) */
function percentOf(measure) {
  return Math.floor(measure * 100 + 1e-6);
}

/* A score that an LMS gives back, in whole percents; null if there is none. */
function scoreOf(text) {
  return /^\d+(\.\d+)?$/.test(text) ? Math.min(100, Math.floor(Number(text))) : null;
}
