// What runs on the page of a commune's grid?
import { drawAll, items, rows, table } from "./cells.js";
import * as filing from "./filing.js";
import * as keys from "./keys.js";
import * as one from "./one.js";
import * as saving from "./saving.js";
import * as trouble from "./trouble.js";
import { copyLast, fillAll, fillColumn, fillRow, note } from "./typing.js";

function fills() {
  document.querySelector("[data-grid-fills]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter.value === "ok") fillAll();
    else copyLast();
  });
  table.addEventListener("click", (event) => {
    const head = event.target.closest("[data-fill]")?.closest("th");
    if (!head) return;
    const x = items.findIndex((item) => item.head === head);
    if (x >= 0) fillColumn(x);
    else fillRow(rows.findIndex((row) => row.tr === head.parentElement));
  });
  for (const row of rows) row.input?.addEventListener("input", () => note(row.y, row.input.value));
}

drawAll();
fills();
for (const part of [saving, keys, trouble, filing, one]) part.begin();
