// How long is left, how long is it overdue, how old is this?
import { now, tick as clock, written } from "./clock.js";

const ago = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
const STALE = 15_000;
let fresh = now();

export const verified = () => { fresh = now(); };

function aged(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return ago.format(-seconds, "second");
  if (seconds < 3600) return ago.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86_400) return ago.format(-Math.floor(seconds / 3600), "hour");
  return ago.format(-Math.floor(seconds / 86_400), "day");
}

function span(ms) {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const hours = Math.floor(seconds / 3600);
  const rest = [Math.floor(seconds / 60) % 60, seconds % 60].map((n) => String(n).padStart(2, "0")).join(":");
  return hours ? `${hours}:${rest}` : rest;
}

export function draw() {
  const at = now();
  clock();
  for (const node of document.querySelectorAll("[data-countdown]")) {
    const left = Date.parse(node.dataset.countdown) - at;
    node.dataset.printed ??= node.textContent;
    node.classList.toggle("is-over", left < 0);
    const words = left < 0 ? node.dataset.over : node.dataset.left;
    node.textContent = words.replace("{time}", span(left));
  }
  for (const node of document.querySelectorAll("[data-age]")) {
    node.textContent = node.dataset.age.replace("{age}", aged(at - Date.parse(node.dateTime)));
  }
  const old = at - fresh;
  for (const node of document.querySelectorAll("[data-data-age]")) {
    const words = old > STALE ? node.dataset.stale : node.dataset.text;
    node.textContent = words.replace("{age}", aged(old));
    node.closest("[data-fresh]")?.classList.toggle("is-stale", old > STALE);
  }
}

export function begin() {
  draw();
  setInterval(draw, 1000);
  addEventListener("beforeprint", () => {
    for (const node of document.querySelectorAll("[data-countdown]")) node.textContent = node.dataset.printed || node.textContent;
    for (const node of document.querySelectorAll("[data-print-time]")) {
      const at = written(now());
      node.textContent = `${at.day} ${at.short}`;
    }
  });
}
