// How does an event become a row, without moving the row under the pointer?
import { written } from "./clock.js";
import { draw } from "./countdown.js";
import { refresh, say } from "./parts.js";

const page = document.body.dataset;
const NOWHERE = "00000000-0000-0000-0000-000000000000";
const words = JSON.parse(document.getElementById("words")?.textContent || "null");
const waiting = new WeakMap();

function fill(row, slot, value) {
  const node = row.querySelector(`[data-slot="${slot}"]`);
  if (node) node.textContent = value ?? "";
}

export function severity(level, word) {
  const badge = document.createElement("span");
  badge.className = "sev";
  badge.dataset.level = level || "";
  badge.textContent = level ? word : "";
  return badge;
}

function badge(row, slot, node) {
  row.querySelector(`[data-slot="${slot}"]`)?.replaceChildren(node);
}

function drawn(frame, template) {
  const row = template.content.firstElementChild.cloneNode(true);
  const { line = {}, subject = {} } = frame;
  const at = written(frame.at);
  Object.assign(row.dataset, { event: frame.id, subject: subject.id, verb: frame.verb });
  fill(row, "at", at.time);
  fill(row, "day", at.day);
  row.querySelector('[data-slot="at"]')?.setAttribute("datetime", frame.at);
  badge(row, "sev", severity(line.severity, words.severities[line.severity]));
  fill(row, "what", words.categories[line.category] || line.category || subject.ref);
  fill(row, "did", words.verbs[frame.verb] || frame.verb);
  fill(row, "place", [line.site, frame.unit?.name].filter(Boolean).join(", "));
  fill(row, "by", line.by);
  fill(row, "ref", subject.ref);
  fill(row, "text", line.text || line.title);
  if (line.state) {
    const state = document.createElement("span");
    state.className = "state";
    state.dataset.state = line.state;
    state.textContent = words.states[line.state] || line.state;
    badge(row, "state", state);
  }
  const link = row.querySelector('a[data-slot="what"]');
  if (subject.kind === "incident") link?.setAttribute("href", page.incident.replace(NOWHERE, subject.id));
  else link?.removeAttribute("href");
  acknowledge(row, frame);
  row.classList.add("is-new");
  return row;
}

function acknowledge(row, frame) {
  const form = row.querySelector("[data-ack]");
  if (!form) return;
  if (frame.line?.state !== "reported") return form.remove();
  for (const name of ["action", "hx-post"]) form.setAttribute(name, form.getAttribute(name).replace(NOWHERE, frame.subject.id));
  return undefined;
}

// A feed tells of incidents, as the server draws it; the rest is in the journal.
const concerns = (list, frame) => frame.subject?.kind === "incident" && (list.dataset.subject
  ? list.dataset.subject === frame.subject.id
  : frame.unit?.path?.startsWith(list.dataset.unit || "") && frame.verb.startsWith(list.dataset.verbs || ""));

const scroller = (list) => list.closest(".feed-scroll");

function busy(list) {
  const box = scroller(list) || list;
  const held = box.matches(":hover") || (box.contains(document.activeElement) && document.activeElement !== box);
  return held || box.scrollTop > 8 || box.getBoundingClientRect().top < 0;
}

function more(list) {
  return list.parentElement.querySelector(".feed-more");
}

function insert(list, frames) {
  const template = document.getElementById(list.dataset.template || "feed-row");
  for (const frame of frames) {
    const row = drawn(frame, template);
    list.prepend(row);
    window.htmx?.process(row);
  }
  const limit = Number(list.dataset.limit || 0);
  while (limit && list.children.length > limit) list.lastElementChild.remove();
  const empty = list.parentElement.querySelector("[data-feed-empty]");
  if (empty) empty.hidden = list.children.length > 0;
}

function show(list) {
  const frames = waiting.get(list) || [];
  waiting.set(list, []);
  insert(list, frames);
  const note = more(list);
  if (note) note.hidden = true;
}

function arrive(list, frame) {
  if (list.querySelector(`[data-event="${CSS.escape(frame.id)}"]`)) return;
  const held = waiting.get(list) || [];
  const note = more(list);
  if (!held.length && (!note || !busy(list))) return insert(list, [frame]);
  held.push(frame);
  waiting.set(list, held);
  const button = note.querySelector("button");
  button.textContent = button.dataset.text.replace("{n}", held.length);
  note.hidden = false;
  return undefined;
}

// The list of what nobody has acknowledged: soonest deadline first, out as soon as somebody has it.
function wait(list, frame) {
  if (!concerns(list, frame)) return;
  const old = list.querySelector(`[data-subject="${CSS.escape(frame.subject.id)}"]`);
  old?.remove();
  const { answer_by: answer } = frame.line;
  if (frame.line.state === "reported" && answer) {
    const row = drawn(frame, document.getElementById("waiting-row"));
    row.dataset.answerBy = answer;
    row.querySelector("[data-countdown]").dataset.countdown = answer;
    const later = [...list.children].find((other) => Date.parse(other.dataset.answerBy) > Date.parse(answer));
    list.insertBefore(row, later || null);
    window.htmx?.process(row);
    draw();
  }
  list.parentElement.querySelector("[data-waiting-empty]").hidden = list.children.length > 0;
}

function event({ detail: frame }) {
  for (const list of document.querySelectorAll("[data-waiting]")) wait(list, frame);
  for (const list of document.querySelectorAll("[data-feed]")) if (concerns(list, frame)) arrive(list, frame);
  if (frame.line?.state && frame.line.state !== "reported") {
    for (const row of document.querySelectorAll(`[data-subject="${CSS.escape(frame.subject.id)}"] [data-ack]`)) row.remove();
  }
  if (frame.verb === "incident.reported") {
    say([words.verbs[frame.verb], words.categories[frame.line?.category], frame.unit?.name].filter(Boolean).join(": "));
  }
}

// A page that cannot be drawn now (the server is away, or refuses) is asked for again: without its cursor what
// happened in between would be passed over in silence.
async function anew() {
  for (let wait = 1000; ; wait = Math.min(2 * wait, 30_000)) {
    const fresh = await refresh("[data-part], [data-feed]").catch(() => null);
    if (fresh) return fresh;
    await new Promise((done) => { setTimeout(done, wait * (0.5 + Math.random())); });
  }
}

async function reset({ detail }) {
  const fresh = await anew();
  for (const list of document.querySelectorAll("[data-feed]")) waiting.set(list, []);
  for (const note of document.querySelectorAll(".feed-more")) note.hidden = true;
  detail.resume(fresh.body.dataset.cursor || "");
}

export function begin() {
  document.addEventListener("live:reset", reset);
  if (!words) return;
  document.addEventListener("live:event", event);
  document.addEventListener("click", (click) => {
    const list = click.target.closest("[data-feed-show]")?.closest(".feed")?.querySelector("[data-feed]");
    if (!list) return;
    show(list);
    scroller(list)?.scrollTo({ top: 0 });
    list.querySelector("a")?.focus({ preventScroll: true });
  });
  for (const list of document.querySelectorAll("[data-feed]")) {
    const box = scroller(list) || list;
    const let_go = () => setTimeout(() => { if ((waiting.get(list) || []).length && !busy(list)) show(list); }, 300);
    box.addEventListener("pointerleave", let_go);
    box.addEventListener("focusout", let_go);
  }
}
