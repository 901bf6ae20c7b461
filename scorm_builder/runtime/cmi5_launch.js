/* The cmi5 launch, and the requests before the session starts. (cmi5 8, 10 and 11.)
 *
 *   phase      when                               do                                           then
 *   new        a launch parameter missing         nothing: the page plays without an LMS       none
 *   new        all five parameters present        look up this launch in the tab's storage     launched
 *   launched   the tab left this session before   send nothing more: show the stored state,    over
 *              (the page was reloaded)            read only
 *   launched   the tab has the token              (the browser had discarded the page)         authorized
 *   launched   neither                            POST to the fetch URL, once; store the       authorized | refused
 *                                                 token in this tab
 *   authorized at once                            GET the launch data, the preferences and     opened | refused
 *                                                 our document, each tried three times
 *   refused    (no token, no launch data, or      nothing is sent: the work is stored on the
 *              no response about our document)    device for this learner, for the next launch
 *
 * The token is requested once because the LMS refuses a second request (8.2.3.1). Without the launch data no statement
 * can be sent, since it contains the session id. Without a response about our document, writing might overwrite it. The
 * preferences must be requested (11), but may be absent.
 */

LAUNCHES.push(launchCmi5);

const CMI5_PARAMETERS = ["endpoint", "fetch", "actor", "registration", "activityId"];
const CMI5_DOCUMENT = "minga-state"; // stateId
const CMI5_TIMEOUT = 15000; // ms
const CMI5_RETRY_DELAYS = [0, 500, 2000]; // ms before each try

/* A promise of the function that makes the adapter (cmi5.js), or null without a cmi5 launch. */
function launchCmi5(view) {
  const launch = readLaunch(view.location.search);
  if (!launch) return null;
  const blockNavigation = (event) => {
    const link = event.target.closest("a[href]");
    if (link && !link.getAttribute("href").startsWith("#") && !link.target) event.preventDefault();
  };
  view.document.addEventListener("click", blockNavigation, true); // following a link now would lose the launch
  const tabStore = makeTabStore(view, launch.fetch);
  return openCmi5(view, launch, tabStore).catch(() => null).then((opened) => {
    view.document.removeEventListener("click", blockNavigation, true);
    return (page) => makeCmi5(view, page, launch, opened, tabStore);
  });
}

function readLaunch(search) {
  const parameters = new URLSearchParams(search);
  if (!CMI5_PARAMETERS.every((name) => parameters.get(name))) return null;
  try {
    const [endpoint, fetch, actor, registration, activityId] = CMI5_PARAMETERS.map((name) => parameters.get(name));
    return { endpoint: endpoint.replace(/\/*$/, "/"), fetch, actor: JSON.parse(actor), registration, activityId };
  } catch (error) {
    return null;
  }
}

/* The tab's storage of a launch: {token, initialized, over: the text of our document}. */
function makeTabStore(view, fetch) {
  const name = `minga/cmi5/${checksum(fetch)}${checksum(`${fetch}\n`)}`;
  function read() {
    return guarded(() => JSON.parse(view.sessionStorage.getItem(name))) || {};
  }
  return {
    read,
    write: (values) => guarded(() => view.sessionStorage.setItem(name, JSON.stringify({ ...read(), ...values }))),
  };
}

/* {over: text}, or {lrs, data, preferences, own: {text, etag}}, or null if the LMS refused. */
async function openCmi5(view, launch, tabStore) {
  const { token, over } = tabStore.read();
  if (typeof over === "string") return { over };
  const authToken = token || (await fetchToken(view, launch.fetch));
  if (!authToken) return null;
  tabStore.write({ token: authToken });
  const lrs = makeLrs(view, launch, authToken);
  const [data, preferences, own] = await Promise.all([
    withRetries(view, () => lrs.getState("LMS.LaunchData")),
    withRetries(view, lrs.getPreferences),
    withRetries(view, () => lrs.getState(CMI5_DOCUMENT)),
  ]);
  if (data.status !== 200 || ![200, 204, 404].includes(own.status)) return null;
  const launchData = JSON.parse(data.text);
  if (!launchData.contextTemplate) return null;
  return {
    lrs, data: launchData, preferences: guarded(() => JSON.parse(preferences.text)) || {},
    own: { text: own.status === 200 ? own.text : "", etag: own.etag },
  };
}

async function fetchToken(view, url) {
  const { status, text } = await request(view, url, { method: "POST" });
  const body = guarded(() => JSON.parse(text)) || {};
  if (typeof body["auth-token"] === "string" && body["auth-token"] !== "") return body["auth-token"];
  view.console.warn(`cmi5: no token: ${status} ${body["error-code"] || ""} ${body["error-text"] || ""}`);
  return null;
}

/* The first response that is not a temporary error; after the last try any. */
async function withRetries(view, send) {
  let response = null;
  for (const delay of CMI5_RETRY_DELAYS) {
    await new Promise((resolve) => view.setTimeout(resolve, delay));
    response = await send();
    if (response.status > 0 && response.status < 500 && response.status !== 429) break;
  }
  return response;
}

/* {status, etag, text}; status 0 without a response in time. */
async function request(view, url, options) {
  const controller = new AbortController();
  const timer = view.setTimeout(() => controller.abort(), CMI5_TIMEOUT);
  try {
    const response = await view.fetch(url, { ...options, signal: controller.signal });
    return { status: response.status, etag: response.headers.get("ETag"), text: await response.text() };
  } catch (error) {
    return { status: 0, etag: null, text: "" };
  } finally {
    view.clearTimeout(timer);
  }
}

/* The requests to an LRS (xAPI 1.0.3). Each returns the response of `request`. */
function makeLrs(view, launch, token) {
  const headers = { Authorization: `Basic ${token}`, "X-Experience-API-Version": "1.0.3" };
  const agent = JSON.stringify(launch.actor);

  function send(method, resource, query, options) {
    const { body, extraHeaders, keepalive } = options || {};
    const pairs = Object.keys(query).map((name) => `${name}=${encodeURIComponent(query[name])}`);
    return request(view, `${launch.endpoint}${resource}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`, {
      method,
      headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json", ...extraHeaders },
      body,
      cache: "no-store",
      keepalive: Boolean(keepalive),
    });
  }

  function stateOf(stateId) {
    return { stateId, activityId: launch.activityId, agent, registration: launch.registration };
  }

  return {
    getState: (id) => send("GET", "activities/state", stateOf(id)),
    putState: (id, body, extraHeaders, keepalive) =>
      send("PUT", "activities/state", stateOf(id), { body, extraHeaders, keepalive }),
    getPreferences: () => send("GET", "agents/profile", { profileId: "cmi5LearnerPreferences", agent }),
    putStatement: (statement) =>
      send("PUT", "statements", { statementId: statement.id }, { body: JSON.stringify(statement) }),
    postStatements: (body, keepalive) => send("POST", "statements", {}, { body, keepalive }),
  };
}
