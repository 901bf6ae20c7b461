/* The page of a package: languages, table of contents and messages. Independent of any LMS.
 *
 * One document contains every language: the current one is in the body, the others are in <template> elements, where
 * they load nothing and ids do not conflict. Changing the language replaces the body's content without navigation, so
 * the session continues (LMSs refuse a second Initialize in the same window). Without scripts the same links
 * lead to a file for each language.
 */

function makePage(view) {
  const doc = view.document;
  const module = JSON.parse(doc.getElementById("minga-module").textContent);
  const otherLanguages = new Map(); // tag -> DocumentFragment of a language that is not shown
  let messages = readMessages();

  const find = (selector, root) => (root || doc).querySelector(selector);
  const all = (selector, root) => Array.from((root || doc).querySelectorAll(selector));

  all("template[data-language]").forEach((template) => {
    template.remove();
    otherLanguages.set(template.dataset.language, template.content);
  });

  function readMessages() {
    return JSON.parse(doc.getElementById("minga-words").textContent);
  }

  /* Make boxes that scroll horizontally scrollable with the keyboard. */
  function startScrollers() {
    all(".prose :is(table, pre)").forEach((box) => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    });
  }

  /* Show another language. False if the package does not have it. */
  function show(tag) {
    if (tag === messages.language) return true;
    if (!otherLanguages.has(tag)) return false;
    const fragment = doc.createDocumentFragment();
    fragment.append(...doc.body.childNodes);
    otherLanguages.set(messages.language, fragment);
    doc.body.append(otherLanguages.get(tag));
    otherLanguages.delete(tag);
    messages = readMessages();
    doc.documentElement.lang = messages.lang;
    doc.documentElement.dir = messages.dir;
    doc.title = messages.document;
    startScrollers();
    return true;
  }

  /* The package's language that best matches the requested ones ("pt_br", "Español", "en-US"); null if none does. */
  function closestLanguage(requested) {
    const normalize = (tag) => tag.trim().replace(/_/g, "-").toLowerCase();
    const tags = module.languages.map((language) => language.tag);
    for (const requestedTag of requested.filter(Boolean).map(normalize)) {
      const byName = module.languages.find((language) => normalize(language.name) === requestedTag);
      const found = byName ? byName.tag
        : tags.find((tag) => normalize(tag) === requestedTag) ||
          tags.find((tag) => normalize(tag).split("-")[0] === requestedTag.split("-")[0]);
      if (found) return found;
    }
    return null;
  }

  function number(value) {
    return value.toLocaleString(messages.lang);
  }

  /* The title of a "section" or a "question" on the page as shown: {text, language}. */
  function titleOf(kind, id) {
    const heading = find(`[data-${kind}="${id}"] ${kind === "section" ? "h2" : "h3"}`);
    if (!heading) return { text: id, language: "" };
    return { text: heading.textContent.trim(), language: heading.closest("[lang]").lang };
  }

  /* The suggested questions on the page in their order, with their numbers. */
  function questions() {
    return all("[data-question]").map((element) => ({
      id: element.dataset.question, number: parseInt(find("h3 .letter", element).textContent, 10),
    }));
  }

  /* A question without its number. */
  function questionText(id) {
    const heading = find(`[data-question="${id}"] h3`).cloneNode(true);
    all(".letter", heading).forEach((number) => number.remove());
    return heading.textContent.trim();
  }

  function formatMessage(name, values) {
    return messages[name].replace(/\{(\w+)\}/g, (placeholder, key) =>
      (values && key in values ? values[key] : placeholder));
  }

  /* The page's language with the reader's region, which decides about 15:09 or 3:09 PM, and the page's digits. */
  function locale() {
    const isOfPage = (tag) => tag.split("-")[0] === messages.lang.split("-")[0];
    const tag = (view.navigator.languages || []).find(isOfPage) || messages.lang;
    return new view.Intl.Locale(tag, { numberingSystem: "latn" });
  }

  function formatTime(time) {
    return new Date(time).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });
  }

  function formatDateTime(time) {
    return new Date(time).toLocaleString(locale(), { dateStyle: "long", timeStyle: "short" });
  }

  function showSeen(seen) {
    all("[data-nav]").forEach((entry) => {
      if (!seen.includes(entry.dataset.nav)) return;
      entry.dataset.seen = "";
      all("[data-seen-words]", entry).forEach((element) => (element.hidden = false));
    });
    const seenCount = module.required.filter((id) => seen.includes(id)).length;
    all("[data-bar-progress]").forEach((bar) => (bar.value = seenCount));
    const box = find("[data-progress]");
    if (!box) return;
    find("progress", box).value = seenCount;
    find("p", box).textContent = box.dataset.words
      .replace("{done}", number(seenCount))
      .replace("{total}", number(module.required.length));
  }

  function showCurrent(id) {
    all("[data-nav]").forEach((entry) => {
      if (entry.dataset.nav === id) {
        entry.setAttribute("aria-current", "true");
        showEntry(entry);
      } else entry.removeAttribute("aria-current");
    });
  }

  /* Contents that are taller than the window scroll in their box: keep the current entry in view. */
  function showEntry(entry) {
    const list = entry.closest(".contents");
    if (!list || list.scrollHeight <= list.clientHeight) return;
    const box = list.getBoundingClientRect();
    const { top, bottom, height } = entry.getBoundingClientRect();
    if (top < box.top || bottom > box.bottom) list.scrollTop += top - box.top - (box.height - height) / 2;
  }

  /* The section that is being read: the last whose top is in the upper third of the window. */
  function current() {
    const limit = view.innerHeight * 0.3;
    const above = all("[data-section]").filter((section) => section.getBoundingClientRect().top <= limit);
    return above.length > 0 ? above[above.length - 1].dataset.section : module.sections[0];
  }

  function goTo(id) {
    const section = find(`[data-section="${id}"]`);
    if (!section) return;
    const heading = find("h2", section);
    if (heading) heading.focus({ preventScroll: true });
    section.scrollIntoView({ behavior: "instant", block: "start" });
  }

  /* Call back with a section's id when its end has been visible for two seconds. */
  function watchEnds(seen) {
    if (!view.IntersectionObserver) return;
    const timers = new Map();
    const top = module.section ? "0px" : "-15%"; // not at the top, where the next section is being read
    const observer = new view.IntersectionObserver((entries) => {
      entries.forEach(({ target, isIntersecting }) => {
        const id = target.dataset.end;
        view.clearTimeout(timers.get(id));
        if (isIntersecting) timers.set(id, view.setTimeout(() => seen(id), 2000));
      });
    }, { rootMargin: `${top} 0px 0px 0px` });
    all("[data-section]").forEach((section) => {
      const end = doc.createElement("span");
      end.dataset.end = section.dataset.section;
      section.append(end);
      observer.observe(end);
    });
  }

  /* A video on another site: nothing is requested before the button is pressed. */
  function playCover(cover) {
    const frame = doc.createElement("iframe");
    frame.allow = "autoplay; fullscreen; picture-in-picture; encrypted-media";
    frame.allowFullscreen = true;
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    frame.title = cover.dataset.title;
    frame.src = cover.dataset.embed;
    cover.replaceWith(frame);
    frame.focus();
  }

  startScrollers();
  return {
    module, find, all, show, has: (tag) => tag === messages.language || otherLanguages.has(tag), closestLanguage,
    formatMessage, number, formatTime,
    showSeen, showCurrent, current, goTo, watchEnds, playCover, titleOf, questions, questionText,
    formatDateTime, language: () => messages.language, title: () => messages.title,
  };
}
