// @ts-check
// A pair's chart: candles with volume, the high to break and the nearest resistance; RSI, MACD and the scores below;
// alerts and predictions marked with their outcome. Drawn by TradingView Lightweight Charts (vendored, scripts/vendor).
import {
  CandlestickSeries, HistogramSeries, LineSeries, createChart, createSeriesMarkers,
} from "./lightweight-charts.js";
import { date, decimal, millions, percent, price, spanish, words } from "./format.js";

/** @typedef {{open_time: number, open: number, high: number, low: number, close: number, quote_volume: number,
 * rsi_14: number | null, rsi_21: number | null, macd: number | null, macd_signal: number | null,
 * macd_histogram: number | null, breakout_high: number | null}} Bar */
/** @typedef {{as_of: number, total_score: number, probability_7_5: number, calibrated_7_5: number | null}} Score */
/** @typedef {{opened_at: number, kind: string, level: string, outcome: string}} Mark */

const FLAT = { lastValueVisible: false, priceLineVisible: false, crosshairMarkerVisible: false };

/** Colours of the theme, as the style sheet has them. */
function colours() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    card: of("card"), ink: of("ink"), soft: of("soft"), line: of("line"), up: of("up"), down: of("down"),
    one: of("p1"), two: of("p2"), three: of("p3"), four: of("p4"),
  };
}

/** @param {number} ms @param {number} step */
const at = (ms, step) => Math.floor(ms / step) * step / 1000;

/** @param {Bar[]} bars @param {(b: Bar) => number | null} value @param {(b: Bar) => object} [more] */
const points = (bars, value, more) => bars.filter((b) => value(b) !== null)
  .map((b) => ({ time: b.open_time / 1000, value: value(b), ...(more ? more(b) : {}) }));

/** What a screen reader is told. @param {Bar[]} bars @param {number} resistance */
function alternative(bars, resistance) {
  const [first, last] = [bars[0], bars[bars.length - 1]];
  const change = percent(100 * (last.close / first.open - 1), 2);
  const line = resistance ? `, ${words.resistance} ${price(resistance)}` : "";
  return `${words.chart_open} ${price(first.open)}, ${words.chart_close} ${price(last.close)} (${change}), `
    + `${words.chart_low} ${price(Math.min(...bars.map((b) => b.low)))}, `
    + `${words.chart_high} ${price(Math.max(...bars.map((b) => b.high)))}${line}`;
}

/** @param {any} chart @param {ReturnType<typeof colours>} c */
function addSeries(chart, c) {
  // Without titles: they would stand over the newest bars. The page names the colours below (`lines` in src/web/pages/symbol.rs).
  /** @param {number} pane @param {string} colour @param {object} more */
  const line = (pane, colour, more) => chart.addSeries(LineSeries, { ...FLAT, color: colour, lineWidth: 1, ...more }, pane);
  const plain = { type: "custom", formatter: (/** @type {number} */ v) => decimal(v, 1), minMove: 0.1 };
  const candles = chart.addSeries(CandlestickSeries, {
    upColor: c.up, downColor: c.down, wickUpColor: c.up, wickDownColor: c.down, borderVisible: false,
    priceFormat: { type: "custom", formatter: price, minMove: 1e-10 },
  }, 0);
  const volume = chart.addSeries(HistogramSeries, {
    ...FLAT, priceScaleId: "volume", priceFormat: { type: "custom", formatter: millions, minMove: 1 },
  }, 0);
  chart.priceScale("volume", 0).applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
  const rsi = line(1, c.one, { priceFormat: plain });
  for (const level of [30, 70]) rsi.createPriceLine({ price: level, color: c.soft, lineStyle: 2, lineWidth: 1, title: "" });
  const small = { priceFormat: { type: "custom", formatter: (/** @type {number} */ v) => (v < 0 ? "−" : "") + price(Math.abs(v)), minMove: 1e-10 } };
  return {
    candles, volume, rsi, plain: c,
    high: line(0, c.two, { lineStyle: 2 }),
    rsi21: line(1, c.four, { priceFormat: plain }),
    histogram: chart.addSeries(HistogramSeries, { ...FLAT, ...small }, 2),
    macd: line(2, c.one, small),
    signal: line(2, c.four, small),
    score: line(3, c.three, { priceFormat: plain, lineWidth: 2 }),
    rule: line(3, c.four, { priceFormat: plain }),
    calibrated: line(3, c.two, { priceFormat: plain }),
    marks: createSeriesMarkers(candles, []),
  };
}

/** @param {ReturnType<typeof colours>} c */
const options = (c) => ({
  autoSize: true,
  // The library would put its logo in with a style of its own, which the page's policy forbids: the page names it.
  layout: { background: { color: c.card }, textColor: c.soft, attributionLogo: false, panes: { separatorColor: c.line } },
  grid: { vertLines: { color: c.line }, horzLines: { color: c.line } },
  timeScale: { timeVisible: true, borderColor: c.line, rightOffset: 2 },
  rightPriceScale: { borderColor: c.line },
  localization: { locale: spanish ? "es" : "en", timeFormatter: (/** @type {number} */ s) => `${date(s * 1000)} UTC` },
  handleScroll: { mouseWheel: false, vertTouchDrag: false },
  handleScale: { mouseWheel: false },
});

/** The series that hold the bars. @param {any} s @param {Bar[]} bars @param {any} c */
function fill(s, bars, c) {
  const tint = (/** @type {boolean} */ up) => ({ color: `${up ? c.up : c.down}80` });
  s.candles.setData(bars.map((b) => ({ time: b.open_time / 1000, open: b.open, high: b.high, low: b.low, close: b.close })));
  s.volume.setData(points(bars, (b) => b.quote_volume, (b) => tint(b.close >= b.open)));
  s.high.setData(points(bars, (b) => b.breakout_high));
  s.rsi.setData(points(bars, (b) => b.rsi_14));
  s.rsi21.setData(points(bars, (b) => b.rsi_21));
  s.histogram.setData(points(bars, (b) => b.macd_histogram, (b) => tint((b.macd_histogram ?? 0) >= 0)));
  s.macd.setData(points(bars, (b) => b.macd));
  s.signal.setData(points(bars, (b) => b.macd_signal));
}

const SIGNS = { hit: "✓", miss: "✗", void: "?" };
const RANKS = ["BAJA", "MEDIA", "ALTA", "FUERTE"];

/** @param {Mark} mark @param {number} step @param {any} c */
function marker(mark, step, c) {
  const colour = { hit: c.up, miss: c.down }[mark.outcome] ?? c.soft;
  const alert = mark.kind === "alert";
  const named = alert || RANKS.indexOf(mark.level) > 1;
  return {
    time: at(mark.opened_at, step), position: alert ? "aboveBar" : "belowBar", color: colour, size: named ? 1 : 0.5,
    shape: alert ? "arrowDown" : "circle", text: named ? `${mark.level[0]}${SIGNS[/** @type {"hit"} */ (mark.outcome)] ?? "…"}` : "",
  };
}

/** One mark a bar and kind, that of the highest level: more would hide each other. @param {Mark[]} marks @param {number} step */
function sparse(marks, step) {
  /** @type {Map<string, Mark>} */
  const best = new Map();
  for (const mark of marks) {
    const place = `${mark.kind} ${at(mark.opened_at, step)}`;
    const other = best.get(place);
    if (!other || RANKS.indexOf(mark.level) > RANKS.indexOf(other.level)) best.set(place, mark);
  }
  return [...best.values()].sort((a, b) => a.opened_at - b.opened_at);
}

/** Makes the chart inside a box; what it gives takes the data. @param {HTMLElement} box */
export function open(box) {
  let [chart, series, resistanceLine] = /** @type {any[]} */ ([null, null, null]);
  /** @type {{bars: Bar[], scores: Score[], marks: Mark[], resistance: number}} */
  const data = { bars: [], scores: [], marks: [], resistance: 0 };

  function make() {
    chart?.remove();
    box.replaceChildren();
    const c = colours();
    chart = createChart(box, options(c));
    series = addSeries(chart, c);
    resistanceLine = null;
    chart.panes().forEach((/** @type {any} */ pane, /** @type {number} */ i) => pane.setStretchFactor(i === 0 ? 5 : 1.4));
    draw(true);
  }

  /** @param {boolean} whole */
  function draw(whole) {
    if (!data.bars.length || !chart) return;
    const c = series.plain;
    const step = data.bars.length > 1 ? data.bars[1].open_time - data.bars[0].open_time : 900000;
    fill(series, data.bars, c);
    const first = data.bars[0].open_time;
    /** @param {(s: Score) => number | null} value */
    const scores = (value) => [...new Map(data.scores.filter((s) => s.as_of >= first && value(s) !== null)
      .map((s) => [at(s.as_of, step), value(s)]))].map(([time, v]) => ({ time, value: v }));
    series.score.setData(scores((s) => s.total_score));
    series.rule.setData(scores((s) => s.probability_7_5));
    series.calibrated.setData(scores((s) => s.calibrated_7_5));
    series.marks.setMarkers(sparse(data.marks.filter((m) => m.opened_at >= first), step).map((m) => marker(m, step, c)));
    if (resistanceLine) series.candles.removePriceLine(resistanceLine);
    resistanceLine = data.resistance ? series.candles.createPriceLine(
      { price: data.resistance, color: c.four, lineStyle: 2, lineWidth: 2, title: "" }) : null;
    if (whole) chart.timeScale().fitContent();
    box.setAttribute("aria-label", alternative(data.bars, data.resistance));
    box.dataset.bars = String(data.bars.length);
    box.dataset.marks = String(data.marks.length);
    box.dataset.scores = String(data.scores.length);
  }

  new MutationObserver(make).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme:dark)").addEventListener("change", make);
  /** @param {Partial<typeof data>} fresh */
  return (fresh) => {
    const first = !data.bars.length;
    Object.assign(data, fresh);
    if (!data.bars.length) return;
    if (chart) draw(first);
    else make();
  };
}
