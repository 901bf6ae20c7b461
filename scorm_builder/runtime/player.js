/* Connect the page and the session. Runs once, when the document is ready and the asynchronous launches (LAUNCHES) have
 * finished.
 */

const TYPING_DELAY = 300; // ms after the last input before the text is stored
const API_SEARCH = { first: 200, longest: 5000, end: 60000 }; // ms between two searches, and of all

/* `adapter`: makes the adapter for a page after an asynchronous launch. */
function play(view, store, adapter) {
  const page = makePage(view);
  const adapterAtStart = (adapter || findAdapter)(page);
  const session = makeSession(
    adapterAtStart,
    (learner) => makeDevice(view, store, page.module, learner),
    page.module,
    {
      now: () => Date.now(),
      setTimer: (ms, onInteraction) => view.setTimeout(onInteraction, ms),
      clearTimer: (handle) => view.clearTimeout(handle),
      onMessage: showMessage,
      language: page.language,
      collectInput: collectAll,
      onConnected,
    },
  );
  const typingTimers = new Map(); // answer box -> the timer that will store its text
  let message = { kind: "alone", time: Date.now() };
  let hasInteracted = false; // a page that was only opened was not read
  const pendingEnds = []; // sections whose end was visible before that
  let scrolledAt = 0; // ms; when the script last scrolled the page

  function findAdapter() {
    const { name, api } = findApi(view, Object.keys(STANDARDS)) || {};
    return name ? STANDARDS[name](api, page) : null;
  }

  /* Some LMSs offer their API only after the page has loaded. */
  function search(delay, elapsed) {
    view.setTimeout(() => {
      const lateAdapter = findAdapter();
      if (lateAdapter && session.connect(lateAdapter)) return;
      if (elapsed < API_SEARCH.end) search(Math.min(API_SEARCH.longest, delay * 2), elapsed + delay);
    }, delay);
  }

  /* Update the page when an LMS has appeared late. Its language changes only if the learner has not interacted yet. */
  function onConnected({ language, preferred, place }) {
    const tag = hasInteracted ? null : page.closestLanguage([language, ...(preferred || "").split(",")]);
    if (tag) page.show(tag);
    updatePage();
    if (!hasInteracted && place) {
      scrolledAt = Date.now();
      page.goTo(place);
    }
  }

  function showMessage(kind) {
    message = { kind, time: Date.now() };
    updateMessage();
  }

  function updateMessage() {
    const box = page.find("[data-status]");
    if (!box) return;
    const isQuiet = message.kind === "open" && !session.finished();
    const kind = message.kind === "open" ? "finished" : message.kind;
    const text = isQuiet ? "" : page.formatMessage(kind, { time: page.formatTime(message.time) });
    if (box.textContent !== text) box.textContent = text;
    box.classList.toggle("notice", ["left", "left-unsaved", "left-too-long", "left-page-only"].includes(message.kind));
    box.classList.toggle("long", text.length > 60);
    box.dataset.status = message.kind;
  }

  /* ---- When a language is shown ---- */

  function updatePage() {
    page.all("[data-package]").forEach((element) => (element.hidden = false));
    page.all("[data-answer]").forEach((box) => {
      const area = page.find("textarea", box);
      const text = session.answers()[box.dataset.answer] || "";
      if (area.value !== text) area.value = text;
      area.readOnly = session.phase() === "readOnly" || session.phase() === "closed";
      showCapacity(box, session.refused(box.dataset.answer) ? collectAnswer(box) : null);
    });
    closeMenu();
    page.all("[data-leave]").forEach((button) => (button.hidden = session.phase() === "closed"));
    page.showSeen(session.seenSections());
    page.showCurrent(page.current());
    updateMessage();
    if (page.find("[data-end]") === null) page.watchEnds(onSectionEnd);
    captions.prepareVideos();
  }

  /* `menu`: chosen in the bar's menu, where the focus stays. */
  function changeLanguage(tag, menu) {
    collectAll();
    const place = page.current();
    const scrolled = view.scrollY > 0;
    if (!page.show(tag)) return;
    session.language(tag);
    updatePage();
    if (scrolled) page.goTo(place);
    scrolledAt = Date.now();
    const focusTarget = page.find(menu ? ".menu summary" : `.languages a[hreflang="${tag}"]`);
    if (focusTarget) focusTarget.focus({ preventScroll: scrolled });
  }

  /* ---- Sections ---- */

  function onSectionEnd(id) {
    if (view.document.hidden) return;
    if (hasInteracted) markSeen(id);
    else pendingEnds.push(id);
  }

  function markSeen(id) {
    session.seen(id);
    page.showSeen(session.seenSections());
  }

  function onInteraction(event) {
    if (event.type === "scroll" || event.type === "focusin") scheduleCurrent();
    if (hasInteracted || (event.type === "scroll" && Date.now() - scrolledAt < 500)) return;
    hasInteracted = true;
    pendingEnds.splice(0).forEach(markSeen);
  }

  let currentTimer = null;
  function scheduleCurrent() {
    if (currentTimer !== null) return;
    currentTimer = view.setTimeout(() => {
      currentTimer = null;
      const id = page.current();
      page.showCurrent(id);
      session.place(id);
    }, 300);
  }

  /* ---- Answers ---- */

  function collectAnswer(box) {
    view.clearTimeout(typingTimers.get(box));
    typingTimers.delete(box);
    if (page.find("textarea", box).readOnly) return null;
    return session.answer(box.dataset.answer, page.find("textarea", box).value);
  }

  function collectAll() {
    Array.from(typingTimers.keys()).forEach((box) => showCapacity(box, collectAnswer(box)));
  }

  /* Show the remaining characters when there are few, and an error when the text is too long. */
  function showCapacity(box, outcome) {
    const area = page.find("textarea", box);
    const note = page.find("[data-remaining]", box);
    const error = page.find("[data-too-long]", box);
    const isOver = outcome !== null && !outcome.isAccepted && session.phase() === "open";
    area.toggleAttribute("aria-invalid", isOver);
    const text = isOver ? page.formatMessage("full", { count: page.number(Math.ceil(outcome.excess / 10) * 10) }) : "";
    if (error.textContent !== text) error.textContent = text;
    const isScarce = outcome !== null && outcome.isAccepted && outcome.remaining < 1500;
    const rounded = outcome && (outcome.remaining < 10 ? outcome.remaining : Math.floor(outcome.remaining / 10) * 10);
    note.textContent = isScarce ? page.formatMessage("remaining", { count: page.number(rounded) }) : "";
    note.hidden = !isScarce;
  }

  /* ---- Buttons ---- */

  function closeMenu() {
    page.all(".menu").forEach((menu) => (menu.open = false));
  }

  function onClick(event) {
    if (!event.target.closest(".menu")) closeMenu();
    const link = event.target.closest("a, [data-leave], [data-export]");
    if (!link || event.defaultPrevented) return;
    const opensElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0;
    if (link.hasAttribute("data-leave")) leave();
    else if (link.hasAttribute("data-export")) {
      collectAll();
      answers.run(link.dataset.export);
    } else if (link.closest(".languages, .menu")) {
      if (!page.has(link.hreflang)) return; // the package has one file per language: follow the link
      event.preventDefault();
      changeLanguage(link.hreflang, link.closest(".menu") !== null);
    } else if (link.dataset.embed && !opensElsewhere) {
      event.preventDefault();
      page.playCover(link);
    } else if (!link.getAttribute("href").startsWith("#") && !link.hasAttribute("download") && !link.target) {
      link.target = "_blank"; // following a link in this window would end the session
      link.rel = "noopener";
    }
  }

  function leave() {
    collectAll();
    const isStored = session.leave();
    updatePage();
    const box = page.find("[data-status]");
    if (box) box.focus({ preventScroll: true });
    if (isStored === true) closePage();
    else if (isStored) isStored.then((result) => result && closePage()); // if false, only this page has the work
  }

  function closePage() {
    const url = session.returnTo();
    if (url) view.location.replace(url);
    if (url) return;
    try {
      if (view.top !== view && view.top.opener) view.setTimeout(() => view.top.close(), 600);
      else if (view.opener) view.setTimeout(() => view.close(), 600);
    } catch (error) {
      // a window of another origin cannot be closed
    }
  }

  /* ---- Start ---- */

  const settings = session.start();
  if (!adapterAtStart && Object.keys(STANDARDS).length > 0) search(API_SEARCH.first, 0);
  const captions = makeCaptions(page, settings, session.captions);
  const answers = makeAnswers(view, page, session);
  const parameter = new URLSearchParams(view.location.search).get("language");
  const preferred = (settings.preferred || "").split(",");
  const requested = [settings.language, parameter, ...preferred, ...(view.navigator.languages || [])];
  const language = page.closestLanguage(requested);
  if (language) page.show(language);
  updatePage();
  if (settings.place && settings.place !== page.module.sections[0]) {
    scrolledAt = Date.now();
    page.goTo(settings.place);
  }

  const doc = view.document;
  ["pointerdown", "keydown", "wheel", "touchstart", "scroll", "focusin"].forEach((type) => {
    view.addEventListener(type, (event) => event.isTrusted && onInteraction(event), { passive: true, capture: true });
  });
  doc.addEventListener("click", onClick);
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
    view.clearTimeout(typingTimers.get(box));
    typingTimers.set(box, view.setTimeout(() => showCapacity(box, collectAnswer(box)), TYPING_DELAY));
  });
  const saveNow = () => {
    collectAll();
    session.save();
  };
  doc.addEventListener("focusout", saveNow);
  view.addEventListener("blur", saveNow);
  doc.addEventListener("visibilitychange", () => {
    collectAll();
    if (doc.hidden) session.hidden();
    else session.shown();
  });
  view.addEventListener("pageshow", () => session.shown());
  view.addEventListener("online", () => session.save());
  view.addEventListener("pagehide", (event) => {
    collectAll();
    session.pageHidden(event.persisted);
  });
}
