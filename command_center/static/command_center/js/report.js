// How is an incident reported in three taps, also without a network?
import { forget } from "./draft.js";
import { key, later, post, put, reference } from "./outbox.js";

const page = document.body.dataset;
const NOWHERE = "00000000-0000-0000-0000-000000000000";
const form = document.querySelector("[data-report]");
const what = form.querySelector("[data-send-what]");
const refused = document.getElementById("refused");
const queued = document.getElementById("queued");
const { title } = document;

const chosen = (name) => form.querySelector(`[name=${name}]:checked`) || form.querySelector(`select[name=${name}]`);
const value = (name) => (chosen(name) || form.elements[name])?.value || "";

function words(name) {
  const node = chosen(name);
  if (!node?.value) return "";
  return node.dataset.words || node.selectedOptions?.[0]?.textContent || node.closest("label")?.querySelector(".sev")?.textContent || "";
}

const summary = () => ["category", "site", "severity"].map(words).filter(Boolean).join(" · ");
const missing = () => ["category", "site", "severity"].find((name) => !value(name));

function told() {
  const lack = missing();
  what.textContent = summary() || (lack ? form.dataset[lack] : "");
}

function changed(event) {
  told();
  if (["category", "site"].includes(event.target.name) || event.target === form) {
    if (value("category") && value("site")) window.htmx?.trigger(form, "similar");
  }
}

// "" where no time is given, null where what is given is none.
function moment(text) {
  if (!text) return "";
  const found = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s+(\d{1,2})[:hH.](\d{2})\s*$/.exec(text);
  if (!found) return null;
  const [, day, month, year, hour, minute] = found.map(Number);
  return new Date(Date.UTC(year, month - 1, day, hour - 7, minute)).toISOString();
}

function body() {
  const all = { site: value("site"), category: value("category"), severity: Number(value("severity")), summary: value("summary").trim() };
  const at = moment(value("happened_at").trim());
  return at ? { ...all, happened_at: at } : all;
}

function refuse(answer) {
  const list = document.getElementById("refused-list");
  const fields = Object.entries(answer.fields || {});
  const rows = fields.length ? fields : [["", [answer.message || answer.code || ""]]];
  list.replaceChildren(...rows.map(([name, errors]) => {
    const row = document.createElement("li");
    const text = [errors].flat().join(" ");
    if (document.getElementById(`id_${name}`)) {
      const link = document.createElement("a");
      link.href = `#id_${name}`;
      link.textContent = text;
      row.append(link);
    } else row.textContent = text;
    return row;
  }));
  refused.hidden = false;
  refused.focus();
  document.title = `${form.dataset.error} ${title}`;
}

let last = "";

function queue(item) {
  put(item);
  last = item.key;
  queued.textContent = queued.dataset.text.replace("{ref}", reference(item.key));
  queued.hidden = false;
  forget(form);
  form.reset();
  form.elements.idempotency_key.value = key();
  told();
  queued.scrollIntoView({ block: "center" });
}

function sent({ detail: { item, body: made } }) {
  if (item.key !== last) return;
  const link = document.createElement("a");
  link.href = page.incident.replace(NOWHERE, made.id);
  link.textContent = made.ref;
  const [before, after] = queued.dataset.sent.split("{ref}");
  queued.replaceChildren(before, link, after);
}

async function send(event) {
  event.preventDefault();
  const lack = missing();
  if (lack) {
    what.textContent = form.dataset[lack];
    (form.querySelector(`[name=${lack}]`) || document.getElementById(`id_${lack}`)).focus();
    return;
  }
  if (form.classList.contains("is-sending")) return;
  if (moment(value("happened_at").trim()) === null) {
    refuse({ fields: { happened_at: form.dataset.moment } });
    return;
  }
  form.classList.add("is-sending");
  refused.hidden = true;
  document.title = title;
  const item = { key: form.elements.idempotency_key.value, url: form.dataset.api, body: body(), label: summary() };
  const { status, body: answer } = await post(item);
  form.classList.remove("is-sending");
  if (status === 200 || status === 201) {
    forget(form);
    sessionStorage.setItem("sent", answer.ref);
    location.assign(page.incident.replace(NOWHERE, answer.id));
  } else if (later(status)) {
    queue(item);
  } else {
    form.elements.idempotency_key.value = key(); // the words will change, so it is another request
    refuse(answer);
  }
}

function finder(box) {
  const list = document.getElementById("found");
  const note = document.getElementById("found-note");
  const template = document.getElementById("found-row");
  let asked = 0;

  function row(site) {
    const node = template.content.firstElementChild.cloneNode(true);
    const input = node.querySelector("input");
    input.value = site.code;
    input.dataset.words = site.name;
    node.querySelector("[data-slot=name]").textContent = site.name;
    node.querySelector("[data-slot=unit]").textContent = [site.unit_name, site.code].filter(Boolean).join(" · ");
    return node;
  }

  async function find() {
    const mine = ++asked;
    const url = new URL(form.dataset.sites, location.href);
    url.searchParams.set("q", box.value.trim());
    url.searchParams.set("limit", 8);
    const answer = await fetch(url, { headers: { Accept: "application/json" } }).then((r) => (r.ok ? r.json() : null)).catch(() => null);
    if (mine !== asked || !answer) return;
    const kept = list.querySelector("input:checked")?.closest("label");
    const rows = answer.results.filter((site) => site.code !== kept?.querySelector("input").value).map(row);
    list.replaceChildren(...(kept ? [kept] : []), ...rows);
    note.textContent = rows.length || kept ? "" : box.dataset.none;
  }

  let wait = 0;
  box.addEventListener("input", () => {
    clearTimeout(wait);
    if (box.value.trim().length >= 2) wait = setTimeout(find, 200);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    find();
  });
}

form.addEventListener("change", changed);
form.addEventListener("submit", send);
document.addEventListener("outbox:sent", sent);
const box = form.querySelector("input[data-search]");
if (box) finder(box);
told();
