/* Storage on this device, for what the LMS could not store.
 *
 * Local storage is missing in some frames and throws in others (SecurityError if cookies are blocked,
 * QuotaExceededError if it is full): all functions here return instead of throwing.
 *
 * The key contains the folder that the package was opened from and the person, so that two courses, or two people at
 * one computer, never read each other's answers. Where each section is an SCO, it also contains the section;
 * preferences are common to all sections.
 */

function makeDevice(view, { id, section }, learner) {
  const folder = view.location.pathname.replace(/[^/]*$/, "");
  const owner = `${checkOf(folder)}${checkOf(`${folder}\n${learner}`)}`;
  const wishes = `minga/${id}/${owner}`;
  const key = section ? `minga/${id}/${section}/${owner}` : wishes;

  function attempt(act) {
    try {
      return act(view.localStorage);
    } catch (error) {
      return null;
    }
  }

  function write(text, name) {
    return attempt((storage) => {
      storage.setItem(name, text);
      return storage.getItem(name) === text;
    }) === true;
  }

  function wish(name) {
    return attempt((storage) => storage.getItem(`${wishes}/${name}`));
  }

  return {
    works: () => write("1", `${key}/try`) && attempt((storage) => storage.removeItem(`${key}/try`)) !== null,
    read: () => attempt((storage) => storage.getItem(key)) || "",
    write: (text) => write(text, key),
    clear: () => attempt((storage) => storage.removeItem(key)),
    /* Whether captions are wanted: true, false, or null if unknown. */
    captions: () => {
      const told = wish("captions");
      return told ? told === "on" : null;
    },
    wantCaptions: (shown) => write(shown ? "on" : "off", `${wishes}/captions`),
    /* The language chosen last in any section. */
    language: () => wish("language") || "",
    wantLanguage: (tag) => write(tag, `${wishes}/language`),
    /* Store a copy of a state that we cannot read, unless there is one already. */
    putAside: (text) => {
      const name = `${key}/aside/${checkOf(text)}`;
      return attempt((storage) => storage.getItem(name)) === text || write(text, name);
    },
  };
}
