/* Leaving: drafts are saved before (drafts.js). One that cannot be saved,
   or a post that waits on the device, needs a second press. */
import { find } from "./dom.js";
import { areAllSaved, forgetDrafts } from "./drafts.js";
import { forgetPosts } from "./waiting.js";

function start(form) {
  const warning = find("[data-unsaved]", form);
  let warned = false;
  let left = false;
  const isSaved = () => areAllSaved() && !find("[data-waiting-posts]:not([hidden])");
  const warn = (yes) => {
    warned = yes;
    warning.textContent = yes ? warning.dataset.unsaved : "";
  };
  form.addEventListener("submit", (event) => {
    if (left) return;
    event.preventDefault();
    if (!warned && !isSaved()) return warn(true);
    left = true;
    forgetDrafts(form.dataset.person);
    forgetPosts(form.dataset.person).finally(() => form.requestSubmit(event.submitter));
  });
  document.addEventListener("input", () => warn(false));
  // Some browsers keep a page that was left, to show it again by the back button.
  window.addEventListener("pageshow", (event) => { if (event.persisted && left) window.location.reload(); });
}

const form = find("form[data-leave]");
if (form) start(form);
