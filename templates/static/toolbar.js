/* The buttons that format the text of a form as Markdown. */
import { find, findAll } from "./dom.js";
import { isComposing, replaceText } from "./typing.js";

const AROUND = { bold: "**", italic: "*", code: "`" };
const BEFORE = { list: "- ", quote: "> " };
const KEYS = { b: "bold", i: "italic" };

/* Put a sign around the selection, or remove it. */
function wrap(box, sign, words) {
  const { selectionStart: start, selectionEnd: end, value } = box;
  const chosen = value.slice(start, end);
  const length = sign.length;
  if (value.slice(start - length, start) === sign && value.slice(end, end + length) === sign) {
    return replaceText(box, start - length, end + length, chosen, start - length, end - length);
  }
  const text = chosen || words;
  replaceText(box, start, end, sign + text + sign, start + length, start + length + text.length);
}

/* Put a sign at the beginning of each selected line, or remove it. */
function prefix(box, sign) {
  const { value, selectionStart, selectionEnd } = box;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const next = value.indexOf("\n", Math.max(selectionEnd - 1, selectionStart));
  const end = next < 0 ? value.length : next;
  const lines = value.slice(start, end).split("\n");
  const has = lines.every((line) => line.startsWith(sign));
  const text = lines.map((line) => (has ? line.slice(sign.length) : sign + line)).join("\n");
  const collapsed = selectionStart === selectionEnd;
  replaceText(box, start, end, text, collapsed ? start + text.length : start, start + text.length);
}

function link(box, words) {
  const { selectionStart: start, selectionEnd: end, value } = box;
  const chosen = value.slice(start, end);
  const isUrl = /^https?:\/\/\S+$/.test(chosen);
  const [text, url] = isUrl ? [words, chosen] : [chosen || words, "https://"];
  const from = isUrl || !chosen ? start + 1 : start + text.length + 3;
  replaceText(box, start, end, `[${text}](${url})`, from, from + (isUrl || !chosen ? text.length : url.length));
}

function startToolbar(template) {
  const form = template.closest("form");
  const box = form.elements.text;
  const bar = template.content.firstElementChild.cloneNode(true);
  const buttons = findAll("button", bar);
  bar.setAttribute("aria-controls", box.id);
  const apply = (kind, words) => {
    if (kind === "link") link(box, words);
    else if (BEFORE[kind]) prefix(box, BEFORE[kind]);
    else wrap(box, AROUND[kind], words);
  };
  const words = buttons[0].dataset.words;
  const reach = (button) => buttons.forEach((each) => { each.tabIndex = each === button ? 0 : -1; });
  reach(buttons[0]);
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-format]");
    if (!button) return;
    reach(button);
    apply(button.dataset.format, words);
  });
  bar.addEventListener("keydown", (event) => {
    const [back, forward] = document.documentElement.dir === "rtl" ? ["ArrowRight", "ArrowLeft"] : ["ArrowLeft", "ArrowRight"];
    const step = { [forward]: 1, [back]: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = Number.isFinite(step)
      ? (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length
      : step < 0 ? 0 : buttons.length - 1;
    reach(buttons[at]);
    buttons[at].focus();
  });
  box.addEventListener("keydown", (event) => {
    const kind = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && KEYS[event.key];
    if (!kind || isComposing(event)) return;
    event.preventDefault();
    apply(kind, words);
  });
  const label = find(`label[for="${box.id}"]`, form);
  label.after(bar);
}

for (const template of findAll("template[data-toolbar]")) startToolbar(template);
