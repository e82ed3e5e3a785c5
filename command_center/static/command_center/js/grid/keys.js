// How does one move and answer in the grid as in a spreadsheet?
import { asked, items, rows, table, writable } from "./cells.js";
import { apply, copied, letter, paste, takeBack } from "./typing.js";

const NEXT = { ".": "o", r: "o", o: "n", n: "a", a: "." };
let at = [0, 0];
let from = [0, 0];

const cell = (y, x) => (x === items.length ? rows[y].input || rows[y].tr.lastElementChild : rows[y].cells[x]);
const clamp = (n, most) => Math.max(0, Math.min(most, n));

export function chosen() {
  const [low, high] = [0, 1].map((n) => [Math.min(at[n], from[n]), Math.max(at[n], from[n])]);
  const found = [];
  for (let y = low[0]; y <= low[1]; y += 1) for (let x = high[0]; x <= Math.min(high[1], items.length - 1); x += 1) found.push([y, x]);
  return found;
}

function mark() {
  for (const node of table.querySelectorAll(".is-chosen")) node.classList.remove("is-chosen");
  const some = chosen();
  if (some.length > 1) for (const [y, x] of some) rows[y].cells[x].classList.add("is-chosen");
}

export function go(y, x, { extend = false, focus = true } = {}) {
  const old = cell(...at);
  if (old) old.tabIndex = -1;
  at = [clamp(y, rows.length - 1), clamp(x, items.length)];
  if (!extend) from = [...at];
  const node = cell(...at);
  node.tabIndex = 0;
  if (focus) node.focus();
  mark();
}

function found(node) {
  const td = node.closest?.("td");
  const y = rows.findIndex((row) => row.tr === td?.parentElement);
  if (y < 0) return null;
  const x = rows[y].cells.indexOf(td);
  return [y, x < 0 ? items.length : x];
}

// From the heads of rows and columns back into the cells.
function fromHead(event) {
  const head = event.target.closest("th");
  const y = rows.findIndex((row) => row.tr === head?.parentElement);
  const x = items.findIndex((item) => item.head === head);
  const [dy, dx] = { ArrowDown: [1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowUp: [-1, 0] }[event.key] || [0, 0];
  if (event.key === "Escape") return leave();
  if (!dy && !dx) return false;
  if (x >= 0) {
    if (dy > 0) go(0, x);
    else if (dx && items[x + dx]) items[x + dx].head.querySelector("[data-fill]").focus();
  } else if (dx > 0) go(y, 0);
  else if (dy && rows[y + dy]) rows[y + dy].tr.querySelector("th [data-fill]").focus();
  return true;
}

function leave() {
  const next = document.querySelector("[data-grid-send] button") || document.querySelector(".grid-tools summary");
  (next?.offsetParent ? next : table.querySelector("td"))?.focus();
  return true;
}

function tab(back) {
  const flat = at[0] * (items.length + 1) + at[1] + (back ? -1 : 1);
  if (flat < 0 || flat >= rows.length * (items.length + 1)) return false; // out of the grid, as anywhere
  go(Math.floor(flat / (items.length + 1)), flat % (items.length + 1));
  return true;
}

function step(event) {
  const [y, x] = at;
  const extend = event.shiftKey;
  const jump = event.ctrlKey || event.metaKey;
  const moves = {
    ArrowUp: () => (y === 0 && !extend && items[x] && writable ? items[x].head.querySelector("[data-fill]").focus() : go(jump ? 0 : y - 1, x, { extend })),
    ArrowDown: () => go(jump ? rows.length : y + 1, x, { extend }),
    ArrowLeft: () => (x === 0 && !extend && writable ? rows[y].tr.querySelector("th [data-fill]").focus() : go(y, jump ? 0 : x - 1, { extend })),
    ArrowRight: () => go(y, jump ? items.length : x + 1, { extend }),
    Home: () => go(jump ? 0 : y, 0, { extend }),
    End: () => go(jump ? rows.length : y, items.length - 1, { extend }),
    PageUp: () => go(y - 10, x, { extend }),
    PageDown: () => go(y + 10, x, { extend }),
    Enter: () => go(y + (event.shiftKey ? -1 : 1), x),
    Escape: leave,
  };
  if (event.key === "Tab") return tab(event.shiftKey);
  if (!Object.hasOwn(moves, event.key)) return false;
  moves[event.key]();
  return true;
}

// In a note only what leaves the line moves; everything else is writing.
function inNote(event) {
  const { target, key } = event;
  const start = target.selectionStart === 0 && target.selectionEnd === 0;
  if (key === "ArrowLeft" && !start) return false;
  if (["ArrowUp", "ArrowDown", "ArrowLeft", "Enter", "Tab", "Escape"].includes(key)) return step(event);
  return false;
}

function answer(event) {
  if (!writable || event.ctrlKey || event.metaKey || event.altKey) return false;
  const some = chosen().filter(([y, x]) => asked(y, x));
  if (event.key === " ") {
    const value = NEXT[rows[at[0]].now[at[1]]] || "o";
    apply(some.map(([y, x]) => [y, x, value === "a" && items[x].critical ? "." : value]));
    return true;
  }
  if (event.key === "Delete" || event.key === "Backspace") {
    apply(some.map(([y, x]) => [y, x, "."]));
    return true;
  }
  const value = event.key.length === 1 ? letter(event.key) : null;
  if (!value) return false;
  apply(some.map(([y, x]) => [y, x, value]));
  return true;
}

function pressed(event) {
  if (event.isComposing || event.keyCode === 229) return; // Vietnamese is being written
  const inCells = found(event.target);
  let done = false;
  if (!inCells) done = fromHead(event);
  else if (event.target.matches("input")) done = inNote(event);
  else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && writable) { takeBack(); done = true; } else done = step(event) || answer(event);
  if (!done) return;
  event.preventDefault();
  event.stopPropagation();
}

export function begin() {
  if (!rows.length || !items.length) return;
  for (const row of rows) for (const one of row.cells) one.tabIndex = -1;
  go(0, 0, { focus: false });
  table.addEventListener("keydown", pressed);
  table.addEventListener("focusin", (event) => {
    const place = found(event.target);
    if (place && (place[0] !== at[0] || place[1] !== at[1])) go(...place, { focus: false });
  });
  table.addEventListener("mousedown", (event) => {
    const place = found(event.target);
    if (!place || place[1] === items.length) return;
    event.preventDefault();
    const again = place[0] === at[0] && place[1] === at[1] && document.activeElement === cell(...at) && !event.shiftKey;
    go(...place, { extend: event.shiftKey });
    if (again && event.button === 0 && asked(...place)) answer({ key: " " });
  });
  document.addEventListener("paste", (event) => {
    if (!writable || !table.contains(document.activeElement) || document.activeElement.matches("input")) return;
    event.preventDefault();
    paste(...at, event.clipboardData.getData("text/plain"), chosen());
  });
  document.addEventListener("copy", (event) => {
    if (!table.contains(document.activeElement) || document.activeElement.matches("input")) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", copied(chosen()));
  });
}
