/* New posts of others: poll while the page is visible, and show them without touching the composer. */
import { enhance } from "./content.js";
import { find, findAll, format, formatNumber, hasModifier } from "./dom.js";
import { watchUnread } from "./reading.js";
import { isSessionEnd, refresh, request } from "./requests.js";

const POLL_INTERVAL = 25000;

async function showNewPosts(discussion, href) {
  const response = await request(href);
  if (!response.ok) throw new Error(response.status);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const received = find("[data-talk]", page);
  const composer = document.getElementById("composer");
  const home = find("[data-composer-home]", discussion);
  const above = composer?.parentElement === home ? null : composer?.previousElementSibling?.id;
  const present = new Set(findAll("[data-post]", discussion).map((post) => post.id));
  if (composer) home.append(composer); // with the text that is being written
  while (home.nextSibling) home.nextSibling.remove();
  let node = find("[data-composer-home]", received);
  const nodes = [];
  while ((node = node.nextSibling)) nodes.push(node);
  home.after(...nodes.map((each) => document.adoptNode(each)));
  discussion.dataset.pollHref = received.dataset.pollHref;
  if (above) document.getElementById(above)?.after(composer);
  enhance(discussion);
  watchUnread(discussion);
  const first = findAll("[data-post]", discussion).find((post) => !present.has(post.id));
  first?.focus();
  first?.scrollIntoView({ block: "nearest" });
}

function start(discussion) {
  discussion.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-new] a");
    if (!link || hasModifier(event)) return;
    event.preventDefault();
    showNewPosts(discussion, link.href).catch(refresh);
  });
  const poll = async () => {
    if (document.hidden) return;
    try {
      const response = await request(discussion.dataset.pollHref, { headers: { Accept: "application/json" } });
      if (isSessionEnd(response)) return stop();
      if (!response.ok) return;
      const count = (await response.json()).new;
      const box = find("[data-new]", discussion);
      const link = find("a", box);
      box.hidden = !count;
      if (count) link.textContent = format(link.dataset.words, { count: formatNumber(count) });
    } catch { /* try again at the next poll */ }
  };
  const timer = setInterval(poll, POLL_INTERVAL);
  const stop = () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", poll);
  };
  document.addEventListener("visibilitychange", poll);
}

const discussion = find("[data-poll-href]");
if (discussion && find("[data-new]", discussion)) start(discussion);
