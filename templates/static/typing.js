/* Change the text of a field as if it had been typed, so that the browser can undo it. */
export function replaceText(box, start, end, text, selectFrom = start + text.length, selectTo = selectFrom) {
  box.focus();
  box.setSelectionRange(start, end);
  const typed = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (!typed) {
    box.setRangeText(text, start, end, "end");
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  box.setSelectionRange(selectFrom, selectTo);
}

/* Whether a key belongs to an input method, which composes a word of several keys. */
export const isComposing = (event) => event.isComposing || event.keyCode === 229;
