/* Captions, as the person likes them: shown when a video first plays, unless they said no; and what they
 * choose in a video's own menu is told, so that an LMS can remember it.
 *
 *   captions  true, false, or nothing where the LMS knows no wish
 *   silent    whether the LMS knows that the person wants no sound
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
