/* The progress by the author's completion rule, and the status and score for an LMS.
 *
 * Each required section and each required answer counts as one. The module is completed when all are done. The status
 * "passed" requires a mastery, a percentage of the same sum:
 *
 *   mastery      rule        SCORM 1.2           SCORM 2004
 *                            status      score   completion   success   score
 *   none set     open        incomplete  none    incomplete   unknown   none
 *   none set     fulfilled   completed   none    completed    unknown   none
 *   not reached  open        incomplete  none    incomplete   unknown   none
 *   reached      open        passed      so far  incomplete   passed    so far
 *   reached      fulfilled   passed      100     completed    passed    100
 *
 * (When the rule is fulfilled, every mastery is reached.)
 *
 * Below the mastery no score is set. At Finish an LMS compares the score with the manifest's mastery score and sets
 * "failed" if it is lower: a learner who reads one page and leaves would fail. "failed" is also final: the next launch
 * is in review mode.
 *
 * SCORM 1.2 has one status for both, and an LMS sets "passed" anyway when the score is high enough. So the package
 * sets it itself, at once, and all LMSs show the same. The score never decreases, even if answers are deleted.
 */

/* How much of the rule is done, 0 to 1. If the rule requires nothing: 1 once any section was seen, so that opening
   and closing the module does not complete it. */
function measureOf(rule, state) {
  const all = rule.required.length + rule.questions;
  if (all === 0) return state.seen.length > 0 ? 1 : 0;
  const answered = Object.keys(state.answers).filter((id) => state.answers[id].trim() !== "").length;
  const seen = rule.required.filter((id) => state.seen.includes(id)).length;
  return (seen + Math.min(answered, rule.questions)) / all;
}

/* A measure in whole percents, rounded down. (0.29 * 100 is a little less than 29.) */
function percentOf(measure) {
  return Math.floor(measure * 100 + 1e-6);
}

/* A score returned by an LMS, in whole percents; null if there is none. */
function scoreOf(text) {
  return /^\d+(\.\d+)?$/.test(text) ? Math.min(100, Math.floor(Number(text))) : null;
}
