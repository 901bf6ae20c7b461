/* Runs simple-scorm-packager: `node scorm_peer.js SOURCE OUT once`, or without the word as often as each
 * line of the standard input says; then a line of JSON tells the seconds that it took.
 */
"use strict";

const fs = require("fs");
const path = require("path");
const readline = require("readline");
const packager = require("simple-scorm-packager");

const [source, outputFolder, once] = process.argv.slice(2);

// it reports every step on the console: to print it would be measured too
console.log = () => {};

function pack() {
  return new Promise((resolve) => {
    packager({
      version: "1.2",
      organization: "Minga",
      title: "Market",
      language: "en",
      startingPage: "index.html",
      source,
      package: { zip: true, name: "peer", version: "1", outputFolder },
    }, resolve);
  });
}

/* Makes the source what it was: the packager trips over the schemas of its last run, which it replaces while
 * it measures the folder.
 */
function clear() {
  for (const name of fs.readdirSync(source)) {
    if (/\.xsd$|^imsmanifest\.xml$|^metadata\.xml$/.test(name)) fs.unlinkSync(path.join(source, name));
  }
}

async function listen() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const took = { cpu: 0, clock: 0 };
    for (let done = 0; done < Number(line); done += 1) {
      clear();
      const before = process.cpuUsage();
      const start = process.hrtime.bigint();
      await pack();
      took.clock += Number(process.hrtime.bigint() - start) / 1e9;
      const { user, system } = process.cpuUsage(before);
      took.cpu += (user + system) / 1e6;
    }
    process.stdout.write(`${JSON.stringify(took)}\n`);
  }
}

if (once) {
  clear();
  pack();
} else {
  listen();
}
