// @ts-check
/** @typedef {{symbol: string, timestamp: number, current_price: number, volume_24h: number, confidence_level: string, momentum_score: {total_score: number}, probability_7_5: {probability_7_5: number}}} Row */
/** @typedef {{type: string, as_of: number, latency_ms: number, coverage: {ratio: number}, levels: Record<string, Row[]>}} Snapshot */

const TOP = 10;
const words = (document.body.dataset.link ?? "").split("|");
const columns = (document.body.dataset.columns ?? "").split("|");
const feedWords = (document.body.dataset.feed ?? "").split("|");
const feedNames = ["connecting", "live", "frozen"];
let failures = 0;
/** @param {number} value @param {number} places */
const decimal = (value, places) => {
  const text = value.toFixed(places);
  return document.documentElement.lang === "es" ? text.replace(".", ",") : text;
};
/** @param {number} value */
const price = (value) => decimal(value, value >= 100 ? 2 : value >= 1 ? 4 : value >= 0.001 ? 6 : 10);

/** @param {string} id @param {string} text */
const show = (id, text) => {
  const node = document.getElementById(id);
  if (node && node.textContent !== text) node.textContent = text;
};
/** @param {number} ms */
const clock = (ms) => new Date(ms).toISOString().slice(11, 19);

/** @param {Row} r */
const cells = (r) => [
  r.symbol, price(r.current_price), decimal(r.momentum_score.total_score, 1),
  `${decimal(r.probability_7_5.probability_7_5, 2)} %`, r.confidence_level,
  `${decimal(r.volume_24h / 1e6, 2)} M`, clock(r.timestamp),
];

/** @param {Element} section @param {Row[]} rows */
function fill(section, rows) {
  const body = /** @type {HTMLElement} */ (section.querySelector("tbody"));
  const old = new Map(Array.from(body.rows ?? body.children, (tr) => [/** @type {HTMLElement} */ (tr).dataset.symbol, tr]));
  rows.slice(0, TOP).forEach((row, place) => {
    let tr = /** @type {HTMLElement | undefined} */ (old.get(row.symbol));
    old.delete(row.symbol);
    if (!tr) {
      tr = document.createElement("tr");
      tr.dataset.symbol = row.symbol;
      columns.forEach((name, i) => {
        const td = tr.appendChild(document.createElement("td"));
        td.dataset.name = name;
        if (i === 2) td.append(Object.assign(document.createElement("meter"), { min: 0, max: 100, ariaHidden: "true" }));
        td.append(document.createElement("span"));
      });
    }
    if (body.children[place] !== tr) body.insertBefore(tr, body.children[place] ?? null);
    cells(row).forEach((text, i) => {
      const td = /** @type {HTMLElement} */ (/** @type {HTMLElement} */ (tr).children[i]);
      const span = /** @type {HTMLElement} */ (td.lastElementChild);
      if (span.textContent === text) return;
      span.textContent = text;
      if (i === 2) /** @type {HTMLMeterElement} */ (td.firstElementChild).value = row.momentum_score.total_score;
      td.classList.remove("changed");
      requestAnimationFrame(() => td.classList.add("changed"));
    });
  });
  for (const tr of old.values()) tr.remove();
  /** @type {HTMLElement} */ (section.querySelector(".empty")).hidden = rows.length > 0;
}

/** @param {Snapshot} s */
function apply(s) {
  for (const section of document.querySelectorAll("section[data-level]")) {
    fill(section, s.levels[/** @type {HTMLElement} */ (section).dataset.level ?? ""] ?? []);
  }
  show("coverage", `${decimal(100 * s.coverage.ratio, 1)} %`);
  show("latency", `${decimal(s.latency_ms, 1)} ms`);
  show("cut", clock(s.as_of));
  const warming = document.getElementById("warming");
  if (warming) warming.hidden = true;
}

function connect() {
  show("link", words[failures ? 2 : 0]);
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
  socket.onopen = () => { failures = 0; show("link", words[1]); };
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "snapshot") apply(message);
  };
  socket.onclose = () => {
    failures += 1;
    show("link", words[2]);
    setTimeout(connect, Math.min(500 * 2 ** Math.min(failures, 5), 10000) * (0.5 + Math.random() / 2));
  };
}

async function poll() {
  try {
    const s = await (await fetch("/api/v1/status")).json();
    show("feed", feedWords[feedNames.indexOf(s.feed)] ?? s.feed);
    show("age", s.data_age_ms === null ? "–" : `${Math.floor(s.data_age_ms / 1000)} s`);
    show("why", s.problem ?? "");
    const box = document.getElementById("problem");
    if (box) box.hidden = s.problem === null;
    if (s.cycle.as_of === null) {
      /** @type {{state: string}[]} */
      const pairs = await (await fetch("/api/v1/symbols")).json();
      show("progress", `${pairs.filter((p) => p.state === "analyzable").length}/${pairs.length}`);
    }
  } catch { /* the connection state says it */ }
  setTimeout(poll, 2000);
}

connect();
poll();
