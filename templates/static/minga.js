/* Everything here is an addition: each page works without it.
   One plain script (no import, no export), so that it also runs from a file and under a nonce CSP.
   The words it shows come from data-* attributes: the server knows the reader's language. */
(() => {
  "use strict";

  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const meta = (name) => find(`meta[name="minga-${name}"]`)?.content;
  const language = document.documentElement.lang || "en";
  const token = meta("token");
  const cookielessBase = meta("cookieless");
  const framed = window.parent !== window;
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const number = (value) => new Intl.NumberFormat(language).format(value);
  const randomKey = () =>
    [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

  /* Requests carry the page-held token: a frame may have no cookie. */
  const ask = (address, options = {}) =>
    fetch(address, { credentials: "same-origin", ...options, headers: { "X-Minga-Token": token ?? "", ...options.headers } });
  const send = (address, fields, options = {}) => ask(address, { method: "POST", body: new URLSearchParams(fields), ...options });

  /* ---- A post form, built on the spot ---- */
  function postAway(action, fields, target) {
    const form = Object.assign(document.createElement("form"), { method: "post", action, hidden: true });
    if (target) form.target = target;
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
  }

  /* ---- Platform storage (LTI client-side postMessage) ---- */
  function platformAsk(target, origin, message, timeout) {
    return new Promise((resolve, reject) => {
      const messageId = randomKey();
      const finish = (settle, value) => {
        clearTimeout(timer);
        window.removeEventListener("message", hear);
        settle(value);
      };
      const hear = ({ data, origin: from }) => {
        if (typeof data !== "object" || data?.message_id !== messageId) return;
        if (origin !== "*" && from !== origin) return;
        if (data.subject !== `${message.subject}.response`) return;
        if (data.error) finish(reject, new Error(data.error.code));
        else finish(resolve, data);
      };
      const timer = setTimeout(() => finish(reject, new Error("timeout")), timeout);
      window.addEventListener("message", hear);
      try {
        target.postMessage({ ...message, message_id: messageId }, origin);
      } catch (error) {
        finish(reject, error);
      }
    });
  }

  async function platformStorage(element) {
    const { storage, storageTarget, platformOrigin: origin, key, value } = element.dataset;
    const home = framed ? window.parent : window.opener;
    if (!home) throw new Error("no platform window");
    let name = storageTarget;
    if (!name) {
      const answer = await platformAsk(home, "*", { subject: "lti.capabilities" }, 500);
      const known = (answer.supported_messages ?? []).find((one) => one.subject === `lti.${storage}_data`);
      if (!known) throw new Error("unsupported_subject");
      name = known.frame || "_parent";
    }
    const target = name === "_parent" ? home : home.frames[name];
    if (!target) throw new Error("no such frame");
    const message = storage === "put" ? { subject: "lti.put_data", key, value } : { subject: "lti.get_data", key };
    const answer = await platformAsk(target, origin, message, storage === "put" ? 1500 : 2000);
    return answer.value;
  }

  function startStorage() {
    const element = find("[data-storage]");
    if (!element) return;
    const answer = platformStorage(element);
    if (element.dataset.storage === "put") {
      const go = () => window.location.replace(element.dataset.continueHref);
      answer.then(go, go);
      return;
    }
    const giveUp = () => {
      element.hidden = true;
      document.getElementById(element.dataset.fallback).hidden = false;
    };
    answer.then((proof) => {
      if (!proof) return giveUp();
      element.elements.proof.value = proof;
      element.submit();
    }).catch(giveUp);
  }

  /* ---- Small pages: submit by itself, close the registration window ---- */
  function startSmallPages() {
    for (const form of all("form[data-auto-submit]")) form.submit();
    for (const box of all("[data-lti-close]")) {
      const close = () => (framed ? window.parent : window.opener ?? window)
        .postMessage({ subject: "org.imsglobal.lti.close" }, "*");
      box.hidden = false;
      box.querySelector("button").addEventListener("click", close);
      setTimeout(close, Number(box.dataset.ltiClose) * 1000);
    }
    for (const way of all("[data-framed]")) way.hidden = !framed;
    for (const way of all("[data-alone]")) way.hidden = framed;
  }

  /* ---- Without cookies: links inside the launch travel as a form with the token ---- */
  function startCookieless() {
    if (!cookielessBase) return;
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[href]");
      if (!link || event.defaultPrevented || event.button || link.hasAttribute("download")) return;
      const address = new URL(link.href, window.location.href);
      if (address.origin !== window.location.origin || !address.pathname.startsWith(cookielessBase)) return;
      const here = address.pathname + address.search === window.location.pathname + window.location.search;
      if (here && address.hash && link.getAttribute("href").startsWith("#")) return;
      event.preventDefault();
      const apart = event.ctrlKey || event.metaKey || event.shiftKey;
      postAway(`${cookielessBase}open${address.hash}`, { token, to: address.pathname + address.search },
        apart ? "_blank" : link.target);
    });
  }

  function refresh() {
    if (cookielessBase) postAway(`${cookielessBase}open`, { token, to: cookielessBase });
    else window.location.reload();
  }

  /* ---- In a frame: tell the platform how tall the page is ---- */
  function startFrame() {
    if (!framed) return;
    let told = 0;
    let timer;
    const tell = () => {
      const height = Math.ceil(document.body.getBoundingClientRect().height);
      if (height === told) return;
      told = height;
      window.parent.postMessage({ subject: "lti.frameResize", message_id: randomKey(), height }, "*");
    };
    new ResizeObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(tell, 100);
    }).observe(document.body);
  }

  /* ---- Times: relative for a week, the absolute one as the title ---- */
  const steps = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600], [604800, "day", 86400]];
  const absolute = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  function tellTimes(root = document) {
    for (const time of all("time[data-relative]", root)) {
      const moment = new Date(time.dateTime);
      time.title = absolute.format(moment);
      const seconds = (moment - Date.now()) / 1000;
      const step = steps.find(([limit]) => Math.abs(seconds) < limit);
      time.textContent = step ? relative.format(Math.round(seconds / step[2]), step[1]) : time.title;
    }
  }

  /* ---- Captions: asked for when the video first plays, not with the page ---- */
  function startCaptions() {
    for (const element of all("track[data-default]")) {
      const { track } = element;
      const others = [...element.parentElement.textTracks];
      element.parentElement.addEventListener("play", () => {
        if (others.every((one) => one.mode !== "showing")) track.mode = "showing";
      }, { once: true });
    }
  }

  /* ---- What scrolls sideways can be scrolled with the keyboard ---- */
  function startScrollers() {
    for (const box of all(".prose :is(table, pre)")) if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }

  /* ---- Remote videos: nothing is asked of a third party before the press ---- */
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

  /* ---- What has been seen: the end of a part was on the screen for two seconds ---- */
  function markSeen(id) {
    const entry = find(`[data-nav="${CSS.escape(id)}"]`);
    if (!entry || "seen" in entry.dataset) return;
    entry.dataset.seen = "";
    const words = find("[data-seen-words]", entry);
    if (words) words.hidden = false;
    const box = find("[data-progress]");
    if (!box) return;
    const done = Math.min(Number(box.dataset.done) + 1, Number(box.dataset.total));
    box.dataset.done = done;
    find("progress", box).value = done;
    find("p", box).textContent = fill(box.dataset.words, { done: number(done), total: number(box.dataset.total) });
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
        const answer = await send(href, { section: id, token }, { keepalive: true });
        if (answer.ok) markSeen(id);
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

  /* ---- Local drafts: the browser may refuse to keep them (SecurityError in a frame) ---- */
  const memory = new Map();
  const drafts = {
    read(key) {
      try { return window.localStorage.getItem(key) ?? memory.get(key) ?? ""; } catch { return memory.get(key) ?? ""; }
    },
    write(key, text) {
      memory.set(key, text);
      try {
        if (text) window.localStorage.setItem(key, text);
        else window.localStorage.removeItem(key);
      } catch { /* kept in memory for as long as the page lives */ }
    },
  };

  /* ---- The composer ---- */
  function startComposer() {
    const form = find("form[data-composer]");
    if (!form) return;
    const box = form.closest(".composer");
    const home = box.parentElement;
    const fields = form.elements;
    const [title, target, quote] = ["[data-title]", "[data-target]", "[data-quote]"].map((one) => find(one, box));
    const [error, note, publish] = ["[data-error]", "[data-note]", "[data-publish]"].map((one) => find(one, form));
    const publishWords = publish.textContent;
    const status = find("[data-status]");
    const words = form.dataset;
    let busy = false;
    let waiting = false;

    const say = (text) => { status.textContent = text; };
    const complain = (text) => {
      error.textContent = text;
      if (text) fields.text.setAttribute("aria-invalid", "true");
      else fields.text.removeAttribute("aria-invalid");
    };
    const draftKey = () =>
      ["minga", words.draftKeyScope, fields.reply_to.value, fields.question.value].join(" ");
    const loadDraft = () => {
      const kept = drafts.read(draftKey());
      note.hidden = !kept || Boolean(fields.text.value);
      if (note.hidden) return;
      fields.text.value = kept;
      note.textContent = note.dataset.words;
    };

    function aim({ question = "", replyTo = "", heading, source }) {
      const before = draftKey();
      const free = !fields.question.value && !fields.reply_to.value;
      const text = fields.text.value;
      fields.question.value = question;
      fields.reply_to.value = replyTo;
      title.textContent = heading ?? title.dataset.words;
      target.hidden = !heading;
      quote.textContent = source ? source.textContent.trim().slice(0, 200) : "";
      quote.lang = source?.closest("[lang]").lang ?? "";
      quote.dir = source?.closest("[dir]").dir ?? "";
      const place = replyTo && document.getElementById(`p${replyTo}`);
      if (place) place.after(box);
      else home.append(box);
      if (draftKey() === before) return;
      fields.draft_key.value = randomKey();
      complain("");
      drafts.write(before, text);
      fields.text.value = "";
      loadDraft();
      if (!fields.text.value && free && text) {
        fields.text.value = text;
        drafts.write(before, "");
        drafts.write(draftKey(), text);
      }
    }

    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("[data-question-target], [data-reply-target], [data-cancel]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (busy) return;
      const { questionTarget: question, replyTarget: replyTo, words: heading } = link.dataset;
      const from = link.dataset.cancel === undefined ? null : fields.reply_to.value;
      if (question) aim({ question, heading, source: find(`#q-${CSS.escape(question)} .says`) });
      else if (replyTo) aim({ replyTo, heading, source: find(`#p${CSS.escape(replyTo)} .says`) });
      else aim({});
      const post = from && document.getElementById(`p${from}`);
      if (post) return post.focus();
      fields.text.focus({ preventScroll: true });
      box.scrollIntoView({ block: "nearest" });
    });

    function place(html) {
      const template = document.createElement("template");
      template.innerHTML = html;
      const post = find("article", template.content);
      const old = document.getElementById(post.id);
      const parent = document.getElementById(`p${fields.reply_to.value}`);
      const item = document.createElement("li");
      item.append(post);
      if (old) {
        old.replaceWith(post);
      } else if (parent) {
        find("[data-replies]", parent.closest(".thread")).append(item);
      } else {
        item.className = "thread";
        const replies = document.createElement("ol");
        replies.className = "replies";
        replies.dataset.replies = "";
        item.append(replies);
        const list = find("[data-threads]");
        if (!list) return refresh();
        list.prepend(item);
      }
      const empty = find("[data-empty]");
      if (empty) empty.hidden = true;
      post.classList.add("fresh");
      tellTimes(post);
      return post;
    }

    async function submit() {
      if (busy) return;
      if (!fields.text.value.trim()) {
        complain(words.blank);
        return fields.text.focus();
      }
      busy = true;
      publish.setAttribute("aria-disabled", "true");
      publish.textContent = words.sending;
      complain("");
      say(words.sending);
      try {
        const answer = await send(form.action, new FormData(form), { headers: { "X-Minga-Fragment": "1" } });
        if (!answer.ok) throw Object.assign(new Error(), { answer });
        const post = place(await answer.text());
        drafts.write(draftKey(), "");
        fields.text.value = "";
        note.hidden = true;
        fields.draft_key.value = randomKey();
        aim({});
        say(words.done);
        post?.focus();
        post?.scrollIntoView({ block: "nearest" });
      } catch (problem) {
        let text = words.failed;
        const { answer } = problem;
        if (answer) {
          const ended = [401, 403].includes(answer.status) ? words.ended : text;
          const told = await answer.json().catch(() => ({}));
          text = told.error || ended;
          form.action = told.action || form.action;
          if (answer.status === 409) fields.draft_key.value = randomKey();
        } else if (problem instanceof TypeError) {
          text = words.offline;
          waiting = true;
        }
        say("");
        complain(text);
      } finally {
        busy = false;
        publish.textContent = publishWords;
        publish.removeAttribute("aria-disabled");
      }
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      waiting = false;
      submit();
    });
    window.addEventListener("online", () => {
      if (!waiting) return;
      waiting = false;
      submit();
    });
    fields.text.addEventListener("input", () => {
      drafts.write(draftKey(), fields.text.value);
      if (error.textContent && !waiting) complain("");
    });
    loadDraft();
  }

  /* ---- Has anybody written? Asked only while somebody looks ---- */
  function startPolling() {
    const talk = find("[data-poll-href]");
    const box = talk && find("[data-new]", talk);
    if (!box) return;
    const link = find("a", box);
    link.addEventListener("click", (event) => { // a browser only scrolls to the address that it is at
      const here = link.pathname + link.search === window.location.pathname + window.location.search;
      if (here && !(event.ctrlKey || event.metaKey || event.shiftKey)) setTimeout(refresh);
    });
    const look = async () => {
      if (document.hidden) return;
      try {
        const answer = await ask(talk.dataset.pollHref, { headers: { Accept: "application/json" } });
        if (!answer.ok) return;
        const count = (await answer.json()).new;
        box.hidden = !count;
        if (count) link.textContent = fill(link.dataset.words, { count: number(count) });
      } catch { /* the next look may succeed */ }
    };
    setInterval(look, 25000);
    document.addEventListener("visibilitychange", look);
  }

  /* ---- What the worker builds: asked for until it is done ---- */
  function startWaiting() {
    const list = find("[data-wait-href]");
    if (!list) return;
    const look = async () => {
      let busy = true;
      try {
        const answer = document.hidden ? null : await ask(list.dataset.waitHref);
        if (answer && !answer.ok) return;
        const news = await answer?.json();
        if (news) busy = news.busy;
        for (const { id, state, html } of news?.states ?? []) {
          const place = document.getElementById(id);
          if (!place || place.dataset.state === state) continue;
          place.dataset.state = state;
          place.innerHTML = html;
        }
      } catch { /* the next look may succeed */ }
      if (busy) setTimeout(look, 2000);
      else find("[data-wait-less]").hidden = true;
    };
    setTimeout(look, 2000);
  }

  startStorage();
  startSmallPages();
  startFrame();
  startCovers();
  startCaptions();
  startScrollers();
  startProgress();
  startComposer();
  startPolling();
  startWaiting();
  startCookieless();
  tellTimes();
  setInterval(tellTimes, 60000);
})();
