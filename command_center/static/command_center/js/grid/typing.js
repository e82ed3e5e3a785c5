// What does a change to some cells do: draw, keep, take back, read from a spreadsheet?
import { draw, items, rows, said, told, wrong, writable } from "./cells.js";
import * as saving from "./saving.js";

const WORDS = JSON.parse(told.words);
const TICKS = new Set(["✓", "✔", "√"]);
const NOT_ASKED = "–";
const past = [];
export const outside = { n: 0 };

// As the server reads it: without accents and marks, đ as d.
function fold(text) {
  const bare = text.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f]/g, "").replaceAll("đ", "d");
  return (bare.match(/[a-z0-9]+/g) || []).join(" ");
}

export function letter(text) {
  const given = text.trim();
  if (!given || given === NOT_ASKED) return "";
  if (TICKS.has(given)) return "o";
  return WORDS[fold(given)] ?? null;
}

// Set many cells at once: [[y, x, letter or "."]]. What cannot be is told at its cell.
export function apply(cells, { remember = true } = {}) {
  if (!writable) return;
  const before = [];
  for (const [y, x, value] of cells) {
    const row = rows[y];
    const why = value === "." ? "" : wrong(y, x, value);
    if (row.now[x] === "-") continue;
    if (why) {
      row.why[items[x].code] = { text: value.toUpperCase(), why };
      draw(y, x);
      continue;
    }
    delete row.why[items[x].code];
    if (row.now[x] !== value) {
      before.push([y, x, row.now[x]]);
      row.now[x] = value;
      saving.change(row.site, items[x].code, said(value));
    }
    draw(y, x);
  }
  if (remember && before.length) past.push(before);
  document.dispatchEvent(new CustomEvent("grid:drawn"));
}

export function takeBack() {
  const last = past.pop();
  if (last) apply(last.map(([y, x, value]) => [y, x, value === "r" ? "." : value]), { remember: false });
}

export function note(y, text) {
  rows[y].note = text;
  saving.change(rows[y].site, "note", text);
  document.dispatchEvent(new CustomEvent("grid:drawn"));
}

// What a spreadsheet puts on the clipboard: quoted where a cell holds a line end or a tab.
function parsed(text) {
  const found = [[""]];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    const line = found.at(-1);
    if (quoted) {
      if (sign !== '"') line[line.length - 1] += sign;
      else if (text[at + 1] === '"') { line[line.length - 1] += '"'; at += 1; } else quoted = false;
    } else if (sign === '"' && line.at(-1) === "") quoted = true;
    else if (sign === "\t") line.push("");
    else if (sign === "\n") found.push([""]);
    else if (sign !== "\r") line[line.length - 1] += sign;
  }
  const last = found.at(-1);
  if (last.length === 1 && last[0] === "") found.pop();
  return found;
}

// A single copied cell fills all that is chosen; a block lies from the cell downwards and to the right.
export function paste(y, x, text, chosen) {
  const block = parsed(text.slice(0, 500_000));
  const one = block.length === 1 && block[0].length === 1;
  const cells = one ? chosen.map(([a, b]) => [a, b, block[0][0]]) : block.flatMap((line, down) => line.map((cell, right) => [y + down, x + right, cell]));
  const taken = [];
  outside.n = 0;
  for (const [a, b, given] of cells) {
    if (!rows[a] || b > items.length) { if (given.trim()) outside.n += 1; continue; }
    if (b === items.length) {
      if (given.trim()) {
        note(a, given.trim().slice(0, 1000));
        if (rows[a].input) rows[a].input.value = rows[a].note;
      }
      continue;
    }
    const found = letter(given);
    if (found === "") continue;
    const words = document.getElementById("grid-trouble").dataset;
    const why = found === null ? words.noAnswer : wrong(a, b, found);
    if (!why) { taken.push([a, b, found]); continue; }
    rows[a].why[items[b].code] = { text: given.trim().slice(0, 40), why };
    draw(a, b);
  }
  apply(taken);
}

export function copied(chosen) {
  const lines = new Map();
  for (const [y, x] of chosen) lines.set(y, [...(lines.get(y) || []), rows[y].now[x]]);
  const text = (one) => ({ o: told.nameO, n: told.nameN, a: told.nameA, "-": NOT_ASKED })[one] || "";
  return [...lines.values()].map((line) => line.map(text).join("\t")).join("\n");
}

const empty = (y, x) => rows[y].now[x] === ".";

export const fillColumn = (x) => apply(rows.filter((row) => empty(row.y, x)).map((row) => [row.y, x, "o"]));
export const fillRow = (y) => apply(items.map((_, x) => x).filter((x) => empty(y, x)).map((x) => [y, x, "o"]));
export const fillAll = () => apply(rows.flatMap((row) => items.map((_, x) => [row.y, x, "o"])).filter(([y, x]) => empty(y, x)));
export const copyLast = () => apply(rows.flatMap((row) => items.map((_, x) => [row.y, x, row.before[x]])).filter(([y, x, value]) => empty(y, x) && value !== "." && value !== "-"));
