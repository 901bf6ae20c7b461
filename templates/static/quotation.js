/* A passage of a post as a Markdown quotation; the server does the same in quotes.py. */
const MAX_QUOTED = 300;
const SPECIAL = /[\\`*[\]<]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
const LINE_START = /^(?:[#>+-]|\d+[.)])/;

/* The selected passage of an element; without one, the beginning of its text. */
export function quotation(element) {
  const selection = window.getSelection();
  const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
  const chosen = range && element.contains(range.commonAncestorContainer) ? selection.toString().trim() : "";
  let text = chosen || element.innerText.trim();
  if (!chosen && text.length > MAX_QUOTED) text = `${text.slice(0, MAX_QUOTED).replace(/\s+\S*$/, "")}…`;
  const lines = text.replace(/\n{3,}/g, "\n\n").split("\n");
  const escaped = lines.map((line) => line.trim().replace(SPECIAL, "\\$&").replace(LINE_START, (start) => `${start.slice(0, -1)}\\${start.slice(-1)}`));
  return `${escaped.map((line) => `> ${line}`.trimEnd()).join("\n")}\n\n`;
}
