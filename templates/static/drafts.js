/* Drafts of forms: on the server while a person types; on the device only until the server has them.
   Before the page is left by a link or a button, they are saved. */
import { find, findAll, hasModifier } from "./dom.js";
import { FRAGMENT, fieldsOf, isSessionEnd, request } from "./requests.js";

const SAVE_AFTER = 1000;
const SAVE_AT_LATEST = 10000;
const WAIT_AT_MOST = 3000;
const LOAD_AFTER_RELOAD = 1500;
const STAYS_ON_PAGE =
  "[data-new] a, [data-question-target], [data-reply-target], [data-quote-target], [data-cancel], [data-embed], [download]";
const KEPT = 202; // the session has ended, and the server has stored the text for the next one
const EMPTY = "\0";
const autosaves = [];

/* Local storage may be blocked in a frame (SecurityError). */
const localDrafts = {
  read(key) {
    try {
      const { text, at } = JSON.parse(window.localStorage.getItem(key)) ?? {};
      return typeof text === "string" ? { text, at } : null;
    } catch { return null; }
  },
  /* Returns whether the device has stored the text. An empty text is removed. */
  write(key, text) {
    try {
      if (text) window.localStorage.setItem(key, JSON.stringify({ text, at: Date.now() }));
      else window.localStorage.removeItem(key);
      return true;
    } catch { return false; }
  },
  remove(key) { this.write(key, ""); },
  works() {
    try { return Boolean(window.localStorage); } catch { return false; }
  },
};

/* Save the draft of a form while a person types.
   getKey returns the key of the draft in the form; a form whose target changes has one key for each target.
   onSessionEnd gets whether the server has stored the text nevertheless.
   A state is text and language, separated by a zero character. onLoad gets a draft that was loaded. */
export function startAutosave(form, getKey, { onSessionEnd, onLoad } = {}) {
  const fields = form.elements;
  const note = find("[data-note]", form);
  const state = () => `${fields.text.value}\0${fields.language.value}`;
  const rejected = fields.text.hasAttribute("aria-invalid");
  const isNew = !form.dataset.savedAt && (rejected || "composer" in form.dataset);
  const onServer = new Map([[getKey(), isNew ? EMPTY : state()]]); // key -> state
  const typed = new Map(); // key -> text, of other targets while the page is open
  let onDevice = true;
  let queue = Promise.resolve();
  let timer;
  let unsavedSince = 0;
  let stopped = false;
  let ended = false;
  let filesChanged = false; // or their descriptions: the server keeps a draft for them, even without a text

  const isEmpty = (value) => !value.split("\0")[0].trim();
  const isSaved = () => {
    const saved = onServer.get(getKey()) ?? EMPTY;
    if (stopped || filesChanged) return stopped;
    return state() === saved || (isEmpty(state()) && isEmpty(saved));
  };
  const show = (saved) => {
    note.hidden = !fields.text.value;
    note.textContent = saved ? note.dataset.saved : note.dataset.unsaved;
  };

  async function send(key, value, body, keepalive) {
    const options = { method: "POST", body, headers: FRAGMENT };
    let response;
    try {
      response = await request(form.dataset.draftHref, { ...options, keepalive });
    } catch (failure) { // a body of more than 64 KiB cannot outlive the page
      if (!keepalive) throw failure;
      response = await request(form.dataset.draftHref, options);
    }
    ended = isSessionEnd(response) || response.status === KEPT;
    if (ended) onSessionEnd?.(response.ok);
    if (!response.ok) throw new Error(response.status);
    onServer.set(key, value);
    if (localDrafts.read(key)?.text === value.split("\0")[0]) localDrafts.remove(key);
  }

  function save({ keepalive = false } = {}) {
    clearTimeout(timer);
    unsavedSince = 0;
    if (isSaved()) return queue;
    const [key, value, body, hadFiles] = [getKey(), state(), fieldsOf(form), filesChanged];
    filesChanged = false;
    const sending = keepalive ? send(key, value, body, true) : queue.then(() => send(key, value, body));
    queue = sending.catch(() => {
      if (stopped || key !== getKey()) return;
      filesChanged ||= hadFiles;
      if (!ended) schedule(SAVE_AT_LATEST);
    }).then(() => { if (key === getKey()) show(isSaved()); });
    return queue;
  }

  function schedule(wait = SAVE_AFTER) {
    if (isSaved()) return;
    unsavedSince ||= Date.now();
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(0, Math.min(wait, unsavedSince + SAVE_AT_LATEST - Date.now())));
  }

  function changed() {
    stopped = false;
    onDevice = localDrafts.write(getKey(), fields.text.value);
    if (!isSaved()) note.hidden = true;
    schedule();
  }

  function changedFiles() {
    filesChanged = true;
    schedule();
  }

  function restore() { // what only the device has; the newest wins
    const local = localDrafts.read(getKey());
    const savedAt = Date.parse(form.dataset.savedAt || 0);
    if (local && !rejected && local.text !== fields.text.value && local.at > savedAt) {
      fields.text.value = local.text;
      show(false);
    }
    schedule();
  }

  function targetQuery() {
    const name = fields.reply_to.value ? "reply_to" : "question";
    return new URLSearchParams({ [name]: fields[name].value });
  }

  /* Show the draft of the server, unless something is typed meanwhile. */
  async function load(key, shown = "") {
    try {
      const response = await request(`${form.dataset.draftHref}&${targetQuery()}`);
      if (response.status !== 200) return;
      const draft = await response.json();
      if (key !== getKey() || fields.text.value !== shown || draft.text === shown) return;
      fields.text.value = draft.text;
      fields.language.value = draft.language ?? "";
      fields.draft_key.value = draft.draft_key;
      onServer.set(key, state());
      onLoad?.(draft);
      show(true);
    } catch { /* the server still has the draft */ }
  }

  fields.text.addEventListener("input", changed);
  fields.language.addEventListener("change", changed);
  form.addEventListener("input", (event) => { if (event.target.name?.startsWith("alt_")) changedFiles(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) save({ keepalive: true }); });
  window.addEventListener("pagehide", () => save({ keepalive: true }));
  window.addEventListener("pageshow", (event) => { if (event.persisted) stopped = false; });
  window.addEventListener("beforeunload", (event) => { if (!isSaved() && !onDevice) event.preventDefault(); });
  restore();
  /* A reload sends the latest words while the server makes the page without them. */
  const [{ type } = {}] = performance.getEntriesByType("navigation");
  if (type === "reload" && fields.reply_to && !rejected && !localDrafts.works()) {
    setTimeout(load, LOAD_AFTER_RELOAD, getKey(), fields.text.value);
  }

  const autosave = {
    form,
    isSaved,
    save,
    changed,
    changedFiles,
    /* The text is being published. */
    stop() {
      clearTimeout(timer);
      stopped = true;
      return queue;
    },
    published() {
      stopped = false;
      filesChanged = false;
      onServer.set(getKey(), EMPTY);
      typed.delete(getKey());
      localDrafts.remove(getKey());
      note.hidden = true;
    },
    /* Before the target changes: store the draft of the present target. */
    leaveTarget() {
      save();
      typed.set(getKey(), fields.text.value);
    },
    /* After the target has changed: show its draft. Returns whether it has one. */
    enterTarget() {
      fields.text.value = typed.get(getKey()) ?? localDrafts.read(getKey())?.text ?? "";
      note.hidden = true;
      if (fields.text.value) {
        schedule();
        show(isSaved());
        return true;
      }
      const query = targetQuery();
      const end = [...query.values()][0] ? `?${query}` : "#composer";
      const onlyOnServer = findAll("[data-other-draft]", form).some((link) => link.getAttribute("href").endsWith(end));
      if (typed.has(getKey()) || !onlyOnServer) return false;
      load(getKey());
      return true;
    },
    /* The text of another target was moved to this one: delete its draft. */
    deleteDraft(key, values) {
      typed.delete(key);
      localDrafts.remove(key);
      const body = fieldsOf(form);
      for (const [name, value] of Object.entries({ ...values, text: "", discard: "1" })) body.set(name, value);
      queue = queue.then(() => send(key, EMPTY, body)).catch(() => {});
    },
  };
  autosaves.push(autosave);
  return autosave;
}

export const areAllSaved = () => autosaves.every((autosave) => autosave.isSaved());

/* Stop saving, and delete the drafts of a person on this device. Those on the server stay.
   The fourth word of each key is the person: see getKey in composer.js and edit_form.js. */
export function forgetDrafts(person) {
  for (const autosave of autosaves) autosave.stop();
  try {
    for (const key of Object.keys(window.localStorage)) {
      const words = key.split(" ");
      if (words[0] === "minga" && words[3] === person) localDrafts.remove(key);
    }
  } catch { /* the device stores nothing */ }
}

let allowed;

function saveFirst(event, element, repeat) {
  const unsaved = autosaves.filter((autosave) => !autosave.isSaved() && autosave.form !== element);
  if (element === allowed || !unsaved.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const timeout = new Promise((resolve) => { setTimeout(resolve, WAIT_AT_MOST); });
  Promise.race([Promise.all(unsaved.map((autosave) => autosave.save())), timeout]).then(() => {
    allowed = element;
    repeat();
    allowed = undefined;
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.button || hasModifier(event)) return;
  if (link.matches(STAYS_ON_PAGE) || link.getAttribute("href").startsWith("#")) return;
  saveFirst(event, link, () => link.click());
}, true);
document.addEventListener("submit", (event) => {
  saveFirst(event, event.target, () => event.target.requestSubmit(event.submitter));
}, true);
