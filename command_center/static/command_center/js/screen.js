// What does the page itself do: menus, the connection's words, the bell, what waits for a connection?
import { refresh } from "./parts.js";

const numbers = new Intl.NumberFormat(document.documentElement.lang);

function connection({ detail: { state, since } }) {
  const lost = state === "lost";
  for (const node of document.querySelectorAll("[data-link-state]")) {
    const words = node.dataset[`word${state[0].toUpperCase()}${state.slice(1)}`];
    node.dataset.state = state === "polling" ? "slow" : state;
    node.textContent = words.replace("{time}", since || "");
  }
  document.documentElement.classList.toggle("is-lost", lost);
  const banner = document.getElementById("lost");
  banner.hidden = !lost;
  const since_when = banner.querySelector("[data-lost-since]");
  since_when.textContent = since_when.dataset.text.replace("{time}", since || "");
  for (const button of document.querySelectorAll("[data-needs-live]")) button.disabled = lost;
  for (const reason of document.querySelectorAll("[data-lost-reason]")) reason.hidden = !lost;
}

function notice() {
  for (const node of document.querySelectorAll("[data-unread]")) {
    const count = Number(node.dataset.value ?? node.textContent.replace(/\D/g, "")) + 1;
    node.dataset.value = count;
    node.textContent = numbers.format(count);
  }
  if (document.getElementById("notice-list")) refresh("#notice-list");
}

// The page of one incident: what stands there and what may be done now come from the server. Not over something half
// written, nor over the answer to what this officer has just done.
function subject({ detail: frame }) {
  const panel = document.querySelector(`[data-act-panel="${CSS.escape(frame.subject?.id || "")}"]`);
  if (!panel) return;
  if (panel.querySelector(".htmx-request")) {
    setTimeout(() => subject({ detail: frame }), 200);
    return;
  }
  const { state, severity } = frame.line;
  const known = panel.dataset.actPanelShows === `${state} ${severity}`;
  const writing = [...panel.querySelectorAll("textarea")].some((box) => box.value || box === document.activeElement);
  if (writing && !known) panel.querySelector("[data-changed]").hidden = false;
  refresh(writing || known ? "[data-part]" : "[data-part], [data-act-panel]");
}

// Short lists that the server draws: soon after the last of a burst, and not on all screens in the same moment.
let soon = 0;

function lists({ detail: frame }) {
  if (!/^(incident|readiness|finding)\./.test(frame.verb) || !document.querySelector("[data-live-part]")) return;
  clearTimeout(soon);
  soon = setTimeout(() => refresh("[data-live-part]"), 600 + Math.random() * 600);
}

function menus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

// Whoever has just reported reads so, once, on the page that follows.
function sent() {
  const node = document.querySelector("[data-just-sent]");
  if (!node) return;
  const ref = sessionStorage.getItem("sent");
  sessionStorage.removeItem("sent");
  if (ref !== node.dataset.justSent) return;
  node.textContent = node.dataset.text;
  node.hidden = false;
}

export function begin() {
  menus();
  sent();
  document.addEventListener("live:state", connection);
  document.addEventListener("live:notice", notice);
  document.addEventListener("live:event", subject);
  document.addEventListener("live:event", lists);
  document.addEventListener("click", (event) => { if (event.target.closest("[data-redraw]")) refresh("[data-act-panel]"); });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });
  document.addEventListener("change", (event) => { if (event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });
  document.querySelector("[data-focus]")?.focus();
}
