/* The statements of cmi5 as objects (cmi5 7.1.3 and 9; xAPI 1.0.3, part 2). Nothing is sent from here.
 *
 * "Defined" statements report the session; the LMS evaluates them and recognises them by a category. "Allowed"
 * statements report everything else, without that category. Both contain the LMS's context template, which may be
 * extended but not changed.
 */

const CMI5 = "https://w3id.org/xapi/cmi5";
const VERBS = "http://adlnet.gov/expapi/verbs";
const ACTIVITIES = "http://adlnet.gov/expapi/activities";

/* launchData: LMS.LaunchData. Times are in ms, durations in seconds. */
function makeStatements(launch, launchData) {
  const template = launchData.contextTemplate;

  function statement(verb, object, time, context, result, id) {
    const one = {
      id: id || uuid(),
      actor: launch.actor,
      verb: { id: `${VERBS}/${verb}`, display: { en: verb } },
      object,
      context,
      timestamp: new Date(time).toISOString(),
    };
    return result ? { ...one, result } : one;
  }

  function contextWith(additions, extensions) {
    const context = JSON.parse(JSON.stringify(template));
    const activities = { ...context.contextActivities };
    Object.keys(additions).forEach((kind) => {
      const existing = activities[kind] === undefined ? [] : [].concat(activities[kind]);
      const added = additions[kind].filter((id) => !existing.some((one) => one.id === id));
      activities[kind] = existing.concat(added.map((id) => ({ objectType: "Activity", id })));
    });
    return {
      ...context,
      registration: launch.registration,
      contextActivities: activities,
      extensions: { ...extensions, ...context.extensions },
    };
  }

  function defined(verb, time, result, id, extensions) {
    const isMoveOn = result && ("completion" in result || "success" in result);
    const categories = isMoveOn ? [`${CMI5}/context/categories/cmi5`, `${CMI5}/context/categories/moveon`]
      : [`${CMI5}/context/categories/cmi5`];
    const activity = { objectType: "Activity", id: launch.activityId };
    return statement(verb, activity, time, contextWith({ category: categories }, extensions), result, id);
  }

  function allowed(verb, path, definition, time, language, result) {
    const context = contextWith({ parent: [launch.activityId] });
    if (language && context.language === undefined) context.language = language;
    const object = { objectType: "Activity", id: `${launch.activityId.replace(/\/$/, "")}/${path}`, definition };
    return statement(verb, object, time, context, result);
  }

  function languageMap({ text, language }) {
    return { [language || "und"]: text };
  }

  /* The progress; omitted after the module was completed. (cmi5 9.5.5.1) */
  function progressResult(percent) {
    return percent === null ? {} : { extensions: { [`${CMI5}/result/extensions/progress`]: percent } };
  }

  return {
    initialized: (time) => defined("initialized", time),
    terminated: (time, seconds) => defined("terminated", time, { duration: durationOf(seconds) }),
    completed: (id, time, seconds) =>
      defined("completed", time, { completion: true, duration: durationOf(seconds) }, id),
    passed: (id, time, seconds, percent) => {
      const masteryScore = launchData.masteryScore;
      const extensions = masteryScore === undefined ? {}
        : { [`${CMI5}/context/extensions/masteryscore`]: masteryScore };
      const score = { scaled: percent / 100, raw: percent, min: 0, max: 100 };
      return defined("passed", time, { success: true, score, duration: durationOf(seconds) }, id, extensions);
    },
    answered: (question, title, text, language, time, percent) => {
      const type = `${ACTIVITIES}/cmi.interaction`;
      const definition = { type, interactionType: "long-fill-in", name: languageMap(title) };
      const result = { response: text, ...progressResult(percent) };
      return allowed("answered", `questions/${encodeURIComponent(question)}`, definition, time, language, result);
    },
    experienced: (section, title, language, time, percent) => {
      const definition = { type: `${ACTIVITIES}/lesson`, name: languageMap(title) };
      const result = percent === null ? undefined : progressResult(percent);
      return allowed("experienced", `sections/${encodeURIComponent(section)}`, definition, time, language, result);
    },
  };
}

/* ISO 8601, with two decimals at most (cmi5 9.5.4, xAPI part 2, 4.6). */
function durationOf(seconds) {
  const hundredths = Math.max(0, Math.round(seconds * 100));
  const hours = Math.floor(hundredths / 360000);
  const minutes = Math.floor((hundredths % 360000) / 6000);
  return `PT${hours}H${minutes}M${(hundredths % 6000) / 100}S`;
}

/* A random UUID (RFC 9562, 5.4); crypto.randomUUID is missing in pages from plain HTTP. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
