/* Storage on this device, for data that the LMS could not store.
 *
 * Data is written to both IndexedDB and local storage: local storage can be written while the page unloads, but Moodle
 * clears it at every login and logout. Either can be missing or throw in a frame (SecurityError if cookies are blocked,
 * QuotaExceededError if it is full); the functions here never throw. Both are read at the start; if both have a name,
 * local storage wins.
 *
 * The key contains the package's folder URL and the learner, so that two courses, or two learners at one computer, never
 * read each other's answers. Where each section is an SCO, it also contains the section;
 * preferences are common to all sections.
 */

const DATABASE = "minga";
const OBJECT_STORE = "texts";
const DATABASE_TIMEOUT = 3000; // ms until the database is considered missing
const SENT_SUFFIX = " sent"; // appended to a state that the LMS has confirmed

/* A promise of {isAvailable, get(name), set(name, text), remove(name)}. `set` returns whether the text was
   stored, or a promise of that; `isAvailable`: whether storage is expected to succeed. */
async function openStore(view) {
  const localStore = openLocalStorage(view);
  const database = await openDatabase(view);
  const texts = new Map(database ? await readAll(database) : []);

  function set(name, text) {
    texts.set(name, text);
    const isInLocalStorage = guarded(() => {
      localStore.setItem(name, text);
      return localStore.getItem(name) === text;
    }) === true;
    if (!isInLocalStorage) guarded(() => localStore.removeItem(name)); // an older text must not win
    if (!database) return isInLocalStorage;
    return runTransaction(database, (table) => table.put(text, name)).then((isStored) => isStored || isInLocalStorage);
  }

  return {
    isAvailable: Boolean(localStore || database),
    get: (name) => guarded(() => localStore.getItem(name)) || texts.get(name) || "",
    set,
    remove: (name) => {
      texts.delete(name);
      guarded(() => localStore.removeItem(name));
      if (database) runTransaction(database, (table) => table.delete(name));
    },
  };
}

/* Local storage, or null where it cannot be written. */
function openLocalStorage(view) {
  return guarded(() => {
    view.localStorage.setItem("minga/try", "1");
    view.localStorage.removeItem("minga/try");
    return view.localStorage;
  });
}

/* A promise of the database, or of null if there is none. */
function openDatabase(view) {
  return new Promise((resolve) => {
    const request = guarded(() => view.indexedDB.open(DATABASE, 1));
    if (!request) {
      resolve(null);
      return;
    }
    request.onupgradeneeded = () => request.result.createObjectStore(OBJECT_STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
    view.setTimeout(() => resolve(null), DATABASE_TIMEOUT);
  });
}

function readAll(database) {
  return new Promise((resolve) => {
    const entries = [];
    const request = guarded(() => database.transaction(OBJECT_STORE).objectStore(OBJECT_STORE).openCursor());
    if (!request) {
      resolve(entries);
      return;
    }
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) {
        resolve(entries);
        return;
      }
      entries.push([cursor.key, cursor.value]);
      cursor.continue();
    };
    request.onerror = () => resolve(entries);
  });
}

/* A promise of whether a change was made. */
function runTransaction(database, action) {
  return new Promise((resolve) => {
    const transaction = guarded(() => database.transaction(OBJECT_STORE, "readwrite"));
    if (!transaction) {
      resolve(false);
      return;
    }
    transaction.oncomplete = () => resolve(true);
    transaction.onabort = () => resolve(false);
    action(transaction.objectStore(OBJECT_STORE));
    if (transaction.commit) transaction.commit(); // at once: the page may be unloading
  });
}

function makeDevice(view, store, { id, section }, learner) {
  const folder = view.location.pathname.replace(/[^/]*$/, "");
  const ownerHash = `${checksum(folder)}${checksum(`${folder}\n${learner}`)}`;
  const preferencesKey = `minga/${id}/${ownerHash}`;
  const key = section ? `minga/${id}/${section}/${ownerHash}` : preferencesKey;

  return {
    isAvailable: () => store.isAvailable,
    /* {text, sent}: the state, "" if there is none, and whether the LMS has confirmed it. */
    read: () => {
      const [text, ...rest] = store.get(key).split(SENT_SUFFIX);
      return { text, sent: rest.length > 0 };
    },
    /* Store the state. Whether that succeeded, or a promise of that. */
    write: (text, sent) => store.set(key, text + (sent ? SENT_SUFFIX : "")),
    clear: () => store.remove(key),
    /* Whether captions are wanted: true, false, or null if unknown. */
    captions: () => ({ on: true, off: false })[store.get(`${preferencesKey}/captions`)] ?? null,
    setCaptions: (shown) => store.set(`${preferencesKey}/captions`, shown ? "on" : "off"),
    /* The language chosen last in any section. */
    language: () => store.get(`${preferencesKey}/language`),
    setLanguage: (tag) => store.set(`${preferencesKey}/language`, tag),
    /* Store a copy of a state that we cannot read, unless there is one already. */
    backUp: (text) => {
      const name = `${key}/aside/${checksum(text)}`;
      if (store.get(name) !== text) store.set(name, text);
    },
  };
}
