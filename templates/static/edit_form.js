/* The form that edits a post. */
import { startFiles } from "./attachments.js";
import { find } from "./dom.js";
import { startAutosave } from "./drafts.js";

const form = find("form[data-edit]");
if (form) {
  const error = find("[data-error]", form);
  const autosave = startAutosave(form, () => `minga ${form.dataset.draftKeyScope}`, {
    onSessionEnd: (kept) => { error.textContent = kept ? form.dataset.kept : form.dataset.ended; },
  });
  const files = startFiles(form, { showError(text) { error.textContent = text; } });
  let ready = false;
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("data-save-draft")) {
      event.preventDefault();
      autosave.save();
    } else if (ready) {
      autosave.stop();
    } else { // the chosen files first
      event.preventDefault();
      files.sent().then(() => {
        ready = true;
        form.requestSubmit(event.submitter);
        ready = false;
      });
    }
  });
}
