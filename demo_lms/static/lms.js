// Script of a page with a tool's frame: starts the launch, implements platform storage
// (1EdTech LTI Client Side postMessages 1.0, LTI PostMessage Storage 1.0), sets the frame height, and
// launches the tool without the frame, as Canvas does when asked.

const MAX_VALUE_LENGTH = 4096;
const MAX_KEYS = 500;
const FULL_WINDOW = "requestFullWindowLaunch";
const host = document.querySelector("[data-origins]");
const stored = new Map();

for (const form of document.querySelectorAll("form[data-auto-submit]")) form.submit();
for (const link of document.querySelectorAll("a[data-auto-follow]")) window.top.location = link.href;
for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
  form.querySelector("button").hidden = true;
  form.addEventListener("change", () => form.submit());
}
for (const person of document.querySelectorAll("input[data-language]")) {
  person.addEventListener("change", () => {
    document.querySelector(`input[name="in"][value="${person.dataset.language}"]`).checked = true;
  });
}

function problem(code, message) {
  return { error: { code, message } };
}

function capabilities() {
  const target = host.dataset.storageTarget;
  const where = target && target !== "_parent" ? { frame: target } : {};
  const storage = [{ subject: "lti.put_data", ...where }, { subject: "lti.get_data", ...where }];
  const offered = host.dataset.storage === "unsupported" ? [] : storage;
  const always = [{ subject: "lti.capabilities" }, { subject: "lti.frameResize" }];
  const ofCanvas = host.dataset.fullWindow ? [{ subject: FULL_WINDOW }] : [];
  return { supported_messages: [...always, ...offered, ...ofCanvas] };
}

function put(name, { key, value }) {
  if (value === null || value === undefined) stored.delete(name);
  else if (String(value).length > MAX_VALUE_LENGTH || (stored.size >= MAX_KEYS && !stored.has(name))
    || host.dataset.storage === "exhausted") {
    return problem("storage_exhaustion", "The storage is full.");
  } else stored.set(name, value);
  return { key, value };
}

function answer(message, origin) {
  const { subject, key } = message;
  const storing = subject === "lti.put_data" || subject === "lti.get_data";
  if (!host.dataset.origins.split(" ").includes(origin) || host.dataset.storage === "wrong_origin") {
    return problem("wrong_origin", "This page stores nothing for " + origin);
  }
  if (subject === "lti.capabilities") return capabilities();
  if (subject === "lti.frameResize") return resize(message);
  if (!storing || host.dataset.storage === "unsupported") {
    return problem("unsupported_subject", "This page does not know " + subject);
  }
  if (typeof key !== "string" || !key || typeof message.message_id !== "string") {
    return problem("bad_request", "key and message_id are needed, as text");
  }
  const name = origin + " " + key;
  if (subject === "lti.put_data") return put(name, message);
  return { key, value: host.dataset.storage === "forgetful" ? undefined : stored.get(name) };
}

function resize({ height }) {
  const pixels = Number(height);
  if (!(pixels > 0) || host.tagName !== "IFRAME") return problem("bad_request", "height is needed, in pixels");
  host.height = Math.min(Math.ceil(pixels), 20000);
  return {};
}

// Canvas: an object, or the URL alone; no answer. The page that follows knows who launched from where.
function launchInFullWindow(data) {
  const { url, placement, launchType = "same_window" } = typeof data === "string" ? { url: data } : data ?? {};
  const target = new URL(url);
  target.searchParams.append("platform_redirect_url", location.href);
  target.searchParams.append("full_win_launch_requested", "1");
  const page = new URL(host.dataset.fullWindow, location.href);
  const given = { url: target.href, placement, client_id: target.searchParams.get("client_id") };
  for (const [name, value] of Object.entries(given)) if (value) page.searchParams.set(name, value);
  if (launchType === "same_window") location.assign(page);
  else window.open(page, launchType);
}

function show(text) {
  const list = document.querySelector("[data-frame-messages]");
  if (!list) return;
  list.append(Object.assign(document.createElement("li"), { textContent: text }));
  document.querySelector("[data-frame-messages-count]").textContent = "(" + list.children.length + ")";
}

function receive(event) {
  const message = event.data;
  if (typeof message !== "object" || message === null) return;
  if (host.dataset.fullWindow && [message.subject, message.messageType].includes(FULL_WINDOW)) {
    if (host.dataset.origins.split(" ").includes(event.origin)) launchInFullWindow(message.data);
    return;
  }
  if (typeof message.subject !== "string") return;
  if (message.subject === "org.imsglobal.lti.close" && host.dataset.close) {
    if (host.dataset.origins.split(" ").includes(event.origin)) location = host.dataset.close;
    return;
  }
  if (!message.subject.startsWith("lti.")) return;
  show(event.origin + " → " + message.subject + (message.key ? " " + message.key : ""));
  if (host.dataset.storage === "never" || !event.source) return;
  const reply = answer(message, event.origin);
  const subject = message.subject + ".response";
  event.source.postMessage({ subject, message_id: message.message_id, ...reply }, event.origin);
  show("page → " + subject + (reply.error ? " " + reply.error.code : ""));
}

if (host) window.addEventListener("message", receive);
