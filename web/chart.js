// @ts-check
// A candlestick chart as SVG: prices, volume below, the nearest resistance.
import { clock, date, millions, percent, price, words } from "./format.js";

/** @typedef {{open_time: number, open: number, high: number, low: number, close: number, quote_volume: number}} Candle */

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 320;
const RIGHT = 78;
const BELOW = 22;
const VOLUME = 56;

/** @param {string} tag @param {Record<string, string | number>} attributes @param {string} [text] */
function node(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, typeof value === "number" ? value.toFixed(2) : value);
  }
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Round prices between two ends. @param {number} low @param {number} high */
export function ticks(low, high) {
  const raw = (high - low) / 4 || high / 100 || 1;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * unit).find((s) => s >= raw) ?? raw;
  const found = [];
  for (let v = Math.ceil(low / step) * step; v <= high; v += step) found.push(v);
  return found;
}

/** @param {Candle[]} candles @param {number} width @param {number} resistance */
function scales(candles, width, resistance) {
  const low = Math.min(...candles.map((c) => c.low));
  const top = Math.max(...candles.map((c) => c.high));
  // A resistance far away would flatten the candles.
  const high = resistance > top && resistance < top + (top - low) ? resistance : top;
  const pad = (high - low || high / 100 || 1) * 0.06;
  const room = HEIGHT - BELOW - VOLUME;
  const most = Math.max(...candles.map((c) => c.quote_volume)) || 1;
  return {
    low: low - pad, high: high + pad, slot: (width - RIGHT) / candles.length,
    y: (/** @type {number} */ v) => 6 + (room - 6) * (1 - (v - low + pad) / (high - low + 2 * pad)),
    volume: (/** @type {number} */ v) => (VOLUME - 10) * (v / most),
  };
}

/** @param {Candle} c @param {number} x @param {ReturnType<typeof scales>} s */
function candle(c, x, s) {
  const g = node("g", { class: c.close >= c.open ? "rise" : "fall" });
  const wide = Math.max(s.slot * 0.7, 1);
  const [top, bottom] = [s.y(Math.max(c.open, c.close)), s.y(Math.min(c.open, c.close))];
  const tall = s.volume(c.quote_volume);
  g.append(
    node("title", {}, `${date(c.open_time)} · ${words.chart_open} ${price(c.open)} · ${words.chart_high} ${price(c.high)}`
      + ` · ${words.chart_low} ${price(c.low)} · ${words.chart_close} ${price(c.close)} · ${words.volume} ${millions(c.quote_volume)}`),
    node("rect", { class: "hit", x: x - s.slot / 2, y: 0, width: s.slot, height: HEIGHT - BELOW }),
    node("rect", { class: "vol", x: x - wide / 2, y: HEIGHT - BELOW - tall, width: wide, height: tall }),
    node("line", { x1: x, x2: x, y1: s.y(c.high), y2: s.y(c.low) }),
    node("rect", { x: x - wide / 2, y: top, width: wide, height: Math.max(bottom - top, 1) }),
  );
  return g;
}

/** @param {Candle[]} candles @param {number} resistance */
function alternative(candles, resistance) {
  const [first, last] = [candles[0], candles[candles.length - 1]];
  const low = Math.min(...candles.map((c) => c.low));
  const high = Math.max(...candles.map((c) => c.high));
  const change = percent(100 * (last.close / first.open - 1), 2);
  const line = resistance ? `, ${words.resistance} ${price(resistance)}` : "";
  return `${words.chart_open} ${price(first.open)}, ${words.chart_close} ${price(last.close)} (${change}), `
    + `${words.chart_low} ${price(low)}, ${words.chart_high} ${price(high)}${line}`;
}

/** @param {Element} svg @param {Candle[]} candles @param {number} width @param {ReturnType<typeof scales>} s */
function axes(svg, candles, width, s) {
  for (const v of ticks(s.low, s.high)) {
    svg.append(node("line", { class: "grid", x1: 0, x2: width - RIGHT, y1: s.y(v), y2: s.y(v) }));
    svg.append(node("text", { x: width - RIGHT + 6, y: s.y(v) + 4 }, price(v)));
  }
  const every = width < 500 ? 6 : 3;
  candles.forEach((c, i) => {
    const moment = new Date(c.open_time);
    const x = (i + 0.5) * s.slot;
    if (moment.getUTCMinutes() !== 0 || moment.getUTCHours() % every !== 0 || x < 16 || x > width - RIGHT - 16) return;
    svg.append(node("line", { class: "grid", x1: x, x2: x, y1: 0, y2: HEIGHT - BELOW }));
    svg.append(node("text", { x, y: HEIGHT - 6, "text-anchor": "middle" }, clock(c.open_time).slice(0, 5)));
  });
}

/** @param {Element} box @param {Candle[]} candles @param {number} resistance 0 for none */
export function draw(box, candles, resistance) {
  if (!candles.length) {
    box.textContent = words.chart_none;
    return;
  }
  const width = Math.max(box.clientWidth, 240);
  const s = scales(candles, width, resistance);
  const svg = node("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": alternative(candles, resistance) });
  axes(svg, candles, width, s);
  candles.forEach((c, i) => svg.append(candle(c, (i + 0.5) * s.slot, s)));
  if (resistance && resistance < s.high) {
    const y = s.y(resistance);
    svg.append(node("line", { class: "resistance", x1: 0, x2: width - RIGHT, y1: y, y2: y }));
    svg.append(node("text", { class: "resistance", x: 6, y: y - 5 }, `${words.resistance} ${price(resistance)}`));
  }
  const last = candles[candles.length - 1].close;
  svg.append(node("line", { class: "last", x1: 0, x2: width - RIGHT, y1: s.y(last), y2: s.y(last) }));
  svg.append(node("rect", { class: "last", x: width - RIGHT, y: s.y(last) - 9, width: RIGHT, height: 18, rx: 4 }));
  svg.append(node("text", { class: "last", x: width - RIGHT + 6, y: s.y(last) + 4 }, price(last)));
  box.replaceChildren(svg);
}
