/* Poll the state of package builds until all are done. */
import { find } from "./dom.js";
import { request } from "./requests.js";

const POLL_INTERVAL = 2000;

async function poll(href) {
  let busy = true;
  try {
    const response = document.hidden ? null : await request(href);
    if (response && !response.ok) return;
    const body = await response?.json();
    if (body) busy = body.busy;
    for (const { id, state, html } of body?.states ?? []) {
      const element = document.getElementById(id);
      if (!element || element.dataset.state === state) continue;
      element.dataset.state = state;
      element.innerHTML = html;
    }
  } catch { /* try again at the next poll */ }
  if (busy) setTimeout(poll, POLL_INTERVAL, href);
  else find("[data-refresh-link]").hidden = true;
}

const list = find("[data-wait-href]");
if (list) setTimeout(poll, POLL_INTERVAL, list.dataset.waitHref);
