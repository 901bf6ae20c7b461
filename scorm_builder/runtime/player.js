/* Connect the page and the session. Runs once, when the document is ready and the asynchronous launches (LAUNCHES) are
 * finished.
 */

const TYPING_PAUSE = 400; // ms of quiet in a box before its text is taken

/* `adapter`: makes one for a page, where an LMS opened the page in its own way. */
function play(view, adapter) {
  const page = makePage(view);
  const session = makeSession(
    (adapter || findAdapter)(page),
    (learner) => makeDevice(view, page.module, learner),
    page.module,
    {
      now: () => Date.now(),
      after: (ms, act) => view.setTimeout(act, ms),
      cancel: (handle) => view.clearTimeout(handle),
      news: tellNews,
      language: page.language,
    },
  );
  const typing = new Map(); // question -> the timer that will take its text
  let news = { kind: "alone", time: Date.now() };
  let acted = false; // whether the person has done anything: a page that only opened was not read
  const ended = []; // sections whose end was on the screen before that
  let movedByUs = 0; // when we last scrolled the page ourselves

  function findAdapter() {
    const found = findApi(view, Object.keys(STANDARDS));
    return found ? STANDARDS[found.name](found.api, page) : null;
  }

  function tellNews(kind) {
    news = { kind, time: Date.now() };
    showNews();
  }

  function showNews() {
    const box = page.find("[data-news]");
    if (!box) return;
    const quiet = news.kind === "open" && !session.finished();
    const kind = news.kind === "open" ? "finished" : news.kind;
    const text = quiet ? "" : page.say(kind, { time: page.clock(news.time) });
    if (box.textContent !== text) box.textContent = text;
    box.classList.toggle("notice", ["left", "left-unsaved", "left-unkept"].includes(news.kind));
    box.classList.toggle("long", text.length > 60);
    box.dataset.news = news.kind;
  }

  /* ---- When a language is shown ---- */

  function dress() {
    page.all("[data-package]").forEach((element) => (element.hidden = false));
    page.all("[data-answer]").forEach((box) => {
      const area = page.find("textarea", box);
      area.value = session.answers()[box.dataset.answer] || "";
      area.readOnly = session.stage() === "watching" || session.stage() === "closed";
      showRoom(box, session.refused(box.dataset.answer) ? take(box) : null);
    });
    closeMenu();
    page.all("[data-leave]").forEach((button) => (button.hidden = session.stage() === "closed"));
    page.showSeen(session.seenSections());
    page.showCurrent(page.current());
    showNews();
    if (page.find("[data-end]") === null) page.watchEnds(sawEnd);
    captions.dress();
  }

  /* `menu`: chosen in the bar, so that the keyboard stays there. */
  function changeLanguage(tag, menu) {
    takeAll();
    const place = page.current();
    const scrolled = view.scrollY > 0;
    if (!page.show(tag)) return;
    session.language(tag);
    dress();
    if (scrolled) page.goTo(place);
    movedByUs = Date.now();
    const next = page.find(menu ? ".menu summary" : `.languages a[hreflang="${tag}"]`);
    if (next) next.focus({ preventScroll: scrolled });
  }

  /* ---- Sections ---- */

  function sawEnd(id) {
    if (view.document.hidden) return;
    if (acted) see(id);
    else ended.push(id);
  }

  function see(id) {
    session.seen(id);
    page.showSeen(session.seenSections());
  }

  function act(event) {
    if (event.type === "scroll" || event.type === "focusin") noteCurrent();
    if (acted || (event.type === "scroll" && Date.now() - movedByUs < 500)) return;
    acted = true;
    ended.splice(0).forEach(see);
  }

  let noting = null;
  function noteCurrent() {
    if (noting !== null) return;
    noting = view.setTimeout(() => {
      noting = null;
      const id = page.current();
      page.showCurrent(id);
      session.place(id);
    }, 300);
  }

  /* ---- Answers ---- */

  function take(box) {
    view.clearTimeout(typing.get(box));
    typing.delete(box);
    if (page.find("textarea", box).readOnly) return null;
    return session.answer(box.dataset.answer, page.find("textarea", box).value);
  }

  function takeAll() {
    Array.from(typing.keys()).forEach((box) => showRoom(box, take(box)));
  }

  /* Show a counter when room is scarce, and the reason when there is none. */
  function showRoom(box, outcome) {
    const area = page.find("textarea", box);
    const note = page.find("[data-room]", box);
    const error = page.find("[data-over]", box);
    const over = outcome !== null && !outcome.kept && session.stage() === "open";
    area.toggleAttribute("aria-invalid", over);
    const perLetter = 1.7; // how many letters of a text one character of the state holds, at least
    const many = (count) => page.number(Math.max(10, Math.ceil((count * perLetter) / 10) * 10));
    const text = over ? page.say(outcome.device ? "full" : "full-unkept", { count: many(outcome.over) }) : "";
    if (error.textContent !== text) error.textContent = text;
    const scarce = outcome !== null && outcome.kept && outcome.left < 1500;
    note.textContent = scarce ? page.say("room", { count: page.number(outcome.left < 10 ? outcome.left : Math.floor(outcome.left / 10) * 10) }) : "";
    note.hidden = !scarce;
  }

  /* ---- Buttons ---- */

  function closeMenu() {
    page.all(".menu").forEach((menu) => (menu.open = false));
  }

  function press(event) {
    if (!event.target.closest(".menu")) closeMenu();
    const link = event.target.closest("a, [data-leave], [data-take]");
    if (!link || event.defaultPrevented) return;
    const apart = event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0;
    if (link.hasAttribute("data-leave")) leave();
    else if (link.hasAttribute("data-take")) {
      takeAll();
      answers.take(link.dataset.take);
    } else if (link.closest(".languages, .menu")) {
      if (!page.has(link.hreflang)) return; // a page that carries no other: the link leads to a file
      event.preventDefault();
      changeLanguage(link.hreflang, link.closest(".menu") !== null);
    } else if (link.dataset.embed && !apart) {
      event.preventDefault();
      page.playCover(link);
    } else if (!link.getAttribute("href").startsWith("#") && !link.hasAttribute("download") && !link.target) {
      link.target = "_blank"; // to follow a link in this window would end the session
      link.rel = "noopener";
    }
  }

  function leave() {
    takeAll();
    const kept = session.leave();
    dress();
    const box = page.find("[data-news]");
    if (box) box.focus({ preventScroll: true });
    if (kept === true) goAway();
    else if (kept) kept.then((known) => known && goAway()); // if not, this page alone has the work: it must stay
  }

  function goAway() {
    const address = session.returnTo();
    if (address) view.location.replace(address);
    if (address) return;
    try {
      if (view.top !== view && view.top.opener) view.setTimeout(() => view.top.close(), 600);
      else if (view.opener) view.setTimeout(() => view.close(), 600);
    } catch (error) {
      // a window of another origin cannot be closed
    }
  }

  /* ---- Start ---- */

  const begun = session.start();
  const captions = makeCaptions(page, begun, session.captions);
  const answers = makeAnswers(view, page, session);
  const parameter = new URLSearchParams(view.location.search).get("language");
  const preferred = (begun.preferred || "").split(",");
  const first = page.nearest([begun.language, parameter, ...preferred, ...(view.navigator.languages || [])]);
  if (first) page.show(first);
  dress();
  if (begun.place && begun.place !== page.module.sections[0]) {
    movedByUs = Date.now();
    page.goTo(begun.place);
  }

  const doc = view.document;
  ["pointerdown", "keydown", "wheel", "touchstart", "scroll", "focusin"].forEach((type) => {
    view.addEventListener(type, (event) => event.isTrusted && act(event), { passive: true, capture: true });
  });
  doc.addEventListener("click", press);
  doc.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest(".menu[open]");
    if (!menu) return;
    closeMenu();
    page.find("summary", menu).focus();
  });
  doc.addEventListener("input", (event) => {
    const box = event.target.closest("[data-answer]");
    if (!box) return;
    view.clearTimeout(typing.get(box));
    typing.set(box, view.setTimeout(() => showRoom(box, take(box)), TYPING_PAUSE));
  });
  doc.addEventListener("focusout", takeAll);
  doc.addEventListener("visibilitychange", () => {
    takeAll();
    if (doc.hidden) session.hidden();
    else session.shown();
  });
  view.addEventListener("pageshow", () => session.shown());
  view.addEventListener("online", () => session.save());
  view.addEventListener("pagehide", (event) => {
    takeAll();
    session.pageHidden(event.persisted);
  });
}
