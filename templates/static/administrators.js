/* Pages for administrators: buttons that copy a value, and the checks that only the browser can make.
   Without this script the values can be selected, and the checks say that they need it. */
import { find, findAll, format } from "./dom.js";

async function copy(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch { // not allowed in this frame
    document.execCommand("copy");
  }
}

for (const button of findAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await copy(document.getElementById(button.dataset.copy));
    button.firstElementChild.textContent = button.dataset.done;
    button.setAttribute("role", "status");
  });
}

/* Whether a cookie with these attributes is stored. */
function stores(attributes) {
  const name = `minga-test-${attributes.length}`;
  const end = `path=${location.pathname}; Secure; SameSite=None${attributes}`;
  document.cookie = `${name}=1; max-age=60; ${end}`;
  const stored = document.cookie.includes(`${name}=1`);
  document.cookie = `${name}=; max-age=0; ${end}`;
  return stored;
}

/* The messages that the LMS's page supports (LTI client-side postMessages). */
function capabilities() {
  const id = crypto.randomUUID?.() ?? String(Math.random());
  return new Promise((resolve) => {
    window.addEventListener("message", ({ data }) => {
      if (data?.subject === "lti.capabilities.response" && data.message_id === id) resolve(data.supported_messages ?? []);
    });
    setTimeout(resolve, 1500, []);
    if (window.parent !== window) window.parent.postMessage({ subject: "lti.capabilities", message_id: id }, "*");
  });
}

const checks = {
  cookies() {
    const found = [["", "cookies"], ["; Partitioned", "Partitioned"]].filter(([attributes]) => stores(attributes));
    return { good: found.length > 0, found: found.map(([, name]) => name).join(", ") };
  },
  async storage() {
    const subjects = (await capabilities()).map((message) => message.subject);
    return { good: subjects.includes("lti.put_data"), found: "" };
  },
  frame: () => ({ good: innerWidth >= 600 && innerHeight >= 400, found: `${innerWidth} × ${innerHeight}` }),
};

async function check(row) {
  const { good, found } = await checks[row.dataset.browserCheck]();
  const { good: yes, bad: no, works, unknown } = row.dataset;
  const text = format(good ? yes : no, { found });
  const [state, words] = row.cells[1].children;
  state.className = good ? "state good" : "state";
  state.textContent = good ? works : unknown;
  words.textContent = text;
  return `${good ? "ok" : "--"} ${row.cells[0].textContent}: ${text}\n`;
}

const rows = findAll("[data-browser-check]");
if (rows.length) Promise.all(rows.map(check)).then((lines) => {
  const report = find("#report-text");
  if (!report) return;
  report.value += lines.join("");
  find("[data-report]").href = `data:text/plain;charset=utf-8,${encodeURIComponent(report.value)}`;
});
