/* Videos: captions are loaded when a video first plays; remote videos only after a click on the cover. */
import { findAll, hasModifier } from "./dom.js";

function showCaptions(element) {
  const video = element.parentElement;
  const tracks = [...video.textTracks];
  video.addEventListener("play", () => {
    if (tracks.every((track) => track.mode !== "showing")) element.track.mode = "showing";
  }, { once: true });
}

/* No request to a third party before the click. */
function embed(cover) {
  cover.addEventListener("click", (event) => {
    if (hasModifier(event)) return;
    event.preventDefault();
    const frame = document.createElement("iframe");
    frame.allow = "autoplay; fullscreen; picture-in-picture; encrypted-media";
    frame.allowFullscreen = true;
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    frame.title = cover.dataset.title;
    frame.src = cover.dataset.embed;
    cover.replaceWith(frame);
    frame.focus();
  });
}

findAll("track[data-default]").forEach(showCaptions);
findAll("a[data-embed]").forEach(embed);
