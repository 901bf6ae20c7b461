/* Start, at once or after the asynchronous launches of the standards (LAUNCHES in session.js). */

const launched = LAUNCHES.map((launch) => launch(window)).find(Boolean);
if (launched) launched.then((adapter) => play(window, adapter));
else play(window);
