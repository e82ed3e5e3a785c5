// What time is it at the server, and how is a moment written in Viet Nam?
const VIET_NAM = 7 * 3600_000; // UTC+7, no summer time
const SAMPLES = 12;
const samples = [];

export const now = () => Date.now() + offset();

// The server's stamp can only arrive late, so the largest difference is the truest.
const offset = () => (samples.length ? Math.max(...samples) : 0);

export function heard(at) {
  const sent = Date.parse(at);
  if (Number.isNaN(sent)) return;
  samples.push(sent - Date.now());
  if (samples.length > SAMPLES) samples.shift();
}

const two = (n) => String(n).padStart(2, "0");

export function written(moment) {
  const at = new Date((typeof moment === "string" ? Date.parse(moment) : moment) + VIET_NAM);
  if (Number.isNaN(at.getTime())) return { day: "", time: "", short: "" };
  const short = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  return {
    day: `${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}`,
    time: `${short}:${two(at.getUTCSeconds())}`,
    short,
  };
}

function begin() {
  const page = performance.getEntriesByType("navigation")[0];
  const arrived = performance.timeOrigin + (page ? page.responseStart : 0);
  const sent = Date.parse(document.body.dataset.now);
  if (!Number.isNaN(sent)) samples.push(sent - arrived);
}

export function tick() {
  const at = written(now());
  for (const clock of document.querySelectorAll("[data-clock]")) {
    clock.querySelector("[data-clock-time]").textContent = at.time;
    clock.querySelector("[data-clock-day]").textContent = at.day;
  }
  const off = Math.round(-offset() / 1000);
  for (const skew of document.querySelectorAll("[data-skew]")) {
    skew.hidden = Math.abs(off) <= 2;
    skew.textContent = skew.dataset.text.replace("{n}", off > 0 ? `+${off}` : off);
  }
}

begin();
