// What has happened since this page was drawn? One socket; a cursor; polling when the socket cannot be had.
import { heard, now, written } from "./clock.js";
import { verified } from "./countdown.js";

const page = document.body.dataset;
const KEPT = `live:${page.user}:${page.operation}`;
const SLOW = 6_500; // a heartbeat is due every 5 s
const LOST = 15_000;
const NOTHING = 30_000;
const BEFORE_POLLING = 3;
const POLL = 10_000;
const REMEMBERED = 3000;

let socket = null;
let cursor = page.cursor || kept();
let lastHeard = performance.now();
let lostSince = null;
let failures = 0;
let gaps = 0;
let retry = 0;
let polling = 0;
let anew = false;
let state = "joining";
const seen = new Set();
const streams = new Map();
const chains = new Map();

function kept() {
  try { return sessionStorage.getItem(KEPT) || ""; } catch { return ""; }
}

function move(to) {
  if (!to) return;
  cursor = to;
  try { sessionStorage.setItem(KEPT, to); } catch { /* storage is a convenience */ }
}

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));

function turn(to) {
  if (to === state) return;
  state = to;
  lostSince = to === "lost" ? (lostSince ?? now()) : null;
  tell("state", { state, since: lostSince && written(lostSince).short });
}

function alive() {
  lastHeard = performance.now();
  verified();
}

const chain = (frame) => /^[^/]*\/(\d+)\//.exec(frame.unit?.path || "")?.[1] || "";

// Answers "new", "seen" or "gap": a reader of a whole stream by its numbers, another by the event it saw before.
function place(frame) {
  if (seen.has(frame.id)) return "seen";
  if (frame.stream && frame.seq) {
    const last = streams.get(frame.stream);
    if (last !== undefined && frame.seq <= last) return "seen";
    if (last !== undefined && frame.seq > last + 1) return "gap";
    streams.set(frame.stream, frame.seq);
  } else if ("prev" in frame) {
    const last = chains.get(chain(frame));
    if (last !== undefined && frame.prev !== last) return "gap";
    chains.set(chain(frame), frame.id);
  }
  seen.add(frame.id);
  if (seen.size > REMEMBERED) seen.delete(seen.values().next().value);
  return "new";
}

function take(frame) {
  const answer = place(frame);
  if (answer === "gap") return false;
  if (answer === "new") tell("event", frame);
  move(frame.cursor);
  gaps = 0;
  return true;
}

const frames = {
  hello(frame) {
    failures = 0;
    clearInterval(polling);
    polling = 0;
    heard(frame.at);
    turn("live");
    if (!cursor) move(frame.cursor);
    tell("joined", frame);
  },
  heartbeat(frame) {
    heard(frame.at);
    turn("live");
    move(frame.cursor);
  },
  event(frame) {
    if (take(frame)) return;
    gaps += 1;
    if (gaps > 1) reset();
    else socket.close(4000, "gap"); // come back from the last good cursor
  },
  picture(frame) { tell("picture", frame); },
  notice(frame) { tell("notice", frame); },
  reset() { reset(); },
};

// Until the page is drawn anew nothing is listened to: what came meanwhile would stand beside what is old.
function reset() {
  if (anew) return;
  anew = true;
  forget();
  turn("lost");
  socket?.close(4000, "reset");
  tell("reset", { resume });
}

function forget() {
  cursor = "";
  gaps = 0;
  seen.clear();
  streams.clear();
  chains.clear();
}

// Called with the cursor of a freshly drawn page.
function resume(at) {
  anew = false;
  move(at);
  connect();
}

function address() {
  const url = new URL(page.live, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  if (cursor) url.searchParams.set("after", cursor);
  if (page.unit) url.searchParams.set("unit", page.unit);
  return url;
}

function connect() {
  clearTimeout(retry);
  if (anew || (socket && socket.readyState < WebSocket.CLOSING)) return;
  lastHeard = performance.now();
  const mine = new WebSocket(address());
  socket = mine;
  mine.addEventListener("message", (message) => {
    if (anew || mine !== socket) return;
    alive();
    const frame = JSON.parse(message.data);
    frames[frame.type]?.(frame);
  });
  mine.addEventListener("close", (event) => { if (mine === socket) closed(event.code); });
}

function closed(code) {
  socket = null;
  if (code === 4401) return signIn();
  if (code === 4409 && reload()) return undefined;
  if (code === 4403) { // the connection is sound, but nothing here is for this officer
    turn("none");
    retry = setTimeout(connect, NOTHING);
    return undefined;
  }
  if (code !== 4000 && code !== 4408) failures += 1;
  if (failures && state !== "polling") turn("lost");
  if (failures >= BEFORE_POLLING && !polling) {
    polling = setInterval(poll, POLL);
    poll();
  }
  const most = Math.min(30, 2 ** failures);
  retry = setTimeout(connect, failures ? 1000 + Math.random() * (most - 1) * 1000 : Math.random() * 500);
  return undefined;
}

function signIn() {
  const to = new URL(page.signIn, location.href);
  to.searchParams.set("next", location.pathname + location.search);
  location.assign(to);
}

// What the reader may do has changed: draw the page anew, but never over something half written, nor in a circle.
function reload() {
  const last = Number(sessionStorage.getItem("reloaded") || 0);
  const writing = document.querySelector("form[data-draft] textarea")?.value || document.querySelector("dialog[open]");
  if (writing || Date.now() - last < 10_000) {
    failures += 1;
    return false;
  }
  sessionStorage.setItem("reloaded", Date.now());
  sessionStorage.setItem("changed", "1");
  location.reload();
  return true;
}

async function ask(url, query) {
  const to = new URL(url, location.href);
  for (const [key, value] of Object.entries(query)) if (value) to.searchParams.set(key, value);
  const answer = await fetch(to, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10_000) });
  if (answer.status === 401) signIn();
  if (answer.status === 400 || answer.status === 409) { reset(); return null; }
  return answer.ok ? answer.json() : null;
}

async function poll() {
  if (anew) return undefined;
  try {
    for (let more = Boolean(cursor); more;) {
      const answer = await ask(page.journal, { after: cursor, limit: 100 });
      if (!answer) return turn("lost");
      for (const frame of answer.results) {
        const found = place(frame);
        if (found === "gap") return reset();
        if (found === "new") tell("event", frame);
      }
      move(answer.cursor);
      more = answer.more;
    }
    const picture = await ask(page.picture, { unit: page.unit });
    if (!picture) return turn("lost");
    if (!cursor) move(picture.cursor);
    tell("picture", picture);
    alive();
    if (!socket || socket.readyState !== WebSocket.OPEN) turn("polling");
  } catch {
    turn("lost");
  }
  return undefined;
}

function watch() {
  const silent = performance.now() - lastHeard;
  if (silent > (state === "polling" ? POLL + LOST : LOST)) {
    turn("lost");
    if (socket) {
      const dead = socket;
      socket = null;
      dead.close();
      closed(1006);
    }
  } else if (silent > SLOW && state === "live") turn("slow");
}

export function begin() {
  if (!page.live) return;
  document.getElementById("changed").hidden = !sessionStorage.getItem("changed");
  sessionStorage.removeItem("changed");
  connect();
  setInterval(watch, 1000);
  addEventListener("online", () => { failures = 0; connect(); });
  addEventListener("offline", () => { turn("lost"); socket?.close(); });
  addEventListener("pagehide", () => { clearTimeout(retry); const open = socket; socket = null; open?.close(); });
  addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !socket) connect(); });
}
