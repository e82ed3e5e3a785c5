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

export function begin() {
  document.addEventListener("live:picture", draw);
}
