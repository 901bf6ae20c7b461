/* Connect the page and the session. Runs once, when the document is ready and the asynchronous launches (LAUNCHES) are
 * finished.
 */

const TYPING_PAUSE = 300; // ms of quiet in a box before its text is taken
const SEARCH = { first: 200, longest: 5000, end: 60000 }; // ms between two looks for an API, and of all

/* `adapter`: makes one for a page, where an LMS opened the page in its own way. */
function play(view, store, adapter) {
  const page = makePage(view);
  const found = (adapter || findAdapter)(page);
  const session = makeSession(
    found,
    (learner) => makeDevice(view, store, page.module, learner),
    page.module,
    {
      now: () => Date.now(),
      after: (ms, act) => view.setTimeout(act, ms),
      cancel: (handle) => view.clearTimeout(handle),
      news: tellNews,
      language: page.language,
      collect: takeAll,
      joined,
    },
  );
  const typing = new Map(); // question -> the timer that will take its text
  let news = { kind: "alone", time: Date.now() };
  let acted = false; // whether the person has done anything: a page that only opened was not read
  const ended = []; // sections whose end was on the screen before that
  let movedByUs = 0; // when we last scrolled the page ourselves

  function findAdapter() {
    const { name, api } = findApi(view, Object.keys(STANDARDS)) || {};
    return name ? STANDARDS[name](api, page) : null;
  }

  /* Some LMSs offer their API only after the page has loaded. */
  function search(pause, waited) {
    view.setTimeout(() => {
      const late = findAdapter();
      if (late && session.connect(late)) return;
      if (waited < SEARCH.end) search(Math.min(SEARCH.longest, pause * 2), waited + pause);
    }, pause);
  }

  /* The page after an LMS has appeared. Its language changes only if nobody is using it. */
  function joined({ language, preferred, place }) {
    const wish = acted ? null : page.nearest([language, ...(preferred || "").split(",")]);
    if (wish) page.show(wish);
    dress();
    if (!acted && place) {
      movedByUs = Date.now();
      page.goTo(place);
    }
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
      const text = session.answers()[box.dataset.answer] || "";
      if (area.value !== text) area.value = text;
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
    const text = over ? page.say("full", { count: page.number(Math.ceil(outcome.over / 10) * 10) }) : "";
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
  if (!found && Object.keys(STANDARDS).length > 0) search(SEARCH.first, 0);
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
    session.writing();
    view.clearTimeout(typing.get(box));
    typing.set(box, view.setTimeout(() => showRoom(box, take(box)), TYPING_PAUSE));
  });
  const saveNow = () => {
    takeAll();
    session.save();
  };
  doc.addEventListener("focusout", saveNow);
  view.addEventListener("blur", saveNow);
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
