/* Show the translation of a post below it, without loading the page again. */
import { find } from "./dom.js";
import { FRAGMENT, postFields } from "./requests.js";

const wait = new Set();

async function translate(button) {
  const post = button.closest("[data-post]");
  if (wait.has(post.id)) return;
  wait.add(post.id);
  post.setAttribute("aria-busy", "true");
  const fields = Object.fromEntries(new FormData(button.form));
  const says = find(".says", post);
  find(".hint[data-untranslated]", post)?.remove();
  try {
    const response = await postFields(button.formAction, fields, { headers: FRAGMENT });
    if (response.ok) {
      says.insertAdjacentHTML("afterend", await response.text());
      button.remove();
      const shown = find(".translation summary", post);
      shown.focus({ preventScroll: true });
    } else {
      const { error } = await response.json();
      const note = Object.assign(document.createElement("p"), { className: "hint", textContent: error });
      note.dataset.untranslated = "";
      says.after(note);
      const status = find("[data-status]");
      if (status) status.textContent = error;
    }
  } finally {
    wait.delete(post.id);
    post.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-translate]");
  if (!button?.form) return;
  event.preventDefault();
  const { form, formAction } = button;
  translate(button).catch(() => { // no connection, or a page instead of a fragment
    form.action = formAction;
    form.submit();
  });
});
