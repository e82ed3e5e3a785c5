// What has to be looked at: two officers at one cell, and what was pasted and cannot stand there?
import { draw, items, place, rows, word } from "./cells.js";
import { go } from "./keys.js";
import * as saving from "./saving.js";
import { outside } from "./typing.js";

const box = document.getElementById("grid-trouble");
const words = box.dataset;
const MOST = 40;
const FEW = 5;

const filled = (text, facts) => Object.entries(facts).reduce((all, [key, value]) => all.replace(`{${key}}`, value), text);
const spoken = (item, value) => (item === "note" ? `“${value}”` : word(value || "."));

function button(text, act) {
  const node = document.createElement("button");
  node.type = "button";
  node.className = "button button-small";
  node.textContent = text;
  node.addEventListener("click", act);
  return node;
}

function line(text, ...buttons) {
  const row = document.createElement("li");
  const said = document.createElement("span");
  said.textContent = text;
  row.append(said, ...buttons);
  return row;
}

function conflict([name, one]) {
  const [site, item] = name.split("|");
  const [y] = place(site, item);
  const [theirs, by] = one.met;
  const facts = { site: rows[y]?.name || site, item, mine: spoken(item, one.value), by, theirs: spoken(item, theirs) };
  const choose = (mine) => () => {
    saving.choose(name, mine);
    document.dispatchEvent(new CustomEvent("grid:drawn"));
  };
  return line(filled(words.conflict, facts), button(words.mine, choose(true)), button(words.theirs, choose(false)));
}

function garbage(row, code, { text, why }, end) {
  const x = items.findIndex((item) => item.code === code);
  const facts = { site: row.name, item: code, text, why };
  return line(filled(words.garbage, facts), button(words.go, () => go(row.y, x < 0 ? items.length : x)), button(words.drop, end));
}

function show() {
  const list = [];
  const conflicts = saving.conflicts();
  for (const row of rows) {
    for (const code of Object.keys(row.why)) if (row.why[code].met) delete row.why[code];
  }
  for (const [name, one] of conflicts) {
    const [site, item] = name.split("|");
    const [y, x] = place(site, item);
    if (x >= 0) {
      rows[y].why[item] = { text: "", why: `${one.met[1]}: ${spoken(item, one.met[0])}`, met: true };
      draw(y, x);
    }
    list.push(conflict([name, one]));
  }
  const refused = saving.pending().filter(([, other]) => other.refused);
  if (refused.length > FEW) list.push(line(filled(words.many, { n: refused.length, why: refused[0][1].refused }), button(words.again, saving.again)));
  for (const [name, one] of refused.length > FEW ? [] : refused) {
    const [site, item] = name.split("|");
    const row = rows.find((other) => other.site === site);
    if (row) list.push(garbage(row, item, { text: spoken(item, one.value), why: one.refused }, () => saving.drop(name)));
  }
  for (const row of rows) {
    for (const [code, why] of Object.entries(row.why)) {
      if (why.met) continue;
      list.push(garbage(row, code, why, () => {
        delete row.why[code];
        draw(row.y, items.findIndex((item) => item.code === code));
        show();
      }));
    }
  }
  if (outside.n) list.push(line(filled(words.outside, { n: outside.n }), button(words.drop, () => { outside.n = 0; show(); })));
  box.querySelector("ul").replaceChildren(...list.slice(0, MOST));
  box.hidden = !list.length;
}

export function begin() {
  document.addEventListener("grid:kept", show);
  document.addEventListener("grid:drawn", show);
  show();
}
