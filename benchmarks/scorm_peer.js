/* Runs simple-scorm-packager: `node scorm_peer.js SOURCE OUT once`. Without `once`, each line of the standard
 * input is the number of runs; the response is a line of JSON with the seconds that they took.
 */
"use strict";

const fs = require("fs");
const path = require("path");
const readline = require("readline");
const packager = require("simple-scorm-packager");

const [source, outputFolder, once] = process.argv.slice(2);

// The packager logs every step; printing that would be measured too.
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

/* Remove the files of the last run from the source: the packager fails if it replaces its schemas while it
 * computes the size of the folder.
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
