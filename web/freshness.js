// @ts-check
// How old the data on the page is, by the market's clock, also while nothing comes; the page says when it is too old.
import { announce, show, span, words } from "./format.js";

const { cycleMs, marketTime, asOf } = document.body.dataset;
/** Two cycles; at least what a cycle may take to be made and sent. */
const OLD_MS = Math.max(2 * Number(cycleMs), 5000);
// The wall clock of this machine may be wrong, and may jump: only its steady one is used.
let offset = Number(marketTime) - performance.now();
let cut = asOf === undefined ? NaN : Number(asOf);

/** @param {number} time the market's, ms UTC */
export function setMarketTime(time) {
  offset = time - performance.now();
}

/** @param {number | null} as_of the cut of what the page shows, ms UTC; null before the first */
export function setCut(as_of) {
  cut = as_of ?? NaN;
  // The market is at the cut at least: its time may have been heard long before, and a simulated one may run fast. Else the
  // data would look younger than nothing, and go on doing so after the connection fell silent.
  if (as_of !== null) offset = Math.max(offset, as_of - performance.now());
  tick();
}

/** Market time since the cut of what the page shows, ms; not a number before the first. */
export const age = () => Math.max(performance.now() + offset - cut, 0);

function tick() {
  const old = age() > OLD_MS;
  show("age", Number.isNaN(cut) ? "–" : span(age()));
  show("stale-age", span(age() || 0));
  const box = document.getElementById("stale");
  if (box && box.hidden === old) {
    box.hidden = !old;
    if (old) announce(`${box.textContent}`);
  }
  document.body.toggleAttribute("data-stale", old);
}
setInterval(tick, 1000);
