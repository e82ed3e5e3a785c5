// What has been sent from this device, and not yet been answered by the server?
const page = document.body.dataset;
const KEY = `outbox:${page.user}:${page.operation}`;
const RETRY = 15_000;
let sending = false;

const read = () => { try { return JSON.parse(localStorage.getItem(KEY) || "[]"); } catch { return []; } };

function write(items) {
  localStorage.setItem(KEY, JSON.stringify(items));
  draw();
}

export const key = () => (crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join(""));

export const reference = (idempotency) => idempotency.replaceAll("-", "").slice(0, 6).toUpperCase();

export function put(item) {
  write([...read().filter((other) => other.key !== item.key), item]);
}

export function take(idempotency) {
  write(read().filter((item) => item.key !== idempotency));
}

// Answers {status, body}; status 0 when the network gave no answer. The key makes a second sending harmless.
export async function post(item) {
  try {
    const answer = await fetch(item.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": page.csrf, "Idempotency-Key": item.key },
      body: JSON.stringify(item.body),
      signal: AbortSignal.timeout(20_000),
    });
    return { status: answer.status, body: await answer.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: {} };
  }
}

export const later = (status) => status === 0 || status === 429 || status >= 500 || status === 401;

async function drain() {
  if (sending || !navigator.onLine) return;
  sending = true;
  for (const item of read().filter((waiting) => !waiting.refused)) {
    const { status, body } = await post(item);
    if (later(status)) break;
    if (status === 200 || status === 201) {
      take(item.key);
      document.dispatchEvent(new CustomEvent("outbox:sent", { detail: { item, body } }));
    } else {
      put({ ...item, refused: body.message || String(status) });
    }
  }
  sending = false;
}

function draw() {
  const banner = document.getElementById("outbox");
  if (!banner) return;
  const items = read();
  banner.hidden = items.length === 0;
  banner.querySelector("[data-outbox-drop]").hidden = !items.some((item) => item.refused);
  banner.querySelector("[data-outbox-count]").textContent = banner.dataset.one.replace("{n}", items.length);
  banner.querySelector("[data-outbox-list]").textContent = items
    .map((item) => [item.label, item.refused && banner.dataset.refused.replace("{why}", item.refused)].filter(Boolean).join(", "))
    .join(" · ");
}

export function begin() {
  if (!page.user) return;
  draw();
  drain();
  setInterval(drain, RETRY);
  addEventListener("online", drain);
  document.addEventListener("live:joined", drain);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-outbox-drop]")) write(read().filter((item) => !item.refused));
    if (!event.target.closest("[data-outbox-send]")) return;
    write(read().map(({ refused, ...item }) => item));
    drain();
  });
}
