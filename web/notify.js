// @ts-check
// Notifications and a sound for new FUERTE alerts: off until asked for, kept in localStorage, on every page.
// The permission is asked for by the click and never before.
import { base, announce, write, words } from "./format.js";
import { follow } from "./live.js";

const KEPT = "impulso.notify";
const HEARD = "impulso.heard";
/** @type {AudioContext | null} */
let audio = null;

/** @param {string} key */
function kept(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

/** @param {string} key @param {string} value */
function keep(key, value) {
  try { localStorage.setItem(key, value); } catch { /* not kept then */ }
}

const on = () => kept(KEPT) === "on";

/** Two short notes; silent where the browser wants a click first. */
function sound() {
  audio ??= new AudioContext();
  const now = audio.currentTime;
  [660, 880].forEach((pitch, i) => {
    const [tone, gain] = [audio?.createOscillator(), audio?.createGain()];
    if (!tone || !gain || !audio) return;
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0.15, now + i * 0.16);
    gain.gain.exponentialRampToValueAtTime(0.001, now + i * 0.16 + 0.15);
    tone.connect(gain).connect(audio.destination);
    tone.start(now + i * 0.16);
    tone.stop(now + i * 0.16 + 0.16);
  });
}

/** @param {{id: string, symbol: string, reason: string}} alert */
function tell(alert) {
  const text = `FUERTE ${alert.symbol}`;
  announce(text);
  sound();
  document.body.dataset.notified = alert.id;
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const note = new Notification(text, { body: alert.reason, tag: alert.id });
  note.onclick = () => { location.href = `${base}/s/${encodeURIComponent(alert.symbol)}`; };
}

/** Tells what is newer than what was told; the first look only learns. @param {import("./live.js").State} state */
function hear({ rows }) {
  if (!on()) return;
  const alerts = [...rows.values()].map((record) => record.alert).sort((a, b) => a.as_of - b.as_of);
  const heard = kept(HEARD);
  keep(HEARD, String(Math.max(Number(heard ?? 0), ...alerts.map((a) => a.as_of))));
  for (const alert of alerts) if (alert.level === "FUERTE" && heard !== null && alert.as_of > Number(heard)) tell(alert);
}

/** @param {HTMLElement} button */
function show(button) {
  button.setAttribute("aria-pressed", String(on()));
  const blocked = on() && "Notification" in window && Notification.permission === "denied";
  write(document.getElementById("notify-state"), blocked ? words.notify_blocked : on() ? words.notify_on : words.notify_off);
}

const button = document.getElementById("notify");
button?.addEventListener("click", async () => {
  keep(KEPT, on() ? "off" : "on");
  if (on()) {
    sound();
    try { localStorage.removeItem(HEARD); } catch { /* nothing was kept */ }
    follow("alerts", hear);
    if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  }
  show(button);
});
if (button) show(button);
if (on()) follow("alerts", hear);
