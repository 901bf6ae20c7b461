/* A website has no LMS, and can be read without a connection after the first visit: a service worker (worker.js)
 * stores its files. When it is opened from a folder there is no worker.
 */

function registerServiceWorker(view) {
  const { serviceWorker, connection } = view.navigator;
  if (!serviceWorker || !/^https?:$/.test(view.location.protocol)) return;
  serviceWorker.register("sw.js").then(() => serviceWorker.ready).then((registration) => {
    const savesData = connection && connection.saveData; // then a video is kept only once it was played
    if (!savesData) registration.active.postMessage("keep");
  }).catch(() => {}); // forbidden here, or no space: the page works as any page does
}

registerServiceWorker(window);
