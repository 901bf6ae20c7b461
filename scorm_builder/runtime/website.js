/* Register the service worker (worker.js) of a website, which stores its files so that it can be read offline after the
 * first visit. A website has no LMS. There is no worker if it is opened from a folder.
 */

function registerServiceWorker(view) {
  const { serviceWorker, connection } = view.navigator;
  if (!serviceWorker || !/^https?:$/.test(view.location.protocol)) return;
  serviceWorker.register("sw.js").then(() => serviceWorker.ready).then((registration) => {
    const savesData = connection && connection.saveData; // then a video is stored only after it was played
    if (!savesData) registration.active.postMessage("store");
  }).catch(() => {}); // forbidden here, or no space: the page works without a worker
}

registerServiceWorker(window);
