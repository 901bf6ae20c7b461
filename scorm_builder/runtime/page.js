/* The page of a package: its languages, its contents, its texts. Independent of any LMS.
 *
 * One document contains every language: the current one is in the body, the others are in <template> elements, where
 * they load nothing and ids do not conflict. Changing the language exchanges the body's content; the page is never
 * left, so the session continues (LMSs refuse a second Initialize in the same window). Without scripts the same links
 * lead to a file for each language.
 */

function makePage(view) {
  const doc = view.document;
  const module = JSON.parse(doc.getElementById("minga-module").textContent);
  const asleep = new Map(); // tag -> DocumentFragment of a language that is not shown
  let words = readWords();

  const find = (selector, root) => (root || doc).querySelector(selector);
  const all = (selector, root) => Array.from((root || doc).querySelectorAll(selector));

  all("template[data-language]").forEach((template) => {
    template.remove();
    asleep.set(template.dataset.language, template.content);
  });

  function readWords() {
    return JSON.parse(doc.getElementById("minga-words").textContent);
  }

  /* What scrolls sideways can be scrolled with the keyboard. */
  function startScrollers() {
    all(".prose :is(table, pre)").forEach((box) => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    });
  }

  /* Show another language. False if the package does not have it. */
  function show(tag) {
    if (tag === words.language) return true;
    if (!asleep.has(tag)) return false;
    const rest = doc.createDocumentFragment();
    rest.append(...doc.body.childNodes);
    asleep.set(words.language, rest);
    doc.body.append(asleep.get(tag));
    asleep.delete(tag);
    words = readWords();
    doc.documentElement.lang = words.lang;
    doc.documentElement.dir = words.dir;
    doc.title = words.document;
    startScrollers();
    return true;
  }

  /* The best of our languages for what people and systems ask for ("pt_br", "Español", "en-US"). */
  function nearest(wishes) {
    const plain = (tag) => tag.trim().replace(/_/g, "-").toLowerCase();
    const tags = module.languages.map((language) => language.tag);
    for (const wish of wishes.filter(Boolean).map(plain)) {
      const named = module.languages.find((language) => plain(language.name) === wish);
      const found = named ? named.tag
        : tags.find((tag) => plain(tag) === wish) ||
          tags.find((tag) => plain(tag).split("-")[0] === wish.split("-")[0]);
      if (found) return found;
    }
    return null;
  }

  function number(value) {
    return value.toLocaleString(words.lang);
  }

  /* What a "section" or a "question" is called on the page as it is shown: {text, language}. */
  function titleOf(kind, id) {
    const heading = find(`[data-${kind}="${id}"] ${kind === "section" ? "h2" : "h3"}`);
    if (!heading) return { text: id, language: "" };
    return { text: heading.textContent.trim(), language: heading.closest("[lang]").lang };
  }

  /* The suggested questions on the page in their order, with their numbers. */
  function questions() {
    return all("[data-question]").map((one) => ({
      id: one.dataset.question, number: parseInt(find("h3 .letter", one).textContent, 10),
    }));
  }

  /* A question without its number. */
  function questionText(id) {
    const heading = find(`[data-question="${id}"] h3`).cloneNode(true);
    all(".letter", heading).forEach((number) => number.remove());
    return heading.textContent.trim();
  }

  function say(name, values) {
    return words[name].replace(/\{(\w+)\}/g, (whole, key) => (values && key in values ? values[key] : whole));
  }

  function clock(time) {
    return new Date(time).toLocaleTimeString(words.lang, { hour: "2-digit", minute: "2-digit" });
  }

  function moment(time) {
    return new Date(time).toLocaleString(words.lang, { dateStyle: "long", timeStyle: "short" });
  }

  function showSeen(seen) {
    all("[data-nav]").forEach((entry) => {
      if (!seen.includes(entry.dataset.nav)) return;
      entry.dataset.seen = "";
      all("[data-seen-words]", entry).forEach((element) => (element.hidden = false));
    });
    const done = module.required.filter((id) => seen.includes(id)).length;
    all("[data-so-far]").forEach((bar) => (bar.value = done));
    const box = find("[data-progress]");
    if (!box) return;
    find("progress", box).value = done;
    find("p", box).textContent = box.dataset.words
      .replace("{done}", number(done))
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
    const third = view.innerHeight * 0.3;
    const above = all("[data-section]").filter((section) => section.getBoundingClientRect().top <= third);
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
    const top = module.section ? "0px" : "-15%"; // not at the very top, where the next section is read
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
    module, find, all, show, has: (tag) => tag === words.language || asleep.has(tag), nearest, say, number, clock,
    showSeen, showCurrent, current, goTo, watchEnds, playCover, titleOf, questions, questionText,
    moment, language: () => words.language, title: () => words.title,
  };
}
