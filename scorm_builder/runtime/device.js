/* Storage on this device, for what the LMS could not store.
 *
 * IndexedDB keeps it, and local storage a second time: local storage is written even while the page goes, but Moodle
 * clears it at every change of login. Each is missing in some frames and throws in others (SecurityError if cookies
 * are blocked, QuotaExceededError if it is full): all functions here return instead of throwing. At the start both are
 * read; of a name that is in both, local storage counts.
 *
 * The key contains the folder that the package was opened from and the person, so that two courses, or two people at
 * one computer, never read each other's answers. Where each section is an SCO, it also contains the section;
 * preferences are common to all sections.
 */

const DATABASE = "minga";
const TABLE_OF_TEXTS = "texts";
const DATABASE_PATIENCE = 3000; // ms until a database counts as missing
const SENT = " sent"; // behind a state that the LMS has confirmed

/* A promise of {works, get(name), set(name, text), remove(name)}. `set` returns whether the device has the text, or a
   promise of that; `works`: whether it is expected to. */
async function openStore(view) {
  const local = openLocal(view);
  const base = await openDatabase(view);
  const texts = new Map(base ? await readAll(base) : []);

  function set(name, text) {
    texts.set(name, text);
    const isLocal = guarded(() => {
      local.setItem(name, text);
      return local.getItem(name) === text;
    }) === true;
    if (!isLocal) guarded(() => local.removeItem(name)); // an older one
    return base ? change(base, (table) => table.put(text, name)).then((done) => done || isLocal) : isLocal;
  }

  return {
    works: Boolean(local || base),
    get: (name) => guarded(() => local.getItem(name)) || texts.get(name) || "",
    set,
    remove: (name) => {
      texts.delete(name);
      guarded(() => local.removeItem(name));
      if (base) change(base, (table) => table.delete(name));
    },
  };
}

/* Local storage, or null where it cannot be written. */
function openLocal(view) {
  return guarded(() => {
    view.localStorage.setItem("minga/try", "1");
    view.localStorage.removeItem("minga/try");
    return view.localStorage;
  });
}

/* A promise of the database, or of null where there is none. */
function openDatabase(view) {
  return new Promise((done) => {
    const request = guarded(() => view.indexedDB.open(DATABASE, 1));
    if (!request) {
      done(null);
      return;
    }
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE_OF_TEXTS);
    request.onsuccess = () => done(request.result);
    request.onerror = () => done(null);
    view.setTimeout(() => done(null), DATABASE_PATIENCE);
  });
}

function readAll(base) {
  return new Promise((done) => {
    const found = [];
    const request = guarded(() => base.transaction(TABLE_OF_TEXTS).objectStore(TABLE_OF_TEXTS).openCursor());
    if (!request) {
      done(found);
      return;
    }
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) {
        done(found);
        return;
      }
      found.push([cursor.key, cursor.value]);
      cursor.continue();
    };
    request.onerror = () => done(found);
  });
}

/* A promise of whether a change was made. */
function change(base, act) {
  return new Promise((done) => {
    const work = guarded(() => base.transaction(TABLE_OF_TEXTS, "readwrite"));
    if (!work) {
      done(false);
      return;
    }
    work.oncomplete = () => done(true);
    work.onabort = () => done(false);
    act(work.objectStore(TABLE_OF_TEXTS));
    if (work.commit) work.commit(); // at once: the page may be going
  });
}

function makeDevice(view, store, { id, section }, learner) {
  const folder = view.location.pathname.replace(/[^/]*$/, "");
  const owner = `${checkOf(folder)}${checkOf(`${folder}\n${learner}`)}`;
  const wishes = `minga/${id}/${owner}`;
  const key = section ? `minga/${id}/${section}/${owner}` : wishes;

  return {
    works: () => store.works,
    /* {text, sent}: the state, "" if there is none, and whether the LMS has confirmed it. */
    read: () => {
      const [text, ...rest] = store.get(key).split(SENT);
      return { text, sent: rest.length > 0 };
    },
    /* Whether the device has the state now, or a promise of that. */
    write: (text, sent) => store.set(key, text + (sent ? SENT : "")),
    clear: () => store.remove(key),
    /* Whether captions are wanted: true, false, or null if unknown. */
    captions: () => ({ on: true, off: false })[store.get(`${wishes}/captions`)] ?? null,
    wantCaptions: (shown) => store.set(`${wishes}/captions`, shown ? "on" : "off"),
    /* The language chosen last in any section. */
    language: () => store.get(`${wishes}/language`),
    wantLanguage: (tag) => store.set(`${wishes}/language`, tag),
    /* Store a copy of a state that we cannot read, unless there is one already. */
    putAside: (text) => {
      const name = `${key}/aside/${checkOf(text)}`;
      if (store.get(name) !== text) store.set(name, text);
    },
  };
}
