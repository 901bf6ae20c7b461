/* Progressive enhancement: each page works without this script.
   A classic script without imports and exports, so that it also runs from file: URLs and with a nonce CSP.
   Translated texts come from data-* attributes, in the reader's language. */
(() => {
  "use strict";

  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const meta = (name) => find(`meta[name="minga-${name}"]`)?.content;
  const language = document.documentElement.lang || "en";
  const token = meta("token");
  const cookielessBase = meta("cookieless");
  const framed = window.parent !== window;
  const format = (template, values) => template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const number = (value) => new Intl.NumberFormat(language).format(value);
  const randomKey = () =>
    [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

  /* Requests carry the page token: in a frame the browser may send no cookie. */
  const request = (url, options = {}) =>
    fetch(url, { credentials: "same-origin", ...options, headers: { "X-Minga-Token": token ?? "", ...options.headers } });
  const send = (url, fields, options = {}) => request(url, { method: "POST", body: new URLSearchParams(fields), ...options });

  /* ---- Navigate by POST ---- */
  function navigateByPost(action, fields, target) {
    const form = Object.assign(document.createElement("form"), { method: "post", action, hidden: true });
    if (target) form.target = target;
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
  }

  /* ---- Platform storage (LTI client-side postMessage) ---- */
  function sendToPlatform(target, origin, message, timeout) {
    return new Promise((resolve, reject) => {
      const messageId = randomKey();
      const finish = (settle, value) => {
        clearTimeout(timer);
        window.removeEventListener("message", receive);
        settle(value);
      };
      const receive = ({ data, origin: from }) => {
        if (typeof data !== "object" || data?.message_id !== messageId) return;
        if (origin !== "*" && from !== origin) return;
        if (data.subject !== `${message.subject}.response`) return;
        if (data.error) finish(reject, new Error(data.error.code));
        else finish(resolve, data);
      };
      const timer = setTimeout(() => finish(reject, new Error("timeout")), timeout);
      window.addEventListener("message", receive);
      try {
        target.postMessage({ ...message, message_id: messageId }, origin);
      } catch (error) {
        finish(reject, error);
      }
    });
  }

  async function platformStorage(element) {
    const { storage, storageTarget, platformOrigin: origin, key, value } = element.dataset;
    const platform = framed ? window.parent : window.opener;
    if (!platform) throw new Error("no platform window");
    let name = storageTarget;
    if (!name) {
      const response = await sendToPlatform(platform, "*", { subject: "lti.capabilities" }, 500);
      const supported = (response.supported_messages ?? []).find((message) => message.subject === `lti.${storage}_data`);
      if (!supported) throw new Error("unsupported_subject");
      name = supported.frame || "_parent";
    }
    const target = name === "_parent" ? platform : platform.frames[name];
    if (!target) throw new Error("no such frame");
    const message = storage === "put" ? { subject: "lti.put_data", key, value } : { subject: "lti.get_data", key };
    const response = await sendToPlatform(target, origin, message, storage === "put" ? 1500 : 2000);
    return response.value;
  }

  function startStorage() {
    const element = find("[data-storage]");
    if (!element) return;
    const response = platformStorage(element);
    if (element.dataset.storage === "put") {
      const go = () => window.location.replace(element.dataset.continueHref);
      response.then(go, go);
      return;
    }
    const showFallback = () => {
      element.hidden = true;
      document.getElementById(element.dataset.fallback).hidden = false;
    };
    response.then((proof) => {
      if (!proof) return showFallback();
      element.elements.proof.value = proof;
      element.submit();
    }).catch(showFallback);
  }

  /* ---- Automatic form submission, closing the registration window, links for frame and tab ---- */
  function startSmallPages() {
    for (const form of all("form[data-auto-submit]")) form.submit();
    for (const box of all("[data-lti-close]")) {
      const close = () => (framed ? window.parent : window.opener ?? window)
        .postMessage({ subject: "org.imsglobal.lti.close" }, "*");
      box.hidden = false;
      box.querySelector("button").addEventListener("click", close);
      setTimeout(close, Number(box.dataset.ltiClose) * 1000);
    }
    for (const element of all("[data-framed]")) element.hidden = !framed;
    for (const element of all("[data-alone]")) element.hidden = framed;
  }

  /* ---- Without cookies: links inside the session become POST requests with the token ---- */
  function startCookieless() {
    if (!cookielessBase) return;
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[href]");
      if (!link || event.defaultPrevented || event.button || link.hasAttribute("download")) return;
      const url = new URL(link.href, window.location.href);
      if (url.origin !== window.location.origin || !url.pathname.startsWith(cookielessBase)) return;
      const samePage = url.pathname + url.search === window.location.pathname + window.location.search;
      if (samePage && url.hash && link.getAttribute("href").startsWith("#")) return;
      event.preventDefault();
      const newTab = event.ctrlKey || event.metaKey || event.shiftKey;
      navigateByPost(`${cookielessBase}open${url.hash}`, { token, to: url.pathname + url.search },
        newTab ? "_blank" : link.target);
    });
  }

  function refresh() {
    if (cookielessBase) navigateByPost(`${cookielessBase}open`, { token, to: cookielessBase });
    else window.location.reload();
  }

  /* ---- In a frame: send the height of the page to the platform ---- */
  function startFrame() {
    if (!framed) return;
    let sentHeight = 0;
    let timer;
    const sendHeight = () => {
      const height = Math.ceil(document.body.getBoundingClientRect().height);
      if (height === sentHeight) return;
      sentHeight = height;
      window.parent.postMessage({ subject: "lti.frameResize", message_id: randomKey(), height }, "*");
    };
    new ResizeObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(sendHeight, 100);
    }).observe(document.body);
  }

  /* ---- Times: relative within a week, absolute in the title ---- */
  const steps = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600], [604800, "day", 86400]];
  const absolute = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  function formatTimes(root = document) {
    for (const time of all("time[data-relative]", root)) {
      const date = new Date(time.dateTime);
      time.title = absolute.format(date);
      const seconds = (date - Date.now()) / 1000;
      const step = steps.find(([limit]) => Math.abs(seconds) < limit);
      time.textContent = step ? relative.format(Math.round(seconds / step[2]), step[1]) : time.title;
    }
  }

  /* ---- Captions: loaded when the video first plays, not with the page ---- */
  function startCaptions() {
    for (const element of all("track[data-default]")) {
      const { track } = element;
      const tracks = [...element.parentElement.textTracks];
      element.parentElement.addEventListener("play", () => {
        if (tracks.every((one) => one.mode !== "showing")) track.mode = "showing";
      }, { once: true });
    }
  }

  /* ---- Keyboard access to content that scrolls horizontally ---- */
  function startScrollers() {
    for (const box of all(".prose :is(table, pre)")) if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }

  /* ---- Remote videos: no request to a third party before the click ---- */
  function startCovers() {
    for (const cover of all("a[data-embed]")) {
      cover.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        const frame = document.createElement("iframe");
        frame.allow = "autoplay; fullscreen; picture-in-picture; encrypted-media";
        frame.allowFullscreen = true;
        frame.referrerPolicy = "strict-origin-when-cross-origin";
        frame.title = cover.dataset.title;
        frame.src = cover.dataset.embed;
        cover.replaceWith(frame);
        frame.focus();
      });
    }
  }

  /* ---- Progress: a section counts as seen after its end was visible for two seconds ---- */
  function markSeen(id) {
    const entry = find(`[data-nav="${CSS.escape(id)}"]`);
    if (!entry || "seen" in entry.dataset) return;
    entry.dataset.seen = "";
    const label = find("[data-seen-words]", entry);
    if (label) label.hidden = false;
    const box = find("[data-progress]");
    if (!box) return;
    const done = Math.min(Number(box.dataset.done) + 1, Number(box.dataset.total));
    box.dataset.done = done;
    find("progress", box).value = done;
    find("p", box).textContent = format(box.dataset.words, { done: number(done), total: number(box.dataset.total) });
  }

  /* Contents that are taller than the window scroll in their box: keep the current entry in view. */
  function showEntry(entry) {
    const list = entry.closest(".contents");
    if (!list || list.scrollHeight <= list.clientHeight) return;
    const box = list.getBoundingClientRect();
    const { top, bottom, height } = entry.getBoundingClientRect();
    if (top < box.top || bottom > box.bottom) list.scrollTop += top - box.top - (box.height - height) / 2;
  }

  function startProgress() {
    const sections = all("[data-section]");
    if (!sections.length || !window.IntersectionObserver) return;
    const href = find("[data-progress-href]")?.dataset.progressHref;
    const timers = new Map();
    const reported = new Set();
    const report = async (id) => {
      if (document.hidden || reported.has(id)) return;
      reported.add(id);
      try {
        const response = await send(href, { section: id, token }, { keepalive: true });
        if (response.ok) markSeen(id);
        else reported.delete(id);
      } catch {
        reported.delete(id);
      }
    };
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const id = target.dataset.end;
        clearTimeout(timers.get(id));
        if (isIntersecting) timers.set(id, setTimeout(report, 2000, id));
      }
    });
    const current = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        for (const link of all("[data-nav]")) {
          if (link.dataset.nav === target.dataset.section) {
            link.setAttribute("aria-current", "true");
            showEntry(link);
          } else link.removeAttribute("aria-current");
        }
      }
    }, { rootMargin: "-20% 0px -70% 0px" });
    for (const section of sections) {
      current.observe(section);
      if (!href) continue;
      const end = document.createElement("span");
      end.dataset.end = section.dataset.section;
      if (section.dataset.kind === "discussion") find("h2", section).after(end);
      else section.append(end);
      seen.observe(end);
    }
  }

  /* ---- Drafts: on the server while one types; on the device only until the server has them ----
     Local storage may be blocked in a frame (SecurityError). */
  const localDrafts = {
    read(key) {
      try {
        const { text, at } = JSON.parse(window.localStorage.getItem(key)) ?? {};
        return typeof text === "string" ? { text, at } : null;
      } catch { return null; }
    },
    write(key, text) { // whether the device has stored it
      try {
        if (text) window.localStorage.setItem(key, JSON.stringify({ text, at: Date.now() }));
        else window.localStorage.removeItem(key);
        return true;
      } catch { return false; }
    },
  };
  const SAVE_AFTER = 1000;
  const SAVE_AT_LATEST = 10000;
  const keepers = [];

  function keepDraft(form, key, showEnded) {
    const fields = form.elements;
    const note = find("[data-note]", form);
    const state = () => `${fields.text.value}\0${fields.language.value}`;
    const invalid = fields.text.hasAttribute("aria-invalid");
    const fresh = !form.dataset.savedAt && (invalid || "composer" in form.dataset);
    const onServer = new Map([[key(), fresh ? "\0" : state()]]); // by place
    const typed = new Map(); // texts of other places, while the page is open
    let onDevice = true;
    let queue = Promise.resolve();
    let timer;
    let since = 0;
    let stopped = false;

    const isEmpty = (value) => !value.split("\0")[0].trim();
    const isSaved = () => {
      const known = onServer.get(key()) ?? "\0";
      return stopped || state() === known || (isEmpty(state()) && isEmpty(known));
    };
    const show = (saved) => {
      note.hidden = !fields.text.value;
      note.textContent = saved ? note.dataset.saved : note.dataset.unsaved;
    };

    async function post(place, value, body, keepalive) {
      const options = { method: "POST", body, headers: { "X-Minga-Fragment": "1" } };
      let response;
      try {
        response = await request(form.dataset.draftHref, { ...options, keepalive });
      } catch (failure) { // a body of more than 64 KiB cannot outlive the page
        if (!keepalive) throw failure;
        response = await request(form.dataset.draftHref, options);
      }
      if ([401, 403].includes(response.status)) showEnded?.();
      if (!response.ok) throw new Error(response.status);
      onServer.set(place, value);
      if (localDrafts.read(place)?.text === value.split("\0")[0]) localDrafts.write(place, "");
    }

    function save({ keepalive = false } = {}) {
      clearTimeout(timer);
      since = 0;
      if (isSaved()) return queue;
      const [place, value, body] = [key(), state(), new FormData(form)];
      const sending = keepalive ? post(place, value, body, true) : queue.then(() => post(place, value, body));
      queue = sending.catch(() => {
        if (!stopped && place === key()) schedule(SAVE_AT_LATEST);
      }).then(() => { if (place === key()) show(isSaved()); });
      return queue;
    }

    function schedule(wait = SAVE_AFTER) {
      if (isSaved()) return;
      since ||= Date.now();
      clearTimeout(timer);
      timer = setTimeout(save, Math.max(0, Math.min(wait, since + SAVE_AT_LATEST - Date.now())));
    }

    function changed() {
      stopped = false;
      onDevice = localDrafts.write(key(), fields.text.value);
      if (!isSaved()) note.hidden = true;
      schedule();
    }

    function restore() { // what only the device has; the newest wins
      const local = localDrafts.read(key());
      const savedAt = Date.parse(form.dataset.savedAt || 0);
      if (local && !invalid && local.text !== fields.text.value && local.at > savedAt) {
        fields.text.value = local.text;
        show(false);
      }
      schedule();
    }

    fields.text.addEventListener("input", changed);
    fields.language.addEventListener("change", changed);
    document.addEventListener("visibilitychange", () => { if (document.hidden) save({ keepalive: true }); });
    window.addEventListener("pagehide", () => save({ keepalive: true }));
    window.addEventListener("pageshow", (event) => { if (event.persisted) stopped = false; });
    window.addEventListener("beforeunload", (event) => { if (!isSaved() && !onDevice) event.preventDefault(); });
    restore();

    const keeper = {
      form,
      isSaved,
      save,
      changed,
      stop() { // the text is being published
        clearTimeout(timer);
        stopped = true;
        return queue;
      },
      /* The text of another place was moved here: delete it there. */
      moved(place, values) {
        typed.delete(place);
        localDrafts.write(place, "");
        const body = new FormData(form);
        for (const [name, value] of Object.entries({ ...values, text: "" })) body.set(name, value);
        queue = queue.then(() => post(place, "\0", body)).catch(() => {});
      },
      published() {
        stopped = false;
        onServer.set(key(), "\0");
        typed.delete(key());
        localDrafts.write(key(), "");
        note.hidden = true;
      },
      /* Leave a place: its text is stored. */
      leave() {
        save();
        typed.set(key(), fields.text.value);
        return fields.text.value;
      },
      /* Enter a place: show its draft. Returns whether it has one. */
      enter() {
        fields.text.value = typed.get(key()) ?? localDrafts.read(key())?.text ?? "";
        note.hidden = true;
        if (fields.text.value) {
          schedule();
          show(isSaved());
          return true;
        }
        const name = fields.reply_to.value ? "reply_to" : "question";
        const query = new URLSearchParams({ [name]: fields[name].value });
        const end = fields[name].value ? `?${query}` : "#composer";
        const other = all("[data-other-draft]", form).some((link) => link.getAttribute("href").endsWith(end));
        if (typed.has(key()) || !other) return false;
        load(key(), query);
        return true;
      },
    };
    async function load(place, query) {
      try {
        const response = await request(`${form.dataset.draftHref}&${query}`);
        if (response.status !== 200) return;
        const draft = await response.json();
        if (place !== key() || fields.text.value) return;
        fields.text.value = draft.text;
        fields.language.value = draft.language ?? "";
        fields.draft_key.value = draft.draft_key;
        onServer.set(place, state());
        show(true);
      } catch { /* it stays on the server */ }
    }
    keepers.push(keeper);
    return keeper;
  }

  /* Before the page is left by a link or a button, drafts are stored. */
  function startDraftGuard() {
    let allowed;
    const wait = (event, element, again) => {
      const unsaved = keepers.filter((keeper) => !keeper.isSaved() && keeper.form !== element);
      if (element === allowed || !unsaved.length) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const patience = new Promise((resolve) => { setTimeout(resolve, 3000); });
      Promise.race([Promise.all(unsaved.map((keeper) => keeper.save())), patience]).then(() => {
        allowed = element;
        again();
        allowed = undefined;
      });
    };
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[href]");
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const inPlace = "[data-new] a, [data-question-target], [data-reply-target], [data-cancel], [data-embed], [download]";
      if (link.matches(inPlace) || link.getAttribute("href").startsWith("#")) return;
      wait(event, link, () => link.click());
    }, true);
    document.addEventListener("submit", (event) => {
      wait(event, event.target, () => event.target.requestSubmit(event.submitter));
    }, true);
  }

  /* ---- The form that edits a post ---- */
  function startEditing() {
    const form = find("form[data-edit]");
    if (!form) return;
    const keeper = keepDraft(form, () => `minga ${form.dataset.draftKeyScope}`);
    form.addEventListener("submit", (event) => {
      if (!event.submitter?.hasAttribute("data-save-draft")) return keeper.stop();
      event.preventDefault();
      keeper.save();
    });
  }

  /* ---- The composer ---- */
  function startComposer() {
    const form = find("form[data-composer]");
    if (!form) return;
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

    const announce = (text) => { status.textContent = text; };
    const showError = (text) => {
      error.textContent = text;
      if (text) fields.text.setAttribute("aria-invalid", "true");
      else fields.text.removeAttribute("aria-invalid");
    };
    const draftKey = () =>
      ["minga", words.draftKeyScope, fields.reply_to.value, fields.question.value].join(" ");
    const keeper = keepDraft(form, draftKey, () => showError(words.ended));

    function setTarget({ question = "", replyTo = "", heading, source }) {
      const previous = { question: fields.question.value, reply_to: fields.reply_to.value };
      const previousKey = draftKey();
      const text = fields.text.value;
      const leaves = previous.question !== question || previous.reply_to !== replyTo;
      if (leaves) keeper.leave();
      fields.question.value = question;
      fields.reply_to.value = replyTo;
      title.textContent = heading ?? title.dataset.words;
      target.hidden = !heading;
      quote.textContent = source ? source.textContent.trim().slice(0, 200) : "";
      quote.lang = source?.closest("[lang]").lang ?? "";
      quote.dir = source?.closest("[dir]").dir ?? "";
      const parent = replyTo && document.getElementById(`p${replyTo}`);
      if (parent) parent.after(box);
      else initialParent.append(box);
      if (!leaves) return;
      fields.draft_key.value = randomKey();
      showError("");
      const hasDraft = keeper.enter();
      if (hasDraft || previous.question || previous.reply_to || !text) return;
      // A text without a target moves to the new one.
      fields.text.value = text;
      keeper.moved(previousKey, previous);
      keeper.changed();
    }

    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("[data-question-target], [data-reply-target], [data-cancel]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (busy) return;
      const { questionTarget: question, replyTarget: replyTo, words: heading } = link.dataset;
      const from = link.dataset.cancel === undefined ? null : fields.reply_to.value;
      if (question) setTarget({ question, heading, source: find(`#q-${CSS.escape(question)} .says`) });
      else if (replyTo) setTarget({ replyTo, heading, source: find(`#p${CSS.escape(replyTo)} .says`) });
      else setTarget({});
      const post = from && document.getElementById(`p${from}`);
      if (post) return post.focus();
      fields.text.focus({ preventScroll: true });
      box.scrollIntoView({ block: "nearest" });
    });

    function listOfReplies() {
      const replies = document.createElement("ol");
      replies.className = "replies";
      replies.dataset.replies = "";
      return replies;
    }

    function insertPost(html) {
      const template = document.createElement("template");
      template.innerHTML = html;
      const post = find("article", template.content);
      const chips = find("[data-chips]", template.content);
      if (chips) find("[data-chips]")?.replaceWith(chips);
      const old = document.getElementById(post.id);
      const parent = document.getElementById(`p${fields.reply_to.value}`);
      const item = document.createElement("li");
      item.append(post);
      if (old) {
        old.replaceWith(post);
      } else if (parent) {
        const thread = parent.closest(".thread");
        let replies = find("[data-replies]", thread);
        if (!replies) {
          replies = listOfReplies();
          find("article", thread).after(replies);
        }
        replies.append(item);
      } else {
        item.className = "thread";
        const list = find("[data-threads]");
        if (!list) return refresh();
        list.prepend(item);
      }
      const empty = find("[data-empty]");
      if (empty) empty.hidden = true;
      post.classList.add("fresh");
      formatTimes(post);
      return post;
    }

    async function submit() {
      if (busy) return;
      if (!fields.text.value.trim()) {
        showError(words.blank);
        return fields.text.focus();
      }
      busy = true;
      const saved = keeper.stop();
      publish.setAttribute("aria-disabled", "true");
      publish.textContent = words.sending;
      showError("");
      announce(words.sending);
      try {
        await saved;
        const response = await send(form.action, new FormData(form), { headers: { "X-Minga-Fragment": "1" } });
        if (!response.ok) throw Object.assign(new Error(), { response });
        const post = insertPost(await response.text());
        fields.text.value = "";
        keeper.published();
        fields.draft_key.value = randomKey();
        setTarget({});
        announce(words.done);
        post?.focus();
        post?.scrollIntoView({ block: "nearest" });
      } catch (failure) {
        let text = words.failed;
        const { response } = failure;
        if (response) {
          const ended = [401, 403].includes(response.status) ? words.ended : text;
          const body = await response.json().catch(() => ({}));
          text = body.error || ended;
          form.action = body.action || form.action;
          if (response.status === 409) fields.draft_key.value = randomKey();
        } else if (failure instanceof TypeError) {
          text = words.offline;
          sendWhenOnline = true;
        }
        announce("");
        showError(text);
        keeper.changed();
      } finally {
        busy = false;
        publish.textContent = publishLabel;
        publish.removeAttribute("aria-disabled");
      }
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter?.hasAttribute("data-save-draft")) return keeper.save();
      sendWhenOnline = false;
      submit();
    });
    window.addEventListener("online", () => {
      if (!sendWhenOnline) return;
      sendWhenOnline = false;
      submit();
    });
    fields.text.addEventListener("input", () => {
      if (error.textContent && !sendWhenOnline) showError("");
    });
  }

  /* ---- New posts, without touching the composer ---- */
  async function showNewPosts(discussion, href) {
    const response = await request(href);
    if (!response.ok) throw new Error(response.status);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const received = find("[data-talk]", page);
    const composer = document.getElementById("composer");
    const home = find("[data-composer-home]", discussion);
    const above = composer?.parentElement === home ? null : composer?.previousElementSibling?.id;
    const known = new Set(all("[data-post]", discussion).map((post) => post.id));
    if (composer) home.append(composer); // with the text that is being written
    while (home.nextSibling) home.nextSibling.remove();
    let node = find("[data-composer-home]", received);
    const nodes = [];
    while ((node = node.nextSibling)) nodes.push(node);
    home.after(...nodes.map((each) => document.adoptNode(each)));
    discussion.dataset.pollHref = received.dataset.pollHref;
    if (above) document.getElementById(above)?.after(composer);
    formatTimes(discussion);
    startScrollers();
    const first = all("[data-post]", discussion).find((post) => !known.has(post.id));
    first?.focus();
    first?.scrollIntoView({ block: "nearest" });
  }

  /* ---- Poll for new posts while the page is visible ---- */
  function startPolling() {
    const discussion = find("[data-poll-href]");
    if (!discussion || !find("[data-new]", discussion)) return;
    discussion.addEventListener("click", (event) => {
      const link = event.target.closest?.("[data-new] a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      showNewPosts(discussion, link.href).catch(refresh);
    });
    const poll = async () => {
      if (document.hidden) return;
      try {
        const response = await request(discussion.dataset.pollHref, { headers: { Accept: "application/json" } });
        if (!response.ok) return;
        const count = (await response.json()).new;
        const box = find("[data-new]", discussion);
        const link = find("a", box);
        box.hidden = !count;
        if (count) link.textContent = format(link.dataset.words, { count: number(count) });
      } catch { /* try again at the next poll */ }
    };
    setInterval(poll, 25000);
    document.addEventListener("visibilitychange", poll);
  }

  /* ---- Poll the state of package builds until all are done ---- */
  function startBuildPolling() {
    const list = find("[data-wait-href]");
    if (!list) return;
    const poll = async () => {
      let busy = true;
      try {
        const response = document.hidden ? null : await request(list.dataset.waitHref);
        if (response && !response.ok) return;
        const body = await response?.json();
        if (body) busy = body.busy;
        for (const { id, state, html } of body?.states ?? []) {
          const element = document.getElementById(id);
          if (!element || element.dataset.state === state) continue;
          element.dataset.state = state;
          element.innerHTML = html;
        }
      } catch { /* try again at the next poll */ }
      if (busy) setTimeout(poll, 2000);
      else find("[data-refresh-link]").hidden = true;
    };
    setTimeout(poll, 2000);
  }

  startStorage();
  startSmallPages();
  startFrame();
  startCovers();
  startCaptions();
  startScrollers();
  startProgress();
  startDraftGuard();
  startComposer();
  startEditing();
  startPolling();
  startBuildPolling();
  startCookieless();
  formatTimes();
  setInterval(formatTimes, 60000);
})();
