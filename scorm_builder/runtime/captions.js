/* Show captions by the reader's preference, and report changes made in a video's own menu.
 *
 *   captions  true, false, or undefined if the LMS knows no preference
 *   silent    whether the LMS knows that the reader wants no sound
 *   changed   called with true or false
 */

function makeCaptions(page, { captions, silent }, changed) {
  let wish = captions;
  const dressed = new WeakSet();

  function dress(video) {
    if (dressed.has(video)) return;
    dressed.add(video);
    if (silent) video.muted = true;
    const isShown = () => Array.from(video.textTracks).some((track) => track.mode === "showing");
    let last = isShown();
    video.addEventListener("play", () => {
      const first = page.find("track[data-default]", video);
      if (last || !first || wish === false) return;
      last = true;
      first.track.mode = "showing";
    }, { once: true });
    video.textTracks.addEventListener("change", () => {
      if (isShown() === last) return;
      last = isShown();
      wish = last;
      changed(wish);
    });
  }

  return { dress: () => page.all("video").forEach(dress) };
}
