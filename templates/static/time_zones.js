/* A time zone that was not chosen yet: the browser's own, if it is among the choices. */
import { findAll } from "./dom.js";

for (const select of findAll("select[data-own-zone]")) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...select.options].some((option) => option.value === own)) select.value = own;
}
