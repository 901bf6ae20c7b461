/* Leaving a page is warned about while a text is changed that no draft has (see drafts.js). */
import { findAll } from "./dom.js";

const texts = findAll("form:not([data-composer], [data-edit]) textarea:not([readonly])");
const isChanged = (text) => text.value !== text.defaultValue || (text.value && text.hasAttribute("aria-invalid"));
let sent = false;

if (texts.length) {
  document.addEventListener("submit", (event) => { sent = texts.some((text) => text.form === event.target); });
  window.addEventListener("pageshow", () => { sent = false; });
  window.addEventListener("beforeunload", (event) => { if (!sent && texts.some(isChanged)) event.preventDefault(); });
}
