/* Progress: a section counts as seen after its end was visible for two seconds. When the page is hidden
   or left, the section in view is reported, to continue there. */
import { find, findAll, format, formatNumber } from "./dom.js";
import { postFields, token } from "./requests.js";

const SEEN_AFTER = 2000;

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
  find("p", box).textContent = format(box.dataset.words, { done: formatNumber(done), total: formatNumber(box.dataset.total) });
}

/* Report each section once, when its end was visible. */
function observeEnds(sections, href) {
  const timers = new Map();
  const reported = new Set();
  const report = async (id) => {
    if (document.hidden || reported.has(id)) return;
    reported.add(id);
    try {
      const response = await postFields(href, { section: id, token }, { keepalive: true });
      if (response.ok) markSeen(id);
      else reported.delete(id);
    } catch {
      reported.delete(id);
    }
  };
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const id = target.dataset.end;
      clearTimeout(timers.get(id));
      if (isIntersecting) timers.set(id, setTimeout(report, SEEN_AFTER, id));
    }
  });
  for (const section of sections) {
    const end = document.createElement("span");
    end.dataset.end = section.dataset.section;
    if ("discussion" in section.dataset) find("h2", section).after(end);
    else section.append(end);
    observer.observe(end);
  }
}

/* Contents that are taller than the window scroll in their box: keep the current entry in view. */
function scrollToEntry(entry) {
  const list = entry.closest(".contents");
  if (!list || list.scrollHeight <= list.clientHeight) return;
  const box = list.getBoundingClientRect();
  const { top, bottom, height } = entry.getBoundingClientRect();
  if (top < box.top || bottom > box.bottom) list.scrollTop += top - box.top - (box.height - height) / 2;
}

/* Mark the entry of the section in view in the table of contents. Returns a function that returns the
   section's id if the reader has moved to it. */
function observeCurrent(sections) {
  let initial;
  let current;
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      current = target.dataset.section;
      initial ??= current;
      for (const link of findAll("[data-nav]")) {
        if (link.dataset.nav === target.dataset.section) {
          link.setAttribute("aria-current", "true");
          scrollToEntry(link);
        } else link.removeAttribute("aria-current");
      }
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  for (const section of sections) observer.observe(section);
  return () => (current === initial ? undefined : current);
}

function reportPlace(getPlace, href) {
  let reported;
  const report = () => {
    const place = getPlace();
    if (!place || place === reported) return;
    reported = place;
    postFields(href, { place, token }, { keepalive: true }).catch(() => { reported = undefined; });
  };
  document.addEventListener("visibilitychange", () => { if (document.hidden) report(); });
  window.addEventListener("pagehide", report);
}

const sections = findAll("[data-section]");
const href = find("[data-progress-href]")?.dataset.progressHref;
if (sections.length) {
  const getPlace = observeCurrent(sections);
  if (href) {
    observeEnds(sections, href);
    reportPlace(getPlace, href);
  }
}
