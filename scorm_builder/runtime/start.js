/* All is there: off it goes, at once or when a standard has asked what it must (LAUNCHES in session.js). */

const launched = LAUNCHES.map((launch) => launch(window)).find(Boolean);
if (launched) launched.then((adapter) => play(window, adapter));
else play(window);
