/* Set and unset reactions without leaving the page. */
import { find } from "./dom.js";
import { FRAGMENT, navigateByPost, postFields, token } from "./requests.js";

async function react(button) {
  const box = button.closest("[data-reactions]");
  const { value } = button;
  const response = await postFields(button.formAction, { token, [button.name]: value }, { headers: FRAGMENT });
  if (!response.ok) throw new Error(response.status);
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  const received = find("[data-reactions]", template.content);
  if (box.open) received.open = true;
  box.replaceWith(received);
  find(`button[value="${value}"]`, received)?.focus();
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target.id !== "reaction-form" || !button) return;
  event.preventDefault();
  // Without the script the answer is a page, with the reason.
  react(button).catch(() => navigateByPost(button.formAction, { token, [button.name]: button.value }));
});
