/* Report which posts were on the screen, so that they count as read; and that somebody visits. */
import { find, findAll } from "./dom.js";
import { FRAGMENT, postFields, token } from "./requests.js";

const SEEN_AFTER = 2000;
const REPORT_AFTER = 3000;

const seen = new Map(); // thread -> sequence of its newest post that was seen
const timers = new Map();
let timer;

function report() {
  clearTimeout(timer);
  timer = undefined;
  const place = find("[data-read-href]");
  if (!place) return;
  const pairs = [...seen].map(([thread, sequence]) => `${thread}:${sequence}`).join(" ");
  seen.clear();
  const fields = { token, seen: pairs, up_to: place.dataset.upTo };
  postFields(place.dataset.readHref, fields, { headers: FRAGMENT, keepalive: true }).catch(() => { /* the next report */ });
}

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    clearTimeout(timers.get(target.id));
    if (!isIntersecting) continue;
    timers.set(target.id, setTimeout(() => {
      const { thread, sequence } = target.dataset;
      seen.set(thread, Math.max(seen.get(thread) ?? 0, Number(sequence)));
      observer.unobserve(target);
      timer ??= setTimeout(report, REPORT_AFTER);
    }, SEEN_AFTER));
  }
});

/* Watch the unread posts below an element. */
export function watchUnread(root = document) {
  for (const post of findAll(".post.unread", root)) observer.observe(post);
}

if (find("[data-read-href]")) {
  watchUnread();
  timer = setTimeout(report, REPORT_AFTER);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && timer) report();
  });
}
