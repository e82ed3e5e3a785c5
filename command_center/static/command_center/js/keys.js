// Which single key does what? Off while someone is writing, and off for good if the reader says so.
import * as palette from "./palette.js";

const OFF = "keys-off";
const off = () => localStorage.getItem(OFF) === "1";
const rows = () => [...document.querySelectorAll("[data-key-row]")].filter((row) => row.offsetParent);
const current = () => document.activeElement.closest?.("[data-key-row]");

function step(by) {
  const all = rows();
  const next = all[Math.min(all.length - 1, Math.max(0, all.indexOf(current()) + by))];
  (next?.matches("a") ? next : next?.querySelector("a"))?.focus();
}

function act(key) {
  const place = current() || document.querySelector("[data-act-panel]");
  const target = place?.querySelector(`[data-key="${key}"]`);
  if (!target || target.disabled) return;
  target.focus();
  if (target.matches("button")) target.click();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  a: () => act("a"),
  e: () => act("e"),
  "/": () => { const field = document.querySelector("[data-search]"); if (field) field.focus(); else palette.open(); },
  "?": () => document.getElementById("keys")?.showModal(),
};

const writing = (node) => node.isContentEditable || node.matches?.("input, select, textarea, dialog *");

export function begin() {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (off() || writing(event.target) || !Object.hasOwn(KEYS, event.key)) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  for (const box of document.querySelectorAll("[data-keys-on]")) {
    box.checked = !off();
    box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "0" : "1"));
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-open]")) document.getElementById("keys").showModal();
  });
}
