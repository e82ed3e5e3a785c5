// What runs on every page of a signed-in officer?
// clock.js and parts.js are only used by the others: named here, they are fetched one round trip earlier.
import "./clock.js";
import "./parts.js";
import * as countdown from "./countdown.js";
import * as draft from "./draft.js";
import * as feed from "./feed.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import * as outbox from "./outbox.js";
import * as palette from "./palette.js";
import * as picture from "./picture.js";
import * as screen from "./screen.js";

for (const part of [screen, countdown, feed, picture, keys, palette, draft, outbox, live]) part.begin();
