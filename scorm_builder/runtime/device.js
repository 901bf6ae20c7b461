/* A place on this device, for what the LMS could not take.
 *
 * Local storage is missing in some frames and throws in others (SecurityError where cookies are blocked,
 * QuotaExceededError where it is full): everything here answers instead of throwing.
 *
 * The name of the place holds the folder that the package was opened from and the person, so that two
 * courses, or two people at one computer, never read each other's answers. Where each section is a page that
 * the LMS starts by itself, it holds the section, too; what a person wishes is the same for all of them.
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
    /* Captions wanted, true or false, or null where nobody said. */
    captions: () => {
      const told = wish("captions");
      return told ? told === "on" : null;
    },
    wantCaptions: (shown) => write(shown ? "on" : "off", `${wishes}/captions`),
    /* The language chosen last, in whichever section. */
    language: () => wish("language") || "",
    wantLanguage: (tag) => write(tag, `${wishes}/language`),
    /* Keeps a copy of something that is not ours to read, unless there is one already. */
    putAside: (text) => {
      const name = `${key}/aside/${checkOf(text)}`;
      return attempt((storage) => storage.getItem(name)) === text || write(text, name);
    },
  };
}
