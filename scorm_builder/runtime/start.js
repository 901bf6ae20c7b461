/* Start when the storage is open and the asynchronous launches (LAUNCHES in session.js) have finished. */

const launching = LAUNCHES.map((launch) => launch(window)).find(Boolean);
Promise.all([openStore(window), launching]).then(([store, adapter]) => play(window, store, adapter));
