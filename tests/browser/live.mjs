// The page as a client of the live socket: what it asks for, a message that is lost, a connection that falls silent.
// usage: node live.mjs URL CHROMIUM [FOLDER]
import { gunzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const [url, executablePath, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const SCORE = "#market tr[data-symbol=PUMPUSDT] .c-score > span";

/** A page whose live socket goes through this script. */
async function open(prepare) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  const wire = { sockets: 0, said: [], binary: 0, text: 0, lose: "", silent: false };
  if (prepare) await page.addInitScript(prepare);
  await page.routeWebSocket(/\/ws/, (client) => {
    const server = client.connectToServer();
    wire.sockets += 1;
    client.onMessage((text) => { wire.said.push(JSON.parse(text)); server.send(text); });
    server.onMessage((data) => {
      const packed = typeof data !== "string";
      wire[packed ? "binary" : "text"] += 1;
      const { type, topic } = JSON.parse(packed ? gunzipSync(data).toString() : data);
      if (wire.silent) return;
      if (wire.lose === `${type} ${topic}`) wire.lose = "";
      else client.send(data);
    });
  });
  await page.goto(`${url}/?lang=es`);
  return [page, wire];
}

/** Waits until the row has been written anew so many times. */
async function changes(page, times) {
  await page.locator(SCORE).first().waitFor();
  for (let i = 0; i < times; i += 1) {
    const before = await page.locator(SCORE).first().textContent();
    await page.waitForFunction(([where, old]) => document.querySelector(where)?.textContent !== old, [SCORE, before], { timeout: 10000 });
  }
}

async function until(what, done) {
  for (const end = Date.now() + 20000; !done();) {
    if (Date.now() > end) throw new Error(`not within 20 s: ${what}`);
    await new Promise((wake) => { setTimeout(wake, 50); });
  }
}

const link = (page, text) => page.waitForFunction((t) => document.getElementById("link")?.textContent === t, text, { timeout: 25000 });
const opacity = (page) => page.locator("#market tbody").evaluate((rows) => Number(getComputedStyle(rows).opacity));

/** Nobody closes the connection, but nothing comes any more. */
async function silence(page, wire) {
  const before = await opacity(page);
  wire.silent = true;
  await page.locator("#stale").waitFor({ timeout: 30000 });
  const told = (await page.locator("#stale").textContent())?.replace(/\d+/, "N");
  const dimmed = await opacity(page);
  const age = () => page.locator("#stale-age").textContent();
  const first = await age();
  await page.waitForFunction((old) => document.getElementById("stale-age")?.textContent !== old, first, { timeout: 30000 });
  if (folder) await page.screenshot({ path: `${folder}/stale.png` });
  await link(page, "reconectando");
  // The next connection opens and is asked, and says nothing either: the page must not call that live.
  const asked = wire.said.length;
  await until("another connection", () => wire.said.length > asked);
  const [deaf, feed] = await Promise.all(["#link", "#feed"].map((at) => page.locator(at).textContent()));
  const red = await page.locator("#link.down, #feed.down").count();
  wire.silent = false;
  await link(page, "en vivo");
  await page.locator("#stale").waitFor({ state: "hidden", timeout: 30000 });
  return { told, dimmed: dimmed < before, bright: await opacity(page) === before, again: wire.sockets > 1, deaf, feed, red };
}

try {
  const [page, wire] = await open();
  await link(page, "en vivo");
  await changes(page, 2);
  const facts = { asked: wire.said.slice(0, 1), packed: wire.binary > 3 };
  wire.lose = "diff ranking";
  await until("a resync", () => wire.said.length > 1);
  await changes(page, 2);
  facts.lost = wire.said.slice(1);
  facts.silence = await silence(page, wire);
  await changes(page, 1);
  const [plain, bare] = await open(() => { delete window.DecompressionStream; });
  await changes(plain, 2);
  facts.plain = { asked: bare.said[0]?.compress, binary: bare.binary };
  console.log(JSON.stringify(facts));
} finally {
  await browser.close();
}
