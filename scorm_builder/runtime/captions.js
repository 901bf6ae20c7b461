/* Show captions by the learner's preference, and report changes made in a video's own menu.
 *
 *   captions  true, false, or undefined if the LMS has no preference
 *   isMuted   whether the learner's preference in the LMS is no sound
 *   onChange  called with true or false
 */

function makeCaptions(page, { captions, isMuted }, onChange) {
  let preference = captions;
  const preparedVideos = new WeakSet();

  function prepare(video) {
    if (preparedVideos.has(video)) return;
    preparedVideos.add(video);
    if (isMuted) video.muted = true;
    const isShown = () => Array.from(video.textTracks).some((track) => track.mode === "showing");
    let wasShown = isShown();
    video.addEventListener("play", () => {
      const defaultTrack = page.find("track[data-default]", video);
      if (wasShown || !defaultTrack || preference === false) return;
      wasShown = true;
      defaultTrack.track.mode = "showing";
    }, { once: true });
    video.textTracks.addEventListener("change", () => {
      if (isShown() === wasShown) return;
      wasShown = isShown();
      preference = wasShown;
      onChange(preference);
    });
  }

  return { prepareVideos: () => page.all("video").forEach(prepare) };
}
