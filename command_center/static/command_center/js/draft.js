// What was being written when the tab was closed? Kept on this device, for this account only.
const page = document.body.dataset;
const EVERY = 2000;
const KEPT = "textarea, select, input:not([type=hidden], [type=password], [type=file], [type=search])";

const name = (form) => `draft:${page.user}:${page.operation}:${form.dataset.draft}`;

const sent = new WeakSet(); // whoever leaves the page after sending must not find the same report again

export function forget(form) {
  sent.add(form);
  localStorage.removeItem(name(form));
}

function written(form) {
  return [...form.querySelectorAll(KEPT)].filter((field) => field.name && (!/radio|checkbox/.test(field.type) || field.checked))
    .map((field) => [field.name, field.value]);
}

function keep(form, first) {
  if (sent.has(form)) return;
  const text = JSON.stringify(written(form));
  if (text === first.text) return;
  first.text = text;
  try { localStorage.setItem(name(form), text); } catch { /* a full device: the form still sends */ }
}

function restore(form) {
  const kept = JSON.parse(localStorage.getItem(name(form)) || "[]");
  for (const [field, value] of kept) {
    for (const node of form.querySelectorAll(`[name="${CSS.escape(field)}"]`)) {
      if (/radio|checkbox/.test(node.type)) node.checked = node.value === value;
      else if (node.type !== "hidden") node.value = value;
    }
  }
  return kept.length > 0;
}

export function clear() {
  for (const key of Object.keys(localStorage)) if (key.startsWith(`draft:${page.user}:`)) localStorage.removeItem(key);
}

function follow(form) {
  const first = { text: JSON.stringify(written(form)) };
  const note = form.querySelector("[data-draft-note]");
  if (!form.querySelector("[aria-invalid=true]") && restore(form)) {
    if (note) note.hidden = false;
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }
  for (const type of ["input", "change"]) form.addEventListener(type, () => sent.delete(form));
  setInterval(() => keep(form, first), EVERY);
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(form, first); });
  note?.querySelector("button")?.addEventListener("click", () => {
    form.reset();
    note.hidden = true;
    form.dispatchEvent(new Event("change", { bubbles: true }));
    forget(form);
  });
}

export function begin() {
  for (const form of document.querySelectorAll("form[data-draft]")) follow(form);
  document.addEventListener("submit", (event) => { if (event.target.matches("[data-sign-out]")) clear(); });
}
