/* Without cookies: links inside the session become POST requests with the page token, and pictures are
   requested with it. */
import { findAll, hasModifier } from "./dom.js";
import { cookielessBase, navigateByPost, request, token } from "./requests.js";

function follow(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || link.hasAttribute("download")) return;
  const url = new URL(link.href, window.location.href);
  if (url.origin !== window.location.origin || !url.pathname.startsWith(cookielessBase)) return;
  const samePage = url.pathname + url.search === window.location.pathname + window.location.search;
  if (samePage && url.hash && link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  navigateByPost(`${cookielessBase}open${url.hash}`, { token, to: url.pathname + url.search },
    hasModifier(event) ? "_blank" : link.target);
}

/* The content security policy allows data: URLs for pictures. */
async function showPicture(image) {
  const response = await request(image.getAttribute("src"));
  if (!response.ok) return;
  const reader = new FileReader();
  reader.onload = () => { image.src = reader.result; };
  reader.readAsDataURL(await response.blob());
}

const showPictures = (root) => {
  for (const image of findAll("img[data-picture]:not([src^='data:'])", root)) showPicture(image).catch(() => {});
};

if (cookielessBase) {
  document.addEventListener("click", follow);
  showPictures(document);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.parentElement) showPictures(node.parentElement);
  }).observe(document.body, { childList: true, subtree: true });
}
