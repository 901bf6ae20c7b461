/* Content of a page or of a part that is inserted: relative times; keyboard access to what scrolls sideways. */
import { findAll, locale } from "./dom.js";

const UNITS = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600], [604800, "day", 86400]];
const absolute = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

/* Times are relative within a week; the title is absolute. */
function formatTimes(root) {
  for (const time of findAll("time[data-relative]", root)) {
    const date = new Date(time.dateTime);
    time.title = absolute.format(date);
    const seconds = (date - Date.now()) / 1000;
    const unit = UNITS.find(([limit]) => Math.abs(seconds) < limit);
    time.textContent = unit ? relative.format(Math.round(seconds / unit[2]), unit[1]) : time.title;
  }
}

function makeFocusable(root) {
  for (const box of findAll(".prose :is(table, pre)", root)) if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
}

export function enhance(root) {
  formatTimes(root);
  makeFocusable(root);
}

enhance(document);
setInterval(formatTimes, 60000, document);
