/* Show the text of a form as it would be published, in place; or say why that cannot be shown. */
import { enhance } from "./content.js";
import { find, findAll } from "./dom.js";
import { FRAGMENT, fieldsOf, isSessionEnd, postFields } from "./requests.js";

const PATIENCE = 30000;

function startPreview(button) {
  const form = button.form;
  const box = find("[data-preview]", form);
  const error = find("[data-error]", form);
  let latest = 0; // an answer about an earlier text is not shown
  form.addEventListener("submit", (event) => {
    if (event.submitter !== button) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    show();
  }, true);
  async function show() {
    const number = ++latest;
    error.textContent = "";
    let html, problem;
    try {
      const options = { headers: FRAGMENT, signal: AbortSignal.timeout?.(PATIENCE) };
      const response = await postFields(form.dataset.previewHref, fieldsOf(form), options);
      // Something between the browser and the tool may answer with a page of its own.
      if (response.ok && !response.redirected) html = await response.text();
      else problem = (await response.json().catch(() => ({}))).error || (isSessionEnd(response) && form.dataset.ended);
    } catch { /* no answer */ }
    if (number !== latest) return;
    box.hidden = html === undefined;
    if (box.hidden) {
      error.textContent = problem || box.dataset.failed;
      return;
    }
    box.innerHTML = html;
    enhance(box);
    box.focus();
  }
  form.elements.text.addEventListener("input", () => {
    latest += 1;
    box.hidden = true;
  });
}

for (const button of findAll("[data-preview-button]")) startPreview(button);
