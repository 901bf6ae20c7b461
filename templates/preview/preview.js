/* Loads the page again when the module has changed. Only a page that is seen listens: a browser
   opens few connections to one host. */
(() => {
  "use strict";
  const mark = document.querySelector('meta[name="preview"]').content;
  const problems = document.querySelector("details[data-problems]");
  let changes = null;

  const rest = () => {
    changes?.close();
    changes = null;
  };
  const listen = () => {
    if (changes || document.hidden) return;
    changes = new EventSource("/-/changes");
    changes.onmessage = ({ data }) => {
      if (data === mark) return;
      rest();
      location.reload();
    };
  };

  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", listen);
  listen();

  if (problems) {
    problems.open = sessionStorage.getItem("problems") !== "shut";
    problems.addEventListener("toggle", () => sessionStorage.setItem("problems", problems.open ? "open" : "shut"));
  }
})();
