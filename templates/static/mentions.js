/* Complete names after @ in the text of a form: from the people whom its author can mention. */
import { find, findAll } from "./dom.js";
import { request } from "./requests.js";
import { isComposing, replaceText } from "./typing.js";

const WAIT = 200;
const NAME = /(?:^|[^\p{L}\p{N}@./_-])@([\p{L}\p{M}'’.-]+(?: [\p{L}\p{M}'’.-]*){0,3})$/u;

function startMentions(form) {
  const box = form.elements.text;
  const list = Object.assign(document.createElement("ul"), { className: "names", id: `${box.id}-people`, hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.people);
  box.after(list);
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  let timer;
  let typed = "";
  let current = 0;

  const options = () => findAll("[role=option]", list);
  function close() {
    list.hidden = true;
    box.removeAttribute("aria-activedescendant");
  }
  function select(number) {
    current = (number + options().length) % options().length;
    options().forEach((option, each) => option.setAttribute("aria-selected", each === current));
    box.setAttribute("aria-activedescendant", options()[current].id);
  }
  function show(people) {
    list.replaceChildren(...people.map(({ id, name }, number) => {
      const option = Object.assign(document.createElement("li"), { id: `${list.id}-${number}`, textContent: name, dir: "auto" });
      option.dataset.person = id;
      option.setAttribute("role", "option");
      return option;
    }));
    list.hidden = !people.length;
    if (people.length) select(0);
    else close();
  }
  function before() {
    return NAME.exec(box.value.slice(Math.max(0, box.selectionStart - 80), box.selectionStart))?.[1];
  }
  async function update() {
    const name = before();
    if (!name || name === typed) return name || close();
    typed = name;
    const response = await request(`${form.dataset.peopleHref}?${new URLSearchParams({ name: name.trim() })}`);
    if (!response.ok) return close();
    const { people } = await response.json();
    if (before() === name) show(people);
  }
  function choose(option) {
    const name = before() ?? typed;
    const end = box.selectionStart;
    close();
    typed = option.textContent;
    form.elements.mentioned.value = `${form.elements.mentioned.value} ${option.dataset.person}`.trim();
    replaceText(box, end - name.length, end, `${option.textContent} `);
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    if (!before()) return close();
    timer = setTimeout(() => update().catch(close), WAIT);
  });
  box.addEventListener("keydown", (event) => {
    if (list.hidden || isComposing(event) || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown") select(current + 1);
    else if (event.key === "ArrowUp") select(current - 1);
    else if (event.key === "Enter" || event.key === "Tab") choose(options()[current]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  box.addEventListener("blur", () => setTimeout(close, WAIT));
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the field keeps the focus
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
}

for (const form of findAll("form[data-people-href]")) if (find("[name=mentioned]", form)) startMentions(form);
