/* Let the learner copy, save or print the answers.
 *
 * The JSON file is described in docs/answers-file.md. No data leaves the device.
 *
 * Browsers do not report whether a file was saved (many apps that embed web pages drop it silently) and, in some
 * frames, whether a page may be printed. So after each action the text itself is shown, to be copied manually.
 */

const ANSWERS_VERSION = 1;
const FILE_STYLE = `
  :root { color-scheme: light dark; }
  body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; font: 17px/1.6 system-ui, sans-serif; overflow-wrap: break-word; }
  h1, h2 { font-family: Charter, Cambria, Georgia, serif; line-height: 1.25; }
  h2 { margin-top: 2.5rem; font-size: 1.2rem; break-after: avoid; }
  .text { white-space: pre-wrap; }
  .facts { font-size: 14px; opacity: .8; }
  @media print { body { max-width: none; margin: 0; font-size: 11pt; } }`;

function makeAnswers(view, page, session) {
  /* All data of the JSON file. */
  function collectData() {
    const written = session.answers();
    const times = session.times();
    const shown = page.all("[data-answer]").map((box) => box.dataset.answer);
    const removed = Object.keys(written).filter((id) => !shown.includes(id)); // of questions in an earlier version
    return {
      format: "minga-answers",
      version: ANSWERS_VERSION,
      module: { id: page.module.id, version: page.module.version, title: singleLine(page.title()) },
      language: page.language(),
      learner: { id: singleLine(session.learner().id), name: singleLine(session.learner().name) },
      answers: shown.concat(removed).filter((id) => (written[id] || "").trim() !== "").map((id) => ({
        question: id,
        question_text: shown.includes(id) ? singleLine(page.questionText(id)) : null,
        language: times[id] ? times[id].language : null,
        text: withoutLoneSurrogates(written[id]),
        written_at: times[id] ? timestamp(times[id].written) : null,
        changed_at: times[id] ? timestamp(times[id].changed) : null,
      })),
      made_at: timestamp(Date.now()),
      package: page.module.package,
    };
  }

  function singleLine(text) {
    return text === null ? null : withoutLoneSurrogates(toSingleLine(text));
  }

  function timestamp(time) {
    return `${new Date(time).toISOString().slice(0, 19)}Z`;
  }

  /* Replace unpaired surrogates, which cannot be encoded, and NUL. */
  function withoutLoneSurrogates(text) {
    const pairsAndInvalid = /[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF\0]/g;
    return text.replace(pairsAndInvalid, (one) => (one.length === 2 ? one : "\uFFFD"));
  }

  function toText(data) {
    const number = (id) => page.all("[data-answer]").findIndex((box) => box.dataset.answer === id) + 1;
    const heading = ({ question, question_text }) =>
      question_text === null ? question : `${page.number(number(question))}. ${question_text}`;
    return data.answers.map((one) => `${heading(one)}\n\n${one.text.trim()}`).join("\n\n\n");
  }

  /* The HTML document for saving and printing. */
  function toDocument(data) {
    const title = `${data.module.title} – ${page.formatMessage("answers")}`;
    const doc = view.document.implementation.createHTMLDocument(title);
    const shown = view.document.documentElement;
    const add = (parent, tag, text, properties) => {
      const element = Object.assign(doc.createElement(tag), { textContent: text, ...properties });
      parent.append(element);
      return element;
    };
    doc.documentElement.lang = shown.lang;
    doc.documentElement.dir = shown.dir;
    const charset = doc.createElement("meta");
    charset.setAttribute("charset", "utf-8");
    doc.head.prepend(charset);
    add(doc.head, "meta", "", { name: "viewport", content: "width=device-width, initial-scale=1" });
    add(doc.head, "style", FILE_STYLE);
    add(doc.body, "p", page.formatMessage("answers"), { className: "facts" });
    add(doc.body, "h1", data.module.title, { dir: "auto" });
    if (data.learner.name) add(doc.body, "p", data.learner.name, { dir: "auto" });
    add(doc.body, "p", page.formatMessage("made", { time: page.formatDateTime(data.made_at) }), { className: "facts" });
    data.answers.forEach((one) => {
      add(doc.body, "h2", one.question_text === null ? one.question : one.question_text, { dir: "auto" });
      add(doc.body, "p", one.text.trim(), { className: "text", dir: "auto", lang: one.language || "" });
      if (one.written_at === null) return;
      const times = { written: page.formatDateTime(one.written_at), changed: page.formatDateTime(one.changed_at) };
      const changed = times.changed !== times.written;
      add(doc.body, "p", page.formatMessage(changed ? "changed-at" : "written-at", times), { className: "facts" });
    });
    return doc;
  }

  /* ---- The four buttons ---- */

  const find = (name) => page.find(`[data-${name}]`, page.find("[data-export-section]"));

  function showMessage(kind, text) {
    find("export-status").textContent = page.formatMessage(kind);
    const area = find("export-text");
    area.hidden = text === undefined;
    area.value = text || "";
  }

  async function copy(data) {
    const text = toText(data);
    try {
      await view.navigator.clipboard.writeText(text);
      showMessage("copied");
    } catch (error) {
      // forbidden in many frames: the text is shown, to be copied manually
      showMessage("copy-manually", text);
      const area = find("export-text");
      area.focus();
      area.select();
      if (view.document.execCommand("copy")) showMessage("copied", text);
    }
  }

  function download(data, kind) {
    const isJson = kind === "json";
    const doc = isJson ? null : toDocument(data);
    const content = isJson ? `${JSON.stringify(data, null, 2)}\n` : `<!doctype html>\n${doc.documentElement.outerHTML}\n`;
    const text = isJson ? content : toText(data);
    try {
      const blob = new view.Blob([content], { type: `${isJson ? "application/json" : "text/html"};charset=utf-8` });
      const link = view.document.createElement("a");
      link.href = view.URL.createObjectURL(blob);
      link.download = `${page.module.id}-answers.${kind}`;
      link.click();
      view.setTimeout(() => view.URL.revokeObjectURL(link.href), 60000);
      showMessage("downloaded", text);
    } catch (error) {
      showMessage("no-file", text);
    }
  }

  function print(data) {
    const root = view.document.documentElement;
    const paper = find("paper");
    const restorePage = () => {
      delete root.dataset.paper;
      paper.textContent = "";
    };
    let hasStarted = false;
    paper.replaceChildren(...toDocument(data).body.childNodes);
    root.dataset.paper = "answers";
    view.addEventListener("beforeprint", () => (hasStarted = true), { once: true });
    try {
      view.print();
    } catch (error) {
      // an app without a printer
    }
    // restore the page at the next gesture: some browsers fire "afterprint" before they print
    ["pointerdown", "keydown"].forEach((type) => {
      view.addEventListener(type, restorePage, { once: true, capture: true });
    });
    view.setTimeout(() => {
      if (!hasStarted) showMessage("no-print", toText(data));
    }, 1000);
  }

  /* `action` is "copy", "html", "json" or "print". */
  function run(action) {
    const data = collectData();
    if (data.answers.length === 0) showMessage("nothing");
    else if (action === "copy") copy(data);
    else if (action === "print") print(data);
    else download(data, action);
  }

  return { run };
}
