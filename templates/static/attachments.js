/* Files of a form: each is sent as soon as it is chosen, with its progress. */
import { find, format } from "./dom.js";
import { FRAGMENT, postFields, token } from "./requests.js";

/* onChange is called when the list of files has changed. */
export function startFiles(form, { showError, announce = () => {}, onChange = () => {} }) {
  const box = find("[data-files]", form);
  const fields = form.elements;
  const words = box.dataset;
  const input = fields.file;
  const lists = new Map([[fields.draft_key.value, find("[data-attached]", box).outerHTML]]); // draft key -> HTML
  let queue = Promise.resolve();
  input.multiple = true;
  find("[data-attach]", box).hidden = true;

  function show() {
    const old = find("[data-attached]", box);
    const template = document.createElement("template");
    template.innerHTML = lists.get(fields.draft_key.value) ?? "";
    const list = find("[data-attached]", template.content) ?? old.cloneNode();
    list.hidden = !list.children.length;
    for (const field of list.querySelectorAll("textarea")) {
      const typed = old.querySelector(`[name="${field.name}"]`);
      if (typed) field.value = typed.value;
    }
    old.replaceWith(list);
  }
  function received(key, html) {
    lists.set(key, html);
    if (key === fields.draft_key.value) show();
    onChange(key);
  }

  function send(file, key) {
    const row = Object.assign(document.createElement("label"), { textContent: format(words.uploading, { name: file.name }) });
    const progress = Object.assign(document.createElement("progress"), { max: file.size });
    row.append(progress);
    find("[data-uploads]", box).append(row);
    const body = new FormData();
    body.set("draft_key", key);
    body.set("edited", fields.edited?.value ?? "");
    body.set("file", file, file.name);
    return new Promise((resolve, reject) => {
      const sending = new XMLHttpRequest();
      sending.open("POST", words.attachHref);
      for (const [name, value] of Object.entries({ ...FRAGMENT, "X-Minga-Token": token })) sending.setRequestHeader(name, value);
      sending.upload.onprogress = (event) => { progress.value = event.loaded; };
      sending.onload = () => resolve(sending);
      sending.onerror = () => reject(new TypeError("network"));
      sending.send(body);
    }).finally(() => row.remove());
  }

  async function attach(file, key) {
    if (file.size > Number(words.maxSize)) return showError(format(words.tooLarge, { name: file.name }));
    try {
      const { status, responseText } = await send(file, key);
      if (status === 200) {
        received(key, responseText);
        announce(format(words.attachedWords, { name: file.name }));
        return;
      }
      const { error } = JSON.parse(responseText);
      showError(error);
    } catch {
      showError(format(words.failed, { name: file.name }));
    }
  }

  input.addEventListener("change", () => {
    const key = fields.draft_key.value;
    const chosen = [...input.files];
    input.value = "";
    showError("");
    for (const file of chosen) queue = queue.then(() => attach(file, key));
  });
  box.addEventListener("click", async (event) => {
    const button = event.target.closest("[name=remove_file]");
    if (!button) return;
    event.preventDefault();
    const key = fields.draft_key.value;
    const values = { token, draft_key: key, remove_file: button.value, edited: fields.edited?.value ?? "" };
    const response = await postFields(words.attachHref, values, { headers: FRAGMENT }).catch(() => null);
    if (!response?.ok) return showError(format(words.failed, { name: "" }));
    received(key, await response.text());
    input.focus();
  });

  return {
    /* Resolves when all chosen files are sent. */
    sent: () => queue,
    /* Show the files of the form's present draft key. */
    enter(html) {
      if (html !== undefined) lists.set(fields.draft_key.value, html);
      show();
    },
    any: () => !find("[data-attached]", box).hidden,
  };
}
