// How does what was typed reach the server, and survive a lost network, a closed tab and a second officer?
import { answered, draw, items, place, rows, said, table, told, writable } from "./cells.js";

const page = document.body.dataset;
const KEY = `grid:${page.user}:${page.operation}:${told.slot}:${told.home.split("?")[0]}`;
const SOON = 350;
const RETRY = 5000;
const AT_ONCE = 1000;
const node = document.querySelector("[data-grid-state]");
let sending = false;
let timer = 0;
let underWay = new Set();
let kept = { cells: {}, file: null };

export const pending = () => Object.entries(kept.cells);
export const conflicts = () => pending().filter(([, one]) => one.met);
export const queued = () => kept.file;

function keep() {
  try {
    if (pending().length || kept.file) localStorage.setItem(KEY, JSON.stringify(kept));
    else localStorage.removeItem(KEY);
  } catch { /* a full device: what is typed still goes to the server */ }
  document.dispatchEvent(new CustomEvent("grid:kept"));
}

export function state(name, facts = {}) {
  if (!node) return;
  let text = node.dataset[name] || "";
  for (const [key, value] of Object.entries(facts)) text = text.replace(`{${key}}`, value);
  node.dataset.now = name;
  node.textContent = text;
  const copy = document.querySelector("[data-one-save]");
  if (copy) copy.textContent = text;
}

const clock = (at) => new Date(at).toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh", hour12: false });
const known = (y, x, item) => (item === "note" ? rows[y].knownNote : said(rows[y].known[x]));

// Note a change that is already drawn; what was seen before it is what the server last said.
export function change(site, item, value) {
  const [y, x] = place(site, item);
  const name = `${site}|${item}`;
  const seen = kept.cells[name]?.met ? kept.cells[name].met[0] : kept.cells[name]?.seen ?? known(y, x, item);
  if (value === seen && !underWay.has(name)) delete kept.cells[name];
  else kept.cells[name] = { value, seen };
  begun();
  if (kept.file) {
    kept.file = null;
    state("withdrawn");
  }
  keep();
  clearTimeout(timer);
  timer = setTimeout(drain, SOON);
}

// What was not begun, or handed in, is begun again.
function begun() {
  const task = document.querySelector("[aria-current=page] [data-begun]");
  if (!task) return;
  task.textContent = task.dataset.begun;
  task.dataset.taskState = "begun";
}

function show(name, one) {
  const [site, item] = name.split("|");
  const [y, x] = place(site, item);
  if (y < 0) return;
  if (item === "note") {
    rows[y].note = one.value;
    if (rows[y].input && rows[y].input !== document.activeElement) rows[y].input.value = one.value;
  } else if (x >= 0 && rows[y].now[x] !== "-") {
    rows[y].now[x] = one.value || ".";
    draw(y, x);
  }
}

function settle(name, sent, value) {
  const [site, item] = name.split("|");
  const [y, x] = place(site, item);
  if (item === "note") rows[y].knownNote = value;
  else rows[y].known[x] = value || ".";
  const now = kept.cells[name];
  if (now && now.value === sent.value) delete kept.cells[name];
  else if (now) now.seen = value;
  if (item !== "note") draw(y, x);
}

async function ask(url, body, type) {
  try {
    const answer = await fetch(url, {
      method: "POST", redirect: "manual", body, signal: AbortSignal.timeout(20_000),
      headers: { "Content-Type": type, Accept: "application/json", "X-CSRFToken": page.csrf },
    });
    if (answer.type === "opaqueredirect") return { status: 401, body: {} };
    return { status: answer.status, body: await answer.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: {} };
  }
}

const later = (status) => status === 0 || status === 401 || status === 429 || status >= 500;

const refusal = (status, body) => body.message || node.dataset.lost.replace("{code}", status);

function wait(status) {
  if (status === 401) state("signedOut");
  else if (kept.file) state("queued");
  else state("waiting", { n: pending().length });
}

// In order: first what was typed, then what was handed in.
export async function drain() {
  if (sending || !writable) return;
  sending = true;
  for (;;) {
    const some = pending().filter(([, one]) => !one.met && !one.refused).slice(0, AT_ONCE);
    if (!some.length) break;
    if (node.dataset.now !== "waiting") state("saving");
    const cells = some.map(([name, one]) => [...name.split("|"), one.value, one.seen]);
    const sent = some.map(([name, one]) => [name, { ...one }]);
    underWay = new Set(sent.map(([name]) => name));
    const { status, body } = await ask(told.save, JSON.stringify({ cells }), "application/json");
    underWay = new Set();
    if (later(status)) { wait(status); break; }
    if (status !== 200) {
      const why = refusal(status, body);
      for (const [name] of sent) if (kept.cells[name]) kept.cells[name].refused = why;
      keep();
      state("refused", { why });
      break;
    }
    const not = new Set();
    for (const [site, item, value, by] of body.met) {
      not.add(`${site}|${item}`);
      kept.cells[`${site}|${item}`].met = [value, by];
    }
    for (const [site, item, why] of body.refused) {
      not.add(`${site}|${item}`);
      kept.cells[`${site}|${item}`].refused = why;
    }
    for (const [name, one] of sent) if (!not.has(name)) settle(name, one, one.value);
    keep();
    if (!kept.file) state("saved", { time: clock(body.at) });
  }
  sending = false;
  if (kept.file && !pending().some(([, one]) => !one.met && !one.refused)) await hand();
}

// Hand in what stands in `file`; kept until the server has answered, so that a repeat of the same key is harmless.
export async function hand(file = kept.file) {
  kept.file = file;
  keep();
  if (sending) return { status: 0, body: {} };
  sending = true;
  const before = new Map(pending());
  const form = new URLSearchParams({ grid: JSON.stringify(file.grid), idempotency_key: file.key });
  const { status, body } = await ask(told.file, form, "application/x-www-form-urlencoded");
  sending = false;
  if (later(status)) {
    wait(status);
    return { status: 0, body };
  }
  kept.file = null;
  if (status === 200) {
    for (const [name, one] of pending()) if (name.split("|")[0] in file.grid && before.get(name) === one) delete kept.cells[name];
    keep();
    location.assign(told.home);
  } else {
    keep();
    state("refused", { why: refusal(status, body) });
    if (body.code === "stale") await refresh();
  }
  return { status, body };
}

// What stands at the server now. It is taken over, but where somebody has filed over what was typed here: there both are
// shown.
export async function refresh() {
  const answer = await fetch(told.state, { headers: { Accept: "application/json" }, redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = await answer.json();
  for (const row of rows) {
    const now = fresh.rows[row.site];
    if (!now || now.now.length !== items.length) continue;
    const filed = row.filed;
    const over = now.rev !== row.rev;
    Object.assign(row, { rev: now.rev, filed: [...now.filed], filedNote: now.filedNote, post: now.post, reasons: now.reasons });
    items.forEach((item, x) => {
      const name = `${row.site}|${item.code}`;
      const theirs = said(now.now[x]);
      const mine = said(row.now[x]);
      row.known[x] = now.now[x];
      if (!kept.cells[name] && theirs !== mine) {
        if (over && mine !== said(filed[x]) && answered(row.now[x])) kept.cells[name] = { value: mine, seen: theirs, met: [theirs, now.others[item.code] || now.post] };
        else row.now[x] = now.now[x];
      }
      draw(row.y, x);
    });
    if (!kept.cells[`${row.site}|note`] && row.input !== document.activeElement) {
      row.note = row.knownNote = now.note;
      if (row.input) row.input.value = now.note;
    }
  }
  keep();
  document.dispatchEvent(new CustomEvent("grid:drawn"));
}

// Of two values for one cell: mine goes on top of what is now known, theirs is taken over.
export function choose(name, mine) {
  const one = kept.cells[name];
  if (!one?.met) return;
  const [value] = one.met;
  if (mine) {
    kept.cells[name] = { value: one.value, seen: value };
  } else {
    delete kept.cells[name];
    show(name, { value });
    settle(name, { value }, value);
  }
  keep();
  drain();
}

export function again() {
  for (const [, one] of pending()) delete one.refused;
  keep();
  drain();
}

export function drop(name) {
  delete kept.cells[name];
  const [site, item] = name.split("|");
  const [y, x] = place(site, item);
  show(name, { value: known(y, x, item) });
  keep();
}

export function begin() {
  try { kept = { cells: {}, file: null, ...JSON.parse(localStorage.getItem(KEY) || "{}") }; } catch { /* nothing that can be read */ }
  for (const [name, one] of pending()) {
    delete one.refused;
    show(name, one);
  }
  if (pending().length || kept.file) wait(0);
  else state("idle");
  keep();
  if (!writable) return;
  drain();
  setInterval(() => { if (pending().some(([, one]) => !one.met && !one.refused) || kept.file) drain(); }, RETRY);
  addEventListener("online", drain);
  document.addEventListener("live:joined", drain);
  document.addEventListener("live:event", ({ detail: frame }) => {
    if (frame.verb?.startsWith("readiness.") && frame.unit?.path && table.dataset.home.includes(frame.unit.path)) setTimeout(refresh, 300);
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) drain(); else refresh(); });
}
