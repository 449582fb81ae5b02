// @ts-check
// The market view: live snapshots, order, filters and columns.
import "./shell.js";
import { base, announce, change, clock, decimal, percent, show, sign, words } from "./format.js";
import { setCut } from "./freshness.js";
import { follow } from "./live.js";
import { listen as listenOperate, load, operates, watched } from "./operate.js";
import * as filters from "./filters.js";
import * as table from "./table.js";
import { listen as listenKeys } from "./keys.js";

/** @typedef {filters.Row} Row */
/** @type {Row[]} */
let rows = [];
/** @type {Map<string, Row>} */
let now = new Map();
/** @type {Map<string, Row>} */
let before = new Map();
let received = false;
const LEAST_COVERAGE = Number(/** @type {HTMLElement | null} */ (document.querySelector(".scanner"))?.dataset.least);

function draw() {
  if (!received) return;
  const chosen = filters.pick(rows, watched);
  table.draw(chosen, before);
  show("shown", String(chosen.length));
  show("listed", String(rows.length));
  const empty = document.getElementById("empty");
  if (empty) empty.hidden = chosen.length > 0;
  whyNot(filters.get("q").trim().toUpperCase());
}

/** @param {string} text */
function whyNot(text) {
  const box = document.getElementById("whynot");
  const link = box?.querySelector("a");
  if (!box || !link) return;
  box.hidden = text === "";
  link.textContent = text.endsWith("USDT") ? text : `${text}USDT`;
  link.href = `${base}/s/${encodeURIComponent(link.textContent)}`;
}

/** @param {any} s */
function facts(s) {
  show("coverage", percent(100 * s.coverage.ratio, 1), s.coverage.ratio >= LEAST_COVERAGE);
  show("latency", `${decimal(s.latency_ms, 1)} ms`);
  show("cut", clock(s.as_of));
  const { btc_change_1h: btc, breadth, market_move: event } = s.market;
  if (event) {
    show("move-episodes", String(event.episodes));
    show("move-minutes", String(Math.max(Math.floor((event.until - event.since) / 60000), 1)));
  }
  document.getElementById("move")?.toggleAttribute("hidden", !event);
  show("btc", btc === null ? "–" : change(btc));
  document.getElementById("btc")?.setAttribute("class", sign(btc ?? 0));
  const mood = btc === null || breadth === null ? "flat" : btc >= 0 && breadth >= 0.6 ? "up" : btc <= 0 && breadth <= 0.4 ? "down" : "flat";
  show("regime", words[`regime_${mood}`]);
  document.getElementById("regime")?.setAttribute("class", mood);
  for (const [reason, count] of Object.entries(s.coverage.reasons)) show(`reason-${reason}`, String(count));
  show("breadth", breadth === null ? "–" : percent(100 * breadth, 0));
  for (const level of filters.LEVELS) show(`count-${level}`, String(rows.filter((r) => r.confidence_level === level).length));
  show("count-discarded", String(s.discarded));
  show("count-filtered", String(s.filtered));
  document.getElementById("warming")?.setAttribute("hidden", "");
}

/** @param {import("./live.js").State} ranking */
function apply(ranking) {
  before = now;
  now = ranking.rows;
  rows = [...now.values()].sort((a, b) => b.level_value - a.level_value || b.composite_score - a.composite_score);
  const top = rows.filter((r) => r.confidence_level === "FUERTE" && before.get(r.symbol)?.confidence_level !== "FUERTE");
  if (received && top.length) announce(`${words.new_top} ${top.map((r) => r.symbol).join(", ")}`);
  received = true;
  setCut(ranking.fields.as_of);
  facts(ranking.fields);
  draw();
}

/** The controls as the choice says. */
function controls() {
  for (const link of document.querySelectorAll("th a[data-sort]")) {
    const name = /** @type {HTMLElement} */ (link).dataset.sort;
    const sorted = name === filters.column();
    link.closest("th")?.toggleAttribute("aria-sort", sorted);
    if (sorted) link.closest("th")?.setAttribute("aria-sort", filters.ascending() ? "ascending" : "descending");
  }
  mark(".views a[data-view]", (d) => (d.view === "all") === (filters.get("view") === "all"));
  mark(".views a[data-level]", (d) => (d.level ?? "") === filters.get("level"));
  for (const input of inputs()) {
    if (input.type === "checkbox") input.checked = filters.get(input.name) !== "";
    else if (document.activeElement !== input) input.value = filters.get(input.name);
  }
}

/** @param {string} selector @param {(data: DOMStringMap) => boolean} current */
function mark(selector, current) {
  for (const link of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector))) {
    if (current(link.dataset)) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/** @returns {NodeListOf<HTMLInputElement>} */
const inputs = () => document.querySelectorAll(".filters input[name]:not(#columns input)");

/** @param {Record<string, string>} changes */
function choose(changes) {
  filters.set(changes);
  controls();
  draw();
}

/** @param {MouseEvent} event */
function clicked(event) {
  const link = /** @type {Element} */ (event.target).closest("a[data-sort], .views a");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const { sort, view, level } = /** @type {HTMLElement} */ (link).dataset;
  if (view !== undefined) return choose({ view: view === "all" ? "all" : "" });
  if (level !== undefined) return choose({ level });
  if (sort === undefined) return;
  const up = sort === filters.column() ? !filters.ascending() : filters.rises(sort);
  choose({ sort, dir: up ? "asc" : "desc" });
}

function columns() {
  const root = document.documentElement.classList;
  for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#columns input"))) {
    box.checked = !root.contains(`hide-${box.name}`);
    box.addEventListener("change", () => {
      root.toggle(`hide-${box.name}`, !box.checked);
      const hidden = [...root].filter((c) => c.startsWith("hide-")).map((c) => c.slice(5));
      try { localStorage.setItem("impulso.hidden", JSON.stringify(hidden)); } catch { /* not kept then */ }
    });
  }
}

/** The lines of the last hours: they change slowly and stay out of the live messages. */
async function trends() {
  try {
    const answer = await fetch(`${base}/api/v1/sparklines`);
    if (answer.ok) table.setTrends((await answer.json()).lines);
  } catch { /* asked again below */ }
  setTimeout(trends, received ? 180000 : 5000);
}

filters.restore();
controls();
columns();
document.addEventListener("click", clicked);
for (const input of inputs()) {
  input.addEventListener("input", () => {
    choose({ [input.name]: input.type === "checkbox" ? (input.checked ? "1" : "") : input.value.trim() });
  });
}
document.getElementById("reset")?.addEventListener("click", () => {
  choose({ level: "", vol: "", min: "", max: "", q: "", watch: "" });
});
listenKeys({
  all: () => choose({ view: filters.get("view") === "all" ? "" : "all" }),
  clear: () => { choose({ q: "" }); /** @type {HTMLElement} */ (document.activeElement)?.blur(); },
});
listenOperate(document.body, draw);
if (operates) load(draw);
follow("ranking", apply);
setTimeout(trends, 1000);
setInterval(table.age, 1000);
