/* Posts that wait on this device until the connection is back. IndexedDB works in most frames. */
const STORE = "waiting";
const LIFETIME = 60 * 24 * 3600 * 1000;

function open() {
  return new Promise((resolve, reject) => {
    const opening = window.indexedDB.open("minga", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "key" });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

async function use(mode, action) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = action(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/* Store a post: its key is the draft key. Whether the device has stored it. */
export const keep = (post) => use("readwrite", (store) => store.put(post)).then(() => true, () => false);
export const drop = (key) => use("readwrite", (store) => store.delete(key)).catch(() => {});

/* The posts of one user in one discussion, the oldest first. Posts of others stay, unless they are old. */
export async function waitingPosts(scope) {
  const posts = await use("readonly", (store) => store.getAll()).catch(() => []);
  for (const post of posts) if (post.at < Date.now() - LIFETIME) drop(post.key);
  return posts.filter((post) => post.scope === scope).sort((one, other) => one.at - other.at);
}

/* Delete the posts of a person: the third word of each scope, as in forgetDrafts. */
export async function forgetPosts(person) {
  const posts = await use("readonly", (store) => store.getAll()).catch(() => []);
  await Promise.all(posts.filter((post) => post.scope.split(" ")[2] === person).map((post) => drop(post.key)));
}

/* Run an action in one tab at a time. */
export const alone = (action) =>
  (navigator.locks ? navigator.locks.request("minga waiting", { ifAvailable: true }, (lock) => lock && action()) : action());
