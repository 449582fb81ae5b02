// @ts-check
// Which rows, in which order: kept in the address and over visits. The same rules as src/web/pages/choice.rs.

/** @typedef {{symbol: string, timestamp: number, current_price: number, volume_24h: number, composite_score: number,
 * confidence_level: string, momentum_score: {total_score: number, component_scores: Record<string, number>},
 * probability_7_5: {probability_7_5: number}, calibrated_7_5: number | null, level_value: number, velocity_1h: number,
 * data_age_ms: number, refilled: boolean}} Row */

const TOP = 10;
const KEPT = "impulso.view";
const KEYS = ["sort", "dir", "level", "vol", "min", "max", "q", "view", "watch"];
export const LEVELS = ["FUERTE", "ALTA", "MEDIA", "BAJA"];
const ALL = [...LEVELS, "DESCARTADA"];

/** @type {Record<string, string>} */
let choice = {};

/** @type {Record<string, (r: Row) => number>} */
const VALUES = {
  level: (r) => -ALL.indexOf(r.confidence_level),
  price: (r) => r.current_price,
  change: (r) => r.velocity_1h,
  score: (r) => r.momentum_score.total_score,
  rule: (r) => r.probability_7_5.probability_7_5,
  calibrated: (r) => r.calibrated_7_5 ?? -1,
  composite: (r) => r.composite_score,
  volume: (r) => r.volume_24h,
  data: (r) => r.data_age_ms,
  time: (r) => r.timestamp,
};

/** Is a column's first click "smallest first"? @param {string} column */
export const rises = (column) => column === "symbol" || column === "data";

/** @param {string} key */
export const get = (key) => choice[key] ?? "";
export const column = () => get("sort") || "level";
export const ascending = () => (get("dir") ? get("dir") === "asc" : rises(column()));

/** What the address says; when it says nothing, what was kept. */
export function restore() {
  const asked = new URLSearchParams(location.search);
  choice = Object.fromEntries(KEYS.filter((k) => asked.get(k)).map((k) => [k, asked.get(k) ?? ""]));
  if (Object.keys(choice).length) return keep();
  try { choice = JSON.parse(localStorage.getItem(KEPT) ?? "{}"); } catch { choice = {}; }
  keep();
}

/** @param {Record<string, string>} changes an empty value leaves a key out */
export function set(changes) {
  for (const [key, value] of Object.entries(changes)) {
    if (value) choice[key] = value;
    else delete choice[key];
  }
  keep();
}

function keep() {
  const query = new URLSearchParams(choice).toString();
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
  try { localStorage.setItem(KEPT, JSON.stringify(choice)); } catch { /* not kept then */ }
}

/** @param {string} key */
const limit = (key) => (get(key) === "" ? NaN : Number(get(key)));

/** The rows to show, in order. @param {Row[]} rows by level @param {Set<string>} watched */
export function pick(rows, watched) {
  const text = get("q").trim().toUpperCase();
  const every = get("view") === "all" || text !== "" || get("watch") !== "";
  const levels = get("level") ? get("level").split(",") : get("watch") ? ALL : every ? LEVELS : LEVELS.slice(0, 3);
  const [volume, low, high] = [limit("vol") * 1e6, limit("min"), limit("max")];
  /** @type {Record<string, number>} */
  const counts = {};
  const chosen = rows.filter((r) => {
    const out = !levels.includes(r.confidence_level) || r.volume_24h < volume || r.current_price < low
      || r.current_price > high || !r.symbol.includes(text) || (get("watch") && !watched.has(r.symbol));
    if (out) return false;
    counts[r.confidence_level] = (counts[r.confidence_level] ?? 0) + 1;
    return every || counts[r.confidence_level] <= TOP;
  });
  return chosen.sort(order());
}

/** @returns {(a: Row, b: Row) => number} */
function order() {
  const value = VALUES[column()];
  const way = ascending() ? 1 : -1;
  /** @param {string} a @param {string} b */
  const names = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  return (a, b) => way * (value ? value(a) - value(b) : names(a.symbol, b.symbol))
    || b.level_value - a.level_value || b.composite_score - a.composite_score || names(a.symbol, b.symbol);
}
