// How does one reach anything by a few letters, without taking the hands off the keys?
const box = document.getElementById("palette");
const field = box?.querySelector("[data-palette-field]");
const list = box?.querySelector("[data-palette-list]");
const told = box?.querySelector("[data-palette-told]");
const PAUSE = 120;
let timer = 0;
let asked = null;
let active = -1;
let go = false; // Enter was pressed before the answer came

const options = () => [...list.querySelectorAll("[role=option]")];

function choose(index) {
  const all = options();
  active = all.length ? (index + all.length) % all.length : -1;
  all.forEach((node, at) => node.setAttribute("aria-selected", String(at === active)));
  if (active < 0) return field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-activedescendant", all[active].id);
  return all[active].scrollIntoView({ block: "nearest" });
}

function option(found, id) {
  const row = document.createElement("a");
  row.className = "palette-row";
  row.id = id;
  row.href = found.url;
  row.tabIndex = -1;
  row.setAttribute("role", "option");
  row.setAttribute("aria-selected", "false");
  for (const [name, text] of [["palette-name", found.name], ["palette-detail", found.detail]]) {
    if (!text) continue;
    const part = document.createElement("span");
    part.className = name;
    part.textContent = text;
    row.append(part);
  }
  return row;
}

function group({ kind, name, results, all }) {
  const part = document.createElement("div");
  const head = document.createElement("div");
  part.setAttribute("role", "group");
  part.setAttribute("aria-labelledby", `palette-${kind}`);
  head.id = `palette-${kind}`;
  head.className = "palette-head";
  head.setAttribute("role", "presentation");
  head.textContent = name;
  const rows = all ? [...results, { name: list.dataset.all, detail: "", url: all }] : results;
  part.append(head, ...rows.map((found, at) => option(found, `palette-${kind}-${at}`)));
  return part;
}

function show(groups) {
  const full = groups.filter(({ results }) => results.length);
  list.replaceChildren(...full.map(group));
  list.hidden = !full.length;
  field.setAttribute("aria-expanded", String(!list.hidden));
  const count = full.reduce((sum, { results }) => sum + results.length, 0);
  told.textContent = count ? told.dataset.found.replace("{n}", count) : told.dataset.none;
  choose(0);
  if (go) options()[0]?.click();
  go = false;
}

function clear(words) {
  list.replaceChildren();
  list.hidden = true;
  go = false;
  field.setAttribute("aria-expanded", "false");
  active = -1;
  field.removeAttribute("aria-activedescendant");
  told.textContent = words;
}

async function ask() {
  asked?.abort();
  const mine = new AbortController();
  asked = mine;
  try {
    const address = `${box.dataset.address}?${new URLSearchParams({ q: field.value.trim() })}`;
    const answer = await fetch(address, { signal: mine.signal, headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.status === 401) return location.assign(document.body.dataset.signIn);
    if (!answer.ok) throw new Error(String(answer.status));
    const { groups } = await answer.json();
    if (asked === mine) show(groups);
  } catch {
    if (asked === mine && !mine.signal.aborted) clear(told.dataset.failed);
  } finally {
    if (asked === mine) list.removeAttribute("aria-busy");
  }
  return undefined;
}

function later(pause = PAUSE) {
  clearTimeout(timer);
  asked?.abort();
  go = false;
  list.setAttribute("aria-busy", "true");
  timer = setTimeout(ask, pause);
}

export function open() {
  if (!box || box.open) return;
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  field.value = "";
  clear("");
  box.showModal();
  field.focus();
  later(0);
}

const composing = (event) => event.isComposing || event.keyCode === 229;

function press(event) {
  if (composing(event)) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(active + (event.key === "ArrowDown" ? 1 : -1));
  }
  if (event.key !== "Enter") return;
  event.preventDefault();
  go = list.hasAttribute("aria-busy");
  if (!go) options()[active]?.click();
}

export function begin() {
  if (!box) return;
  document.addEventListener("keydown", (event) => {
    const wanted = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!wanted || composing(event) || document.querySelector("dialog[open]:not(#palette)")) return;
    event.preventDefault();
    if (box.open) box.close();
    else open();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette-open]")) open();
    if (event.target === box) box.close();
  });
  field.addEventListener("keydown", press);
  field.addEventListener("input", (event) => { if (!event.isComposing) later(); });
  field.addEventListener("compositionend", () => later());
  box.addEventListener("close", () => { clearTimeout(timer); asked?.abort(); asked = null; });
}
