// How is one site answered at a time, on a phone?
import { items, rows, told, writable } from "./cells.js";
import { apply, fillRow, note } from "./typing.js";

const form = document.querySelector("[data-site-form]");
const select = form?.elements.site;
const filled = (text, n) => text.replace("{n}", n);
const row = () => rows.find((one) => one.site === select.value);

function show() {
  const { now, reasons } = row();
  items.forEach((item, x) => {
    const ask = form.querySelector(`[data-ask="${CSS.escape(item.code)}"]`);
    const wrong = ask.querySelector(".wrong");
    ask.hidden = now[x] === "-";
    ask.disabled = !writable || ask.hidden;
    for (const radio of ask.querySelectorAll("input")) radio.checked = radio.value === now[x];
    wrong.hidden = now[x] !== "r";
    wrong.textContent = wrong.hidden ? "" : told.reason.replace("{why}", reasons[item.code] || "");
  });
  if (document.activeElement !== form.elements.note) form.elements.note.value = row().note;
  count();
}

function count() {
  const { now } = row();
  const left = now.filter((letter) => letter === "." || letter === "r").length;
  const wrong = now.filter((letter) => letter === "n").length;
  const said = [left ? filled(form.dataset.left, left) : form.dataset.done, wrong ? filled(form.dataset.wrong, wrong) : ""];
  form.querySelector("[data-one-state]").textContent = said.filter(Boolean).join(" · ");
}

export function begin() {
  if (!form) return;
  const bar = document.querySelector(".bar");
  new ResizeObserver(() => form.style.setProperty("--under", `${bar.offsetHeight}px`)).observe(bar);
  show();
  select.addEventListener("change", show);
  for (const button of form.querySelectorAll("[data-one-step]")) {
    button.addEventListener("click", () => {
      select.selectedIndex = (select.selectedIndex + Number(button.dataset.oneStep) + rows.length) % rows.length;
      show();
    });
  }
  form.querySelector("[data-one-fill]")?.addEventListener("click", () => fillRow(row().y));
  form.addEventListener("change", (event) => {
    const ask = event.target.closest("[data-ask]");
    if (ask) apply([[row().y, items.findIndex((item) => item.code === ask.dataset.ask), event.target.value]]);
  });
  form.elements.note.addEventListener("input", () => note(row().y, form.elements.note.value));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("grid:drawn", show);
}
