// @ts-check
// The table's rows, kept by pair: only cells that changed are written, rows move only when the order changes.
// The same cells as src/web/pages/table.rs.
import { base, change, clock, decimal, millions, percent, price, rounded, sign, span, words, write } from "./format.js";
import { age as cutAge } from "./freshness.js";
import { muted, operates, press, watched } from "./operate.js";

/** @typedef {import("./filters.js").Row} Row */

const PARTS = ["rsi", "macd", "volume", "velocity", "breakout"];
const COLUMNS = ["price", "change", "trend", "score", "rule", "calibrated", "composite", "volume", "data", "time"];
const STALE_MS = 120000;
const TREND = 4;
const DATA = 10;
const BELL = [["", "M8 1.5a4 4 0 0 0-4 4V9l-1.5 2.5h11L12 9V5.5a4 4 0 0 0-4-4zM6.5 12.5a1.5 1.5 0 0 0 3 0z"], ["strike", "M2 2l12 12"]];
const SVG = "http://www.w3.org/2000/svg";
const table = /** @type {HTMLElement} */ (document.getElementById("market"));
const lines = (/** @type {string | undefined} */ of) => (of ?? "").split(" ").map(Number);
const chanceLines = lines(table.dataset.chances);
const scoreLines = lines(table.dataset.scores);
/** From which chance on how many such cases came true. @type {[number, string][]} */
const cases = JSON.parse(table.dataset.cases ?? "[]");
const body = /** @type {HTMLTableSectionElement} */ (document.querySelector("#market tbody"));
/** @type {Map<string, HTMLTableRowElement>} */
const drawn = new Map();
for (const tr of body.rows) drawn.set(tr.dataset.symbol ?? "", tr);

/** @param {string} tag @param {string} [name] */
function make(tag, name) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  return node;
}

/** @param {string} box @param {[string, Record<string, string>][]} shapes */
function drawing(box, shapes) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", box);
  for (const [tag, attributes] of shapes) {
    const shape = svg.appendChild(document.createElementNS(SVG, tag));
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
  }
  return svg;
}

function makeBar() {
  /** @type {[string, Record<string, string>][]} */
  const rects = PARTS.map((_, i) => ["rect", { class: `part-${i + 1}`, height: "8" }]);
  const svg = drawing("0 0 100 8", [["title", {}], ["rect", { class: "part-0", width: "100", height: "8" }], ...rects]);
  svg.setAttribute("class", "parts");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  return svg;
}

function makeSpark() {
  const svg = drawing("0 0 23 35", [["polyline", {}]]);
  svg.setAttribute("class", "spark");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  return svg;
}

/** The last hours by pair, as the server sends them. @type {Map<string, string>} */
const trends = new Map();

/** Takes fresh lines and draws those in sight. @param {Record<string, string>} lines */
export function setTrends(lines) {
  trends.clear();
  for (const [symbol, line] of Object.entries(lines)) trends.set(symbol, line);
  for (const [symbol, tr] of drawn) fillSpark(tr, symbol);
}

/** @param {HTMLTableRowElement} tr @param {string} symbol */
function fillSpark(tr, symbol) {
  const line = trends.get(symbol);
  const shape = tr.cells[TREND].querySelector("polyline");
  if (line === undefined || !shape || tr.dataset.trend === line) return;
  tr.dataset.trend = line;
  const heights = [...line].map((digit) => parseInt(digit, 36));
  shape.setAttribute("points", heights.map((h, x) => `${x},${35 - h}`).join(" "));
  shape.setAttribute("class", heights[0] <= heights[heights.length - 1] ? "up" : "down");
}

/** @param {string} kind @param {string} text */
function button(kind, text) {
  const node = /** @type {HTMLButtonElement} */ (make("button", `icon ${kind} needs-js`));
  node.type = "button";
  node.textContent = text;
  return node;
}

/** @param {string} symbol */
function makeRow(symbol) {
  const tr = /** @type {HTMLTableRowElement} */ (make("tr"));
  tr.dataset.symbol = symbol;
  const head = make("th", "c-symbol");
  head.setAttribute("scope", "row");
  if (operates) head.append(button("star", "☆"));
  const link = /** @type {HTMLAnchorElement} */ (make("a"));
  link.href = `${base}/s/${encodeURIComponent(symbol)}`;
  link.textContent = symbol;
  head.append(link);
  const level = make("td", "c-level");
  level.append(make("span", "badge"));
  tr.append(head, level);
  for (const name of COLUMNS) {
    const td = tr.appendChild(make("td", `c-${name}`));
    td.dataset.name = words[name];
    if (name === "score") td.append(makeBar(), " ", make("span"), make("span", "arrow"));
    else if (name === "trend") td.append(makeSpark());
    else if (name === "data") td.append(make("span", "dot"), make("span"));
    else td.append(make(name === "time" ? "time" : "span"));
  }
  if (operates) {
    const mute = tr.appendChild(make("td", "c-actions")).appendChild(button("mute", ""));
    mute.append(drawing("0 0 16 16", BELL.map(([name, d]) => ["path", { class: name, d }])));
    mute.setAttribute("aria-label", `${words.mute} ${symbol}`);
  }
  return tr;
}

/** @param {Element} svg @param {Record<string, number>} points */
function fillBar(svg, points) {
  const label = PARTS.map((p) => `${words[`part_${p}`]} ${decimal(points[p], 1)}`).join(" + ");
  if (svg.getAttribute("aria-label") === label) return;
  svg.setAttribute("aria-label", label);
  write(svg.firstElementChild, label);
  let from = 0;
  PARTS.forEach((part, i) => {
    const rect = svg.children[i + 2];
    rect.setAttribute("x", from.toFixed(2));
    rect.setAttribute("width", points[part].toFixed(2));
    from += points[part];
  });
}

/** @param {Element} td */
function flash(td) {
  if (!td.parentElement || !inSight.has(td.parentElement)) return;
  td.classList.remove("changed");
  requestAnimationFrame(() => td.classList.add("changed"));
}

/** @param {HTMLElement} td @param {Row} r @param {Row | undefined} before */
function fillScore(td, r, before) {
  const total = r.momentum_score.total_score;
  fillBar(td.children[0], r.momentum_score.component_scores);
  if (write(td.children[1], decimal(rounded(total, 1, scoreLines), 1))) flash(td);
  const step = before ? total - before.momentum_score.total_score : 0;
  const moved = Math.abs(step) >= 0.05;
  const word = step > 0 ? words.up : words.down;
  const arrow = td.children[2];
  if (write(arrow, moved ? `${step > 0 ? "▲" : "▼"} ${decimal(Math.abs(step), 1)}` : "")) {
    arrow.className = `arrow ${moved ? sign(step) : ""}`;
    if (moved) arrow.setAttribute("title", `${word} ${decimal(Math.abs(step), 1)}`);
  }
}

/** @param {HTMLElement} td @param {Row} r whose data was so old at the cut */
function fillAge(td, r) {
  const age = r.data_age_ms + cutAge();
  const state = age > STALE_MS ? "stale" : r.refilled ? "refilled" : "live";
  /** @type {HTMLElement} */ (td.children[0]).dataset.state = state;
  write(td.children[1], `${words[`state_${state}`]} · ${span(age)}`);
}

/** @param {HTMLElement} cell @param {number | null} chance */
function fillCases(cell, chance) {
  const told = chance === null ? undefined : cases.findLast(([from]) => chance >= from)?.[1];
  if (told === undefined) cell.removeAttribute("title");
  else if (cell.title !== told) cell.title = told;
}

/** @param {HTMLTableRowElement} tr @param {Row} r @param {Row | undefined} before */
function fillRow(tr, r, before) {
  const cell = (/** @type {number} */ i) => /** @type {HTMLElement} */ (tr.cells[i]);
  const text = (/** @type {number} */ i, /** @type {string} */ value) => {
    if (write(cell(i).firstElementChild, value)) flash(cell(i));
  };
  if (tr.dataset.level !== r.confidence_level) tr.dataset.level = r.confidence_level;
  text(1, r.confidence_level);
  text(2, price(r.current_price));
  text(3, change(r.velocity_1h));
  /** @type {Element} */ (cell(3).firstElementChild).className = sign(r.velocity_1h);
  fillSpark(tr, r.symbol);
  fillScore(cell(5), r, before);
  text(6, decimal(r.probability_7_5.probability_7_5, 1));
  text(7, r.calibrated_7_5 === null ? "–" : percent(rounded(r.calibrated_7_5, 0, chanceLines), 0));
  fillCases(/** @type {HTMLElement} */ (cell(7).firstElementChild), r.calibrated_7_5);
  text(8, decimal(r.composite_score, 1));
  text(9, millions(r.volume_24h));
  fillAge(cell(DATA), r);
  write(cell(11).firstElementChild, clock(r.timestamp));
  press(tr.querySelector(".star"), r.symbol, watched.has(r.symbol));
  press(tr.querySelector(".mute"), r.symbol, muted.has(r.symbol));
}

/** Rows that can be seen, or nearly. Only they are written with every snapshot, the others in turns. @type {Set<Element>} */
const inSight = new Set();
/** @type {Map<string, [Row, Row | undefined]>} */
const newest = new Map();
const TURNS = 10;
let turn = 0;

const sight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const tr = /** @type {HTMLTableRowElement} */ (target);
    const row = newest.get(tr.dataset.symbol ?? "");
    if (isIntersecting && row && !inSight.has(tr)) fillRow(tr, ...row);
    if (isIntersecting) inSight.add(tr);
    else inSight.delete(tr);
  }
}, { rootMargin: "300px 0px" });
for (const tr of body.rows) sight.observe(tr);

/**
 * Places of the longest run of numbers that already rise (-1 counts as absent).
 * @param {number[]} numbers
 */
function rising(numbers) {
  /** @type {number[]} */
  const tails = [];
  /** @type {number[]} */
  const former = [];
  numbers.forEach((number, at) => {
    if (number < 0) return;
    let low = 0;
    for (let high = tails.length; low < high;) {
      const middle = (low + high) >> 1;
      if (numbers[tails[middle]] < number) low = middle + 1;
      else high = middle;
    }
    former[at] = low > 0 ? tails[low - 1] : -1;
    tails[low] = at;
  });
  /** @type {Set<number>} */
  const kept = new Set();
  for (let at = tails.length ? tails[tails.length - 1] : -1; at >= 0; at = former[at]) kept.add(at);
  return kept;
}

/**
 * Puts the rows in order and moves as few as possible: a moved row costs the layout of the whole table.
 * @param {HTMLTableRowElement[]} wanted
 */
function arrange(wanted) {
  /** @type {Map<Element, number>} */
  const places = new Map();
  for (let tr = body.firstElementChild, at = 0; tr; tr = tr.nextElementSibling, at += 1) places.set(tr, at);
  const stay = rising(wanted.map((tr) => places.get(tr) ?? -1));
  /** @type {Element | null} */
  let next = null;
  for (let at = wanted.length - 1; at >= 0; at -= 1) {
    if (!stay.has(at)) body.insertBefore(wanted[at], next);
    next = wanted[at];
  }
}

/** Draws the rows. @param {Row[]} rows @param {Map<string, Row>} before the former snapshot's rows */
export function draw(rows, before) {
  const gone = new Set(drawn.keys());
  turn = (turn + 1) % TURNS;
  rows.forEach((row, place) => {
    gone.delete(row.symbol);
    let tr = drawn.get(row.symbol);
    if (!tr) {
      tr = makeRow(row.symbol);
      drawn.set(row.symbol, tr);
      sight.observe(tr);
      fillRow(tr, row, undefined);
    }
    newest.set(row.symbol, [row, before.get(row.symbol)]);
    if (inSight.has(tr) || place % TURNS === turn) fillRow(tr, row, before.get(row.symbol));
  });
  for (const symbol of gone) {
    const tr = drawn.get(symbol);
    if (tr) {
      sight.unobserve(tr);
      inSight.delete(tr);
      tr.remove();
    }
    newest.delete(symbol);
    drawn.delete(symbol);
  }
  arrange(rows.flatMap((row) => drawn.get(row.symbol) ?? []));
}

/** Ages go on between the cycles. */
export function age() {
  for (const [symbol, [row]] of newest) {
    const tr = drawn.get(symbol);
    if (tr && inSight.has(tr)) fillAge(tr.cells[DATA], row);
  }
}
