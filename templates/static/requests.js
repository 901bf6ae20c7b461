/* Requests of a launch session. They carry the page token: in a frame the browser may send no cookie. */
import { find } from "./dom.js";

const meta = (name) => find(`meta[name="minga-${name}"]`)?.content;

export const token = meta("token");
/* The URL path of the session if the browser sends no cookie; otherwise undefined. */
export const cookielessBase = meta("cookieless");
/* The fragment of the page's URL where the answer to a POST shows that page; otherwise undefined. */
export const fragment = meta("fragment");

export const randomKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const request = (url, options = {}) =>
  fetch(url, { credentials: "same-origin", ...options, headers: { "X-Minga-Token": token ?? "", ...options.headers } });

export const postFields = (url, fields, options = {}) =>
  request(url, { method: "POST", body: new URLSearchParams(fields), ...options });

/* The fields of a form without its files, which attachments.js sends. */
export function fieldsOf(form) {
  const fields = new FormData(form);
  fields.delete("file");
  return fields;
}

/* Ask for the rendered fragment or a JSON error instead of a page. */
export const FRAGMENT = { "X-Minga-Fragment": "1" };

/* Whether the launch session has ended. */
export const isSessionEnd = (response) => [401, 403].includes(response.status);

export function navigateByPost(action, fields, target) {
  const form = Object.assign(document.createElement("form"), { method: "post", action, hidden: true });
  if (target) form.target = target;
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
}

/* Load the page again. */
export function refresh() {
  if (cookielessBase) navigateByPost(`${cookielessBase}open`, { token, to: cookielessBase });
  else window.location.reload();
}
