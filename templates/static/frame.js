/* The page inside an LMS frame or window: its height and scroll position, closing it, forms that
   submit themselves. */
import { find, findAll } from "./dom.js";
import { fragment, randomKey } from "./requests.js";

export const isFramed = window.parent !== window;

function sendHeightChanges() {
  let sentHeight = 0;
  let timer;
  const sendHeight = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height === sentHeight) return;
    sentHeight = height;
    window.parent.postMessage({ subject: "lti.frameResize", message_id: randomKey(), height }, "*");
  };
  new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(sendHeight, 100);
  }).observe(document.body);
}

/* Show the element that the URL names. In a frame that is higher than the window, browsers do not scroll
   the LMS's page to it. Returns whether there is one. */
function showNamedElement() {
  const element = document.getElementById(fragment ?? location.hash.slice(1));
  if (!element) return false;
  if (fragment) location.replace(`#${fragment}`);
  const [{ type } = {}] = performance.getEntriesByType("navigation");
  if (type === "navigate") element.scrollIntoView(); // otherwise the reader is where they were
  return true;
}

/* Dynamic registration: the platform closes its window at this message. */
function closeRegistration(box) {
  const close = () => (isFramed ? window.parent : window.opener ?? window)
    .postMessage({ subject: "org.imsglobal.lti.close" }, "*");
  box.hidden = false;
  find("button", box).addEventListener("click", close);
  setTimeout(close, Number(box.dataset.ltiClose) * 1000);
}

for (const form of findAll("form[data-auto-submit]")) {
  const delay = Number(form.dataset.autoSubmit);
  if (delay) setTimeout(() => form.submit(), delay);
  else form.submit();
}
for (const box of findAll("[data-lti-close]")) closeRegistration(box);
for (const element of findAll("[data-framed]")) element.hidden = !isFramed;
for (const element of findAll("[data-alone]")) element.hidden = isFramed;
const shown = (isFramed || fragment) && showNamedElement();
if (isFramed) {
  // A frame that scrolls shows the element; as high as its content, it might not.
  if (!shown || window.innerHeight >= document.documentElement.scrollHeight) sendHeightChanges();
  // A frame that is as high as its content (Canvas) leaves the LMS's page scrolled as it was.
  if (!shown) window.parent.postMessage({ subject: "lti.scrollToTop", message_id: randomKey() }, "*");
}
