/* The service worker of a website: stores the files in the browser's cache, with a digest of the content as the key.
 *
 * Small files are stored at once, larger ones after the first page was shown (website.js requests it), very large ones
 * when they are played or opened. A new version of the site has a new worker: unchanged files stay, the others are
 * fetched, and it takes over when all pages of the old version are closed, so that versions are not mixed. FILES,
 * {path: [digest, size]}, is defined above.
 */

const CACHE_NAME = `minga ${self.registration.scope}`;
const SMALL = 250e3; // bytes
const LARGE = 10e6;

const keyOf = (path) => new URL(`${path}?${FILES[path][0]}`, self.registration.scope).href;
const pathsUpTo = (size) => Object.keys(FILES).filter((path) => FILES[path][1] <= size);

async function store(paths) {
  const cache = await caches.open(CACHE_NAME);
  await Promise.all(paths.map(async (path) => {
    if (await cache.match(keyOf(path))) return;
    const response = await fetch(keyOf(path));
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    await cache.put(keyOf(path), plainResponse(response));
  }));
}

/* A complete response that is not marked as redirected, which browsers refuse for navigations. */
function plainResponse(response) {
  return new Response(response.body, { headers: response.headers });
}

async function removeOld() {
  const cache = await caches.open(CACHE_NAME);
  const current = new Set(Object.keys(FILES).map(keyOf));
  const outdated = (await cache.keys()).filter((request) => !current.has(request.url));
  await Promise.all(outdated.map((request) => cache.delete(request)));
}

function pathOf(requestUrl) {
  const url = new URL(requestUrl);
  if (!`${url.origin}${url.pathname}`.startsWith(self.registration.scope)) return null;
  const path = decodeURIComponent(`${url.origin}${url.pathname}`.slice(self.registration.scope.length));
  return path === "" ? "index.html" : path;
}

async function respond(event, path) {
  const cache = await caches.open(CACHE_NAME);
  const cached = await cache.match(keyOf(path));
  if (cached) return rangeOf(cached, event.request.headers.get("range"));
  const response = await fetch(event.request);
  if (isComplete(response)) event.waitUntil(cache.put(keyOf(path), plainResponse(response.clone())).catch(() => {}));
  return response;
}

/* Also true for a range that covers the whole file, which media players request first. */
function isComplete(response) {
  const [, start, end, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get("content-range")) || [];
  return response.status === 200 || (start === "0" && Number(end) + 1 === Number(size));
}

/* The requested range of a response: media players request ranges, and some require status 206. */
async function rangeOf(response, range) {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range || "") || [];
  if (first === undefined) return response;
  const whole = await response.blob();
  const start = Number(first);
  const end = last ? Math.min(Number(last), whole.size - 1) : whole.size - 1;
  const type = response.headers.get("content-type") || whole.type;
  if (start > end) return new Response(null, { status: 416, headers: { "content-range": `bytes */${whole.size}` } });
  return new Response(whole.slice(start, end + 1, type), {
    status: 206,
    headers: {
      "content-type": type,
      "content-length": String(end + 1 - start),
      "content-range": `bytes ${start}-${end}/${whole.size}`,
    },
  });
}

self.addEventListener("install", (event) => event.waitUntil(store(pathsUpTo(SMALL))));
self.addEventListener("activate", (event) => event.waitUntil(removeOld()));
self.addEventListener("message", (event) => {
  if (event.data === "store") event.waitUntil(store(pathsUpTo(LARGE)).catch(() => {}));
});
self.addEventListener("fetch", (event) => {
  const path = event.request.method === "GET" ? pathOf(event.request.url) : null;
  if (path !== null && path in FILES) event.respondWith(respond(event, path));
});
