/* Start, once the storage is open, and after the asynchronous launches of the standards (LAUNCHES in session.js). */

const launching = LAUNCHES.map((launch) => launch(window)).find(Boolean);
Promise.all([openStore(window), launching]).then(([store, adapter]) => play(window, store, adapter));
