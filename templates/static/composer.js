/* The composer: choosing what a text replies to, and publishing it without leaving the page. */
import { startFiles } from "./attachments.js";
import { enhance } from "./content.js";
import { find, hasModifier } from "./dom.js";
import { startAutosave } from "./drafts.js";
import { quotation } from "./quotation.js";
import { FRAGMENT, fieldsOf, isSessionEnd, postFields, randomKey, refresh, token } from "./requests.js";
import { isComposing, replaceText } from "./typing.js";
import { alone, drop, keep, waitingPosts } from "./waiting.js";

const RETRY_AFTER = 30000;

function startComposer(form) {
  const box = form.closest(".composer");
  const initialParent = box.parentElement;
  const fields = form.elements;
  const [title, target, quote] = ["[data-title]", "[data-target]", "[data-quote]"].map((selector) => find(selector, box));
  const [error, publish] = ["[data-error]", "[data-publish]"].map((selector) => find(selector, form));
  const publishLabel = publish.textContent;
  const status = find("[data-status]");
  const words = form.dataset;
  let busy = false;
  let sendWhenOnline = false;
  let retry;
  const waitingList = find("[data-waiting-posts]", form);

  const announce = (text) => { status.textContent = text; };
  const showError = (text) => {
    error.textContent = text;
    if (text) fields.text.setAttribute("aria-invalid", "true");
    else fields.text.removeAttribute("aria-invalid");
  };
  const sessionEnd = (kept) => (kept ? words.kept : words.ended);
  const draftKey = () =>
    ["minga", words.draftKeyScope, fields.reply_to.value, fields.question.value].join(" ");
  const autosave = startAutosave(form, draftKey, {
    onSessionEnd: (kept) => showError(sessionEnd(kept)),
    onLoad: ({ files: html }) => files.enter(html),
  });
  const files = startFiles(form, {
    showError,
    announce,
    onChange(key) {
      if (key !== fields.draft_key.value) return;
      autosave.changedFiles();
      autosave.save();
    },
  });
  const draftKeys = new Map(); // of the other targets: key of the draft -> [draft_key, which has the files; mentioned]
  const newDraftKey = (value = randomKey(), mentioned = "") => {
    fields.draft_key.value = value;
    fields.mentioned.value = mentioned;
    find("[data-preview]", form).hidden = true;
    files.enter();
  };

  function showTarget({ replyTo, heading, source }) {
    title.textContent = heading ?? title.dataset.words;
    target.hidden = !heading;
    quote.textContent = source ? source.textContent.trim().slice(0, 200) : "";
    quote.lang = source?.closest("[lang]").lang ?? "";
    quote.dir = source?.closest("[dir]").dir ?? "";
    const group = fields.for_group?.closest(".field"); // a reply is for those who see the post
    if (group) group.hidden = Boolean(replyTo);
    const parent = replyTo && document.getElementById(`p${replyTo}`);
    if (parent) parent.after(box);
    else initialParent.append(box);
  }

  function setTarget({ question = "", replyTo = "", heading, source }) {
    const previous = { question: fields.question.value, reply_to: fields.reply_to.value };
    const previousKey = draftKey();
    const text = fields.text.value;
    const isOther = previous.question !== question || previous.reply_to !== replyTo;
    if (isOther) autosave.leaveTarget();
    fields.question.value = question;
    fields.reply_to.value = replyTo;
    showTarget({ replyTo, heading, source });
    if (!isOther) return;
    const [formKey, hadFiles] = [[fields.draft_key.value, fields.mentioned.value], files.any()];
    draftKeys.set(previousKey, formKey);
    newDraftKey(...draftKeys.get(draftKey()) ?? []);
    showError("");
    const hasDraft = autosave.enterTarget();
    if (hasDraft || previous.question || previous.reply_to || !(text || hadFiles)) return;
    // A text without a target moves to the new one, with its files.
    fields.text.value = text;
    newDraftKey(...formKey);
    draftKeys.delete(previousKey);
    autosave.deleteDraft(previousKey, previous);
    autosave.changed();
  }

  function changeTarget(event) {
    const link = event.target.closest?.("[data-question-target], [data-reply-target], [data-quote-target], [data-cancel]");
    if (!link || hasModifier(event)) return;
    event.preventDefault();
    if (busy) return;
    const { questionTarget: question, quoteTarget: quoted } = link.dataset;
    const reply = quoted ? find("[data-reply-target]", link.parentElement) : link;
    const { replyTarget: replyTo, words: heading } = reply.dataset;
    const passage = quoted && quotation(find(`#p${CSS.escape(quoted)} .says`));
    const cancelled = link.dataset.cancel === undefined ? null : fields.reply_to.value;
    if (question) setTarget({ question, heading, source: find(`#q-${CSS.escape(question)} .says`) });
    else if (replyTo) setTarget({ replyTo, heading, source: find(`#p${CSS.escape(replyTo)} .says`) });
    else setTarget({});
    if (passage) {
      const { value } = fields.text;
      replaceText(fields.text, value.length, value.length, (value.trim() ? "\n\n" : "") + passage);
    }
    const post = cancelled && document.getElementById(`p${cancelled}`);
    if (post) return post.focus();
    fields.text.focus({ preventScroll: true });
    box.scrollIntoView({ block: "nearest" });
  }

  async function publishText() {
    if (busy) return;
    if (!fields.text.value.trim()) {
      showError(words.blank);
      return fields.text.focus();
    }
    busy = true;
    const saved = autosave.stop();
    publish.setAttribute("aria-disabled", "true");
    publish.textContent = words.sending;
    showError("");
    announce(words.sending);
    try {
      await Promise.all([saved, files.sent()]);
      const response = await postFields(form.action, fieldsOf(form), { headers: FRAGMENT });
      if (!response.ok) throw Object.assign(new Error(), { response });
      showPublished(await response.text());
    } catch (failure) {
      await showFailure(failure);
    } finally {
      busy = false;
      publish.textContent = publishLabel;
      publish.removeAttribute("aria-disabled");
    }
  }

  function showPublished(html) {
    const post = insertPost(html, fields.reply_to.value);
    clear();
    announce(words.done);
    post?.focus();
    post?.scrollIntoView({ block: "nearest" });
  }

  /* The text has left the form. */
  function clear() {
    fields.text.value = "";
    autosave.published();
    newDraftKey();
    setTarget({});
    draftKeys.delete(draftKey());
  }

  /* Let the text wait on the device. Returns whether the device has stored it. */
  async function wait() {
    const values = Object.fromEntries(fieldsOf(form));
    delete values.token;
    const heading = target.hidden ? "" : title.textContent;
    const post = { key: values.draft_key, scope: words.draftKeyScope, at: Date.now(), heading, values };
    if (!(await keep(post))) return false;
    clear();
    await showWaiting();
    return true;
  }

  function waitingItem(post) {
    const item = document.createElement("li");
    const button = (text, action) => {
      const made = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: text });
      made.addEventListener("click", action);
      return made;
    };
    const text = Object.assign(document.createElement("bdi"), { dir: "auto", textContent: post.values.text.trim().slice(0, 120) });
    const state = Object.assign(document.createElement("strong"), { textContent: `${words.waiting}: ` });
    const reason = Object.assign(document.createElement("p"), { className: "error", textContent: post.error ?? "" });
    const actions = document.createElement("p");
    actions.className = "post-actions";
    actions.append(button(words.send, () => sendWaiting(post.key)), button(words.withdraw, () => takeBack(post)));
    item.append(state, text, reason, actions);
    return item;
  }

  async function showWaiting() {
    const posts = await waitingPosts(words.draftKeyScope);
    waitingList.replaceChildren(...posts.map(waitingItem));
    waitingList.hidden = !posts.length;
    clearTimeout(retry);
    if (posts.some((post) => !post.error)) retry = setTimeout(sendWaiting, RETRY_AFTER);
    return posts;
  }

  async function takeBack({ key, heading, values }) {
    if (busy) return;
    await drop(key);
    const source = find(values.reply_to ? `#p${values.reply_to} .says` : values.question ? `#q-${CSS.escape(values.question)} .says` : "x");
    setTarget({ question: values.question, replyTo: values.reply_to, heading: heading || undefined, source });
    fields.text.value = [values.text, fields.text.value].filter((text) => text.trim()).join("\n\n");
    fields.language.value = values.language;
    if (values.for_group && fields.for_group) fields.for_group.value = values.for_group;
    newDraftKey(key, values.mentioned);
    autosave.changed();
    await showWaiting();
    fields.text.focus();
  }

  /* Send the posts that wait. A post whose answer was lost has the same draft key: it stays one post. */
  function sendWaiting(only) {
    if (busy) return;
    return alone(async () => {
      for (const post of await waitingPosts(words.draftKeyScope)) {
        if (typeof only === "string" ? post.key !== only : post.error) continue;
        if (post.key === fields.draft_key.value) clear(); // the server had its draft
        let response;
        try {
          response = await postFields(form.action, { ...post.values, token }, { headers: FRAGMENT });
        } catch { break; }
        if (response.ok) {
          await drop(post.key);
          insertPost(await response.text(), post.values.reply_to);
          announce(words.done);
        } else {
          const { error: reason } = await response.json().catch(() => ({}));
          if (response.status < 500 && response.status !== 429) {
            await keep({ ...post, error: reason || (isSessionEnd(response) ? words.ended : words.failed) });
          }
        }
      }
      await showWaiting();
    });
  }

  async function showFailure(failure) {
    let text = words.failed;
    const { response } = failure;
    autosave.changed();
    if (response) {
      const body = await response.json().catch(() => ({}));
      text = body.error || (isSessionEnd(response) ? sessionEnd(autosave.isSaved()) : text);
      form.action = body.action || form.action;
      if (response.status === 409) fields.draft_key.value = randomKey();
    } else if (failure instanceof TypeError) {
      if (await wait()) return announce(words.waits);
      text = words.offline;
      sendWhenOnline = true;
    }
    announce("");
    showError(text);
  }

  document.addEventListener("click", changeTarget);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.hasAttribute("data-save-draft")) return autosave.save();
    sendWhenOnline = false;
    publishText();
  });
  window.addEventListener("online", () => {
    sendWaiting();
    if (!sendWhenOnline) return;
    sendWhenOnline = false;
    publishText();
  });
  fields.text.addEventListener("input", () => {
    if (error.textContent && !sendWhenOnline) showError("");
  });
  fields.text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || isComposing(event)) return;
    event.preventDefault();
    form.requestSubmit(publish);
  });
  showWaiting().then((posts) => { if (posts.length) sendWaiting(); });
}

/* Insert a rendered post into the discussion. Returns its element, or nothing if the page is loaded again. */
function insertPost(html, replyTo) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const post = find("article", template.content);
  const chips = find("[data-chips]", template.content);
  if (chips) find("[data-chips]")?.replaceWith(chips);
  const old = document.getElementById(post.id);
  const parent = document.getElementById(`p${replyTo}`);
  const item = document.createElement("li");
  item.append(post);
  if (old) {
    old.replaceWith(post);
  } else if (parent) {
    repliesOf(parent).append(item);
  } else {
    item.className = "thread";
    const list = find("[data-threads]");
    if (!list) return refresh();
    list.prepend(item);
  }
  const empty = find("[data-empty]");
  if (empty) empty.hidden = true;
  post.classList.add("fresh");
  enhance(post);
  return post;
}

function repliesOf(post) {
  const thread = post.closest(".thread");
  const present = find("[data-replies]", thread);
  if (present) return present;
  const replies = document.createElement("ol");
  replies.className = "replies";
  replies.dataset.replies = "";
  find("article", thread).after(replies);
  return replies;
}

const form = find("form[data-composer]");
if (form) startComposer(form);
