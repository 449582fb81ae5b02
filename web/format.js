// @ts-check
// Numbers, prices and moments by language, as src/web/pages/number.rs writes them; words of the page.

/** @type {Record<string, string>} */
export const words = JSON.parse(document.body.dataset.words ?? "{}");
/** The sub-path under which this server is shown. */
export const base = document.documentElement.dataset.base ?? "";
export const spanish = document.documentElement.lang === "es";

/** @param {number} value @param {number} places */
export function decimal(value, places) {
  // The minus sign is as wide as the plus, and the one that the chart writes.
  const [whole, rest] = value.toFixed(places).replace("-", "−").split(".");
  const digits = whole.replace("−", "");
  const grouped = digits.length < 5 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, spanish ? "." : ",");
  return rest === undefined ? grouped : grouped + (spanish ? "," : ".") + rest;
}

/** @param {number} value */
export const price = (value) => decimal(value, value >= 100 || value === 0 ? 2 : value >= 1 ? 4 : value >= 0.001 ? 6 : 10);

/**
 * Rounded on the side of every line that the value is on, as `LevelThresholds::rounded`: 59.7 under a line of 60 is 59.
 * @param {number} value @param {number} places @param {number[]} lines
 */
export function rounded(value, places, lines) {
  const unit = 10 ** places;
  const near = Math.round(value * unit) / unit;
  const met = (/** @type {number} */ v) => lines.filter((line) => v >= line).length;
  const crossed = met(near) - met(value);
  return crossed === 0 ? near : (crossed > 0 ? Math.floor : Math.ceil)(value * unit) / unit;
}

/** @param {number} value @param {number} places */
export const percent = (value, places) => `${decimal(value, places)} %`;

/** @param {number} value */
export const change = (value) => `${value >= 0.005 ? "+" : ""}${percent(Math.abs(value) < 0.005 ? 0 : value, 2)}`;

/** @param {number} value */
export const sign = (value) => (value >= 0.005 ? "up" : value <= -0.005 ? "down" : "flat");

/** @param {number} value */
export const millions = (value) => `${decimal(value / 1e6, 2)} M`;

/** @param {number} ms */
export function span(ms) {
  const s = Math.floor(Math.max(ms, 0) / 1000);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor(s / 3600) % 24} h`;
}

/** @param {number} ms */
export const clock = (ms) => new Date(ms).toISOString().slice(11, 19);

/** Writes a text only when it differs; true when it did. @param {Element | null} node @param {string} text */
export function write(node, text) {
  if (!node || node.textContent === text) return false;
  node.textContent = text;
  return true;
}

/**
 * Writes a text into its place, in red where it is not as it should be.
 * @param {string} id @param {string} text @param {boolean} [well]
 */
export function show(id, text, well = true) {
  const node = document.getElementById(id);
  node?.classList.toggle("down", !well);
  return write(node, text);
}

/** Tells screen readers, at most once in five seconds; what comes sooner is told then, the newest three. @param {string} text */
export function announce(text) {
  if (!untold.includes(text)) untold.push(text);
  clearTimeout(later);
  later = setTimeout(() => {
    told = Date.now();
    show("news", untold.splice(0).slice(-3).join(". "));
  }, Math.max(told + 5000 - Date.now(), 0));
}
/** @type {string[]} */
const untold = [];
let told = 0;
let later = 0;

/** Date and time of day, UTC. @param {number} ms */
export function date(ms) {
  const [day, time] = new Date(ms).toISOString().split("T");
  return `${spanish ? day.split("-").reverse().join("/") : day} ${time.slice(0, 8)}`;
}
