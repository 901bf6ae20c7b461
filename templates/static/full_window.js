/* "Open in the full window": the LMS's page launches the activity again, without its frame. The button is
   only on pages without a cookie, and shown if the LMS says that it knows the message. Canvas:
   https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.lti_window_post_message */
import { find } from "./dom.js";
import { isFramed } from "./frame.js";
import { frameName } from "./platform_storage.js";

const PATIENCE = 10_000; // milliseconds: nothing waits for the answer

const box = find("[data-full-window]");
if (box && isFramed) {
  const { fullWindow: subject, url, placement } = box.dataset;
  find("button", box).addEventListener("click", () => {
    window.parent.postMessage({ subject, data: { url, placement, launchType: "same_window" } }, "*");
  });
  frameName(window.parent, subject, PATIENCE).then(() => { box.hidden = false; }, () => {});
}
