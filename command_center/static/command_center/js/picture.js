// Which numbers on this page have changed?
import { severity } from "./feed.js";

const numbers = new Intl.NumberFormat(document.documentElement.lang);
const words = JSON.parse(document.getElementById("words")?.textContent || "{}");

const at = (picture, path) => path.split(".").reduce((value, key) => value?.[key], picture) ?? 0;

function worst(levels = {}) {
  return Math.max(0, ...Object.entries(levels).filter(([, n]) => n).map(([level]) => Number(level)));
}

function draw({ detail: frame }) {
  const pictures = new Map([[frame.unit.path, frame]]);
  for (const child of frame.children || []) pictures.set(child.unit.path, child);
  for (const node of document.querySelectorAll("[data-count]")) {
    const picture = pictures.get(node.dataset.unit);
    if (!picture) continue;
    const value = at(picture, node.dataset.count);
    if (node.dataset.value === String(value)) continue;
    node.dataset.value = value;
    node.textContent = numbers.format(value);
  }
  for (const node of document.querySelectorAll("[data-worst]")) {
    const picture = pictures.get(node.dataset.unit);
    if (!picture) continue;
    const level = worst(picture.incidents?.by_severity);
    if (node.dataset.worst === String(level)) continue;
    node.dataset.worst = level;
    node.replaceChildren(severity(level, node.dataset.short === undefined ? words.severities?.[level] : words.levels?.[level]));
  }
}

const PARTS = ["ready", "conditional", "not_ready", "silent"];
const percent = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const tidy = (value) => (Number.isInteger(value) ? numbers.format(value) : percent.format(value));

// Never rounded to none or to all.
function share(counts) {
  const all = PARTS.reduce((sum, name) => sum + counts[name], 0);
  if (!all) return null;
  if (counts.ready === 0 || counts.ready === all) return counts.ready ? 100 : 0;
  return Math.min(Math.max((100 * counts.ready) / all, 0.1), 99.9);
}

function bar(node, counts) {
  const all = PARTS.reduce((sum, name) => sum + counts[name], 0);
  let x = 0;
  for (const name of PARTS) {
    const width = all ? (1000 * counts[name]) / all : 0;
    const part = node.querySelector(`.stand-${name}`);
    part?.setAttribute("x", x.toFixed(2));
    part?.setAttribute("width", width.toFixed(2));
    x += width;
  }
}

function stand({ detail: frame }) {
  const pictures = new Map([[frame.unit.path, frame]]);
  for (const child of frame.children || []) pictures.set(child.unit.path, child);
  for (const node of document.querySelectorAll("[data-stand]")) {
    const counts = pictures.get(node.dataset.stand)?.readiness;
    if (!counts) continue;
    const of = frame.judged?.regular ? share(counts) : null;
    bar(node, counts);
    node.dataset.kind = of === null ? "none" : of === 100 ? "full" : of === 0 ? "zero" : "part";
    node.querySelector("[data-share]").textContent = of === null ? "–" : `${tidy(Math.round(of * 10) / 10)}\u00a0%`;
  }
  for (const node of document.querySelectorAll("[data-moved]")) {
    const counts = pictures.get(node.dataset.moved)?.readiness;
    const of = counts && share(counts);
    if (of === null || of === undefined) continue;
    const by = Math.round((of - Number(node.dataset.from)) * 10) / 10;
    node.textContent = by === 0 ? "±0" : `${by > 0 ? "+" : "−"}${tidy(Math.abs(by))}`;
  }
}

export function begin() {
  document.addEventListener("live:picture", draw);
  document.addEventListener("live:picture", stand);
}
