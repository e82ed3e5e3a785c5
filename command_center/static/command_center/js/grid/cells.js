// What stands in each cell: here, at the server as far as known, and the time before?
export const table = document.querySelector("[data-grid]");
export const writable = table.hasAttribute("data-writable");
export const told = table.dataset;
const NONE = new Set([".", "-", "r"]);

export const items = [...table.querySelectorAll("th[data-item]")].map((head) => ({
  code: head.dataset.item, critical: head.hasAttribute("data-critical"), name: head.querySelector("[data-name]").textContent, head,
}));

export const rows = [...table.tBodies[0].rows].map((tr, y) => {
  const { site, rev, now, filed, before, filedNote, post, reasons } = tr.dataset;
  const input = tr.querySelector(".grid-note input");
  const note = input ? input.defaultValue : tr.lastElementChild.textContent.trim();
  return {
    y, tr, site, rev: Number(rev), now: [...now], known: [...now], filed: [...filed], before: [...before], post, input, note, knownNote: note, filedNote,
    reasons: JSON.parse(reasons || "{}"), name: tr.querySelector(".grid-name").textContent, cells: [...tr.querySelectorAll("td[data-a]")], why: {},
  };
});

export const place = (site, item) => [rows.findIndex((row) => row.site === site), items.findIndex((one) => one.code === item)];
export const asked = (y, x) => rows[y]?.now[x] !== undefined && rows[y].now[x] !== "-";
export const answered = (letter) => !NONE.has(letter);
export const word = (letter) => told[`name${letter.toUpperCase()}`] || told.nameNone;

// What is kept and sent of a cell: "" where nothing is said.
export const said = (letter) => (letter === "." || letter === "-" ? "" : letter);

// Why this letter cannot stand there; "" if it can.
export function wrong(y, x, letter) {
  const words = document.getElementById("grid-trouble").dataset;
  if (!asked(y, x)) return words.notAsked;
  if (letter === "a" && items[x].critical) return words.critical;
  return "";
}

const short = (letter) => document.querySelector(`.grid-key[data-a="${letter}"]`)?.textContent || "";

export function draw(y, x) {
  const row = rows[y];
  const cell = row.cells[x];
  const letter = row.now[x];
  const before = row.filed[x] !== "." ? row.filed[x] : row.before[x];
  const changed = answered(before) && letter !== before && letter !== "-";
  const why = row.why[items[x].code];
  const reason = letter === "r" ? told.reason.replace("{why}", row.reasons[items[x].code] || "") : "";
  cell.dataset.a = letter;
  cell.textContent = why?.text || short(letter);
  cell.classList.toggle("is-changed", changed);
  cell.classList.toggle("is-unsaved", letter !== row.known[x]);
  cell.classList.toggle("is-wrong", Boolean(why));
  if (why) cell.setAttribute("aria-invalid", "true"); else cell.removeAttribute("aria-invalid");
  const hint = [why?.why, reason, changed ? told.before.replace("{word}", word(before)) : ""].filter(Boolean).join(" ");
  cell.setAttribute("aria-label", letter === "-" ? "–" : [why?.text || word(letter), hint].filter(Boolean).join(", "));
  if (!hint) return;
  const bubble = document.createElement("span");
  bubble.className = "cell-why";
  bubble.textContent = hint;
  cell.append(bubble);
}

export function drawAll() {
  for (const row of rows) for (let x = 0; x < items.length; x += 1) draw(row.y, x);
}
