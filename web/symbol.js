// @ts-check
// A pair's page: the chart, the star and the bell, fresh facts.
import "./shell.js";
import { open } from "./chart.js";
import { base, write, words } from "./format.js";
import { listen, load, muted, operates, press, watched } from "./operate.js";
import { refresh } from "./refresh.js";

const figure = document.getElementById("chart");
const box = /** @type {HTMLElement | null} */ (figure?.querySelector(".canvas") ?? null);
const show = box && open(box);

/** An answer of the API; null when there is none. @param {string} path */
async function get(path) {
  try {
    const answer = await fetch(base + path);
    return answer.ok ? await answer.json() : null;
  } catch { return null; }
}

async function bars() {
  if (!figure || !show) return;
  const fresh = await get(`${own()}/indicators?limit=${figure.dataset.bars}`);
  if (fresh?.length) show({ bars: fresh, resistance: Number(resistance()) });
  else if (fresh) write(box, words.chart_none);
  setTimeout(bars, 15000);
}

async function past() {
  if (!figure || !show) return;
  const symbol = encodeURIComponent(figure.dataset.symbol ?? "");
  const [scores, marks] = await Promise.all([
    "history" in figure.dataset ? get(`${own()}/scores?from=${figure.dataset.from}&every=${figure.dataset.bar}`) : null,
    "history" in figure.dataset ? get(`/api/v1/predictions?symbol=${symbol}&kind=episode,alert&limit=100`) : null,
  ]);
  show({ scores: scores ?? [], marks: marks?.predictions ?? [] });
  setTimeout(past, 60000);
}

const own = () => `/api/v1/symbols/${encodeURIComponent(figure?.dataset.symbol ?? "")}`;
const resistance = () => /** @type {HTMLElement | null} */ (document.querySelector("#facts [data-resistance]"))?.dataset.resistance ?? 0;

function marks() {
  const pair = /** @type {HTMLElement | null} */ (document.querySelector(".pair"));
  const symbol = pair?.dataset.symbol ?? "";
  press(pair?.querySelector(".star") ?? null, symbol, watched.has(symbol));
  press(pair?.querySelector(".mute") ?? null, symbol, muted.has(symbol));
}

bars();
past();
listen(document.body, marks);
if (operates) load(marks);
refresh(5000);
