/* A place on this device, for what the LMS could not take.
 *
 * Local storage is missing in some frames and throws in others (SecurityError where cookies are blocked,
 * QuotaExceededError where it is full): everything here answers instead of throwing.
 *
 * The name of the place holds the folder that the package was opened from and the person, so that two
 * courses, or two people at one computer, never read each other's answers.
 */

function makeDevice(view, module, learner) {
  const folder = view.location.pathname.replace(/[^/]*$/, "");
  const key = `minga/${module}/${checkOf(folder)}${checkOf(`${folder}\n${learner}`)}`;

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

  return {
    works: () => write("1", `${key}/try`) && attempt((storage) => storage.removeItem(`${key}/try`)) !== null,
    read: () => attempt((storage) => storage.getItem(key)) || "",
    write: (text) => write(text, key),
    clear: () => attempt((storage) => storage.removeItem(key)),
    /* Captions wanted, true or false, or null where nobody said. */
    captions: () => {
      const told = attempt((storage) => storage.getItem(`${key}/captions`));
      return told ? told === "on" : null;
    },
    wantCaptions: (shown) => write(shown ? "on" : "off", `${key}/captions`),
    /* Keeps a copy of something that is not ours to read, unless there is one already. */
    putAside: (text) => {
      const name = `${key}/aside/${checkOf(text)}`;
      return attempt((storage) => storage.getItem(name)) === text || write(text, name);
    },
  };
}
