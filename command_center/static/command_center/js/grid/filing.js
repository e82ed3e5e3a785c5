// What is asked before a grid is handed in?
import { items, rows } from "./cells.js";
import { key } from "../outbox.js";
import * as saving from "./saving.js";

const dialog = document.getElementById("grid-confirm");
const MOST = 60;

// Only the exceptions and what is missing; what is in order needs no look.
function summary() {
  const found = { wrong: [], missing: [], silent: [], grid: {}, fresh: 0 };
  for (const row of rows) {
    if (!row.now.some((letter) => "ona".includes(letter))) {
      found.silent.push(row.name);
      continue;
    }
    row.now.forEach((letter, x) => {
      const text = `${row.name}: ${items[x].code}. ${items[x].name}`;
      if (letter === "n") found.wrong.push(text);
      if (letter === "." || letter === "r") found.missing.push(text);
    });
    found.grid[row.site] = { rev: row.rev, now: row.now.join(""), note: row.note };
    if (row.now.join("") !== row.filed.join("") || row.note !== row.filedNote) found.fresh += 1;
  }
  return found;
}

function part(title, texts) {
  if (!texts.length) return [];
  const head = document.createElement("h3");
  head.textContent = `${title} (${texts.length})`;
  const list = document.createElement("ul");
  list.append(...[...texts.slice(0, MOST), ...(texts.length > MOST ? ["…"] : [])].map((text) => {
    const row = document.createElement("li");
    row.textContent = text;
    return row;
  }));
  return [head, list];
}

let asked = null;

export function open() {
  asked = summary();
  const body = dialog.querySelector("[data-confirm-body]");
  const words = body.dataset;
  const blocked = saving.conflicts().length > 0;
  const lead = document.createElement("p");
  const clean = !asked.wrong.length && !asked.missing.length && !asked.silent.length;
  lead.textContent = asked.fresh ? words.sites.replace("{n}", asked.fresh) + (clean ? ` ${words.clean}` : "") : words.nothing;
  body.replaceChildren(lead, ...part(words.wrong, asked.wrong), ...part(words.missing, asked.missing), ...part(words.silent, asked.silent));
  dialog.querySelector("[data-confirm-wrong]").textContent = blocked ? words.blocked : "";
  const send = dialog.querySelector("[data-confirm-send]");
  send.disabled = blocked || !asked.fresh;
  dialog.showModal();
  (send.disabled ? dialog.querySelector("[data-confirm-close]") : send).focus();
}

async function send(event) {
  const button = event.currentTarget;
  button.disabled = true;
  await saving.hand({ grid: asked.grid, key: key() });
  button.disabled = false;
  dialog.close();
}

export function begin() {
  if (!dialog) return;
  dialog.querySelector("[data-confirm-send]").addEventListener("click", send);
  dialog.querySelector("[data-confirm-close]").addEventListener("click", () => dialog.close());
  document.querySelector("[data-grid-send]").addEventListener("submit", (event) => {
    event.preventDefault();
    open();
  });
  document.querySelector("[data-open-confirm]")?.addEventListener("click", open);
}
