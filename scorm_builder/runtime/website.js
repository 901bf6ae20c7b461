/* A website knows no LMS, and may be read without a connection once it was opened with one: a worker
 * (worker.js) keeps its files. From a folder on the disk there is no worker, and no need of one.
 */

function stayReadable(view) {
  const { serviceWorker, connection } = view.navigator;
  if (!serviceWorker || !/^https?:$/.test(view.location.protocol)) return;
  serviceWorker.register("sw.js").then(() => serviceWorker.ready).then((registration) => {
    const sparing = connection && connection.saveData; // then a video is kept only once it was played
    if (!sparing) registration.active.postMessage("keep");
  }).catch(() => {}); // forbidden here, or no space: the page works as any page does
}

stayReadable(window);
