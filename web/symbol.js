// @ts-check
// A pair's page: the chart, the star and the bell, fresh facts.
import "./shell.js";
import { draw } from "./chart.js";
import { listen, load, muted, operates, press, watched } from "./operate.js";
import { refresh } from "./refresh.js";

const figure = document.getElementById("chart");
const box = figure?.querySelector(".canvas");
/** @type {import("./chart.js").Candle[]} */
let candles = [];

function redraw() {
  if (box && figure) draw(box, candles, Number(figure.dataset.resistance ?? 0));
}

async function fetchCandles() {
  if (!figure) return;
  const path = `/api/v1/symbols/${encodeURIComponent(figure.dataset.symbol ?? "")}/candles`;
  const limit = { "15m": 96, "30m": 48, "1h": 24 }[figure.dataset.interval ?? ""] ?? 96;
  try {
    const answer = await fetch(`${path}?interval=${figure.dataset.interval}&limit=${limit}`);
    if (answer.ok) {
      candles = await answer.json();
      redraw();
    }
  } catch { /* asked again below */ }
  setTimeout(fetchCandles, 15000);
}

function marks() {
  const pair = /** @type {HTMLElement | null} */ (document.querySelector(".pair"));
  const symbol = pair?.dataset.symbol ?? "";
  press(pair?.querySelector(".star") ?? null, symbol, watched.has(symbol));
  press(pair?.querySelector(".mute") ?? null, symbol, muted.has(symbol));
}

fetchCandles();
addEventListener("resize", redraw);
listen(document.body, marks);
if (operates) load(marks);
refresh(5000);
