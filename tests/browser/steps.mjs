// What needs the server's side to act in between: it is told by a line, and answers by what happens.
// usage: node steps.mjs URL CHROMIUM
import { chromium } from "playwright-core";

const [url, executablePath] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const say = (line) => console.log(line);

/** The live link breaks and comes back by itself. */
async function reconnect(page) {
  const link = (text) => page.waitForFunction((t) => document.getElementById("link")?.textContent === t, text, { timeout: 20000 });
  await page.goto(`${url}/?lang=es`);
  await link("en vivo");
  say("stop");
  await link("reconectando");
  say("start");
  await link("en vivo");
  await page.waitForFunction(
    () => document.querySelector("#market tr[data-symbol=BACKUSDT]"), null, { timeout: 20000 });
  // Screen readers hear it, too, though the loss was told a moment before.
  await page.waitForFunction(() => document.getElementById("news")?.textContent?.startsWith("Conexión recuperada"), null, { timeout: 10000 });
  return (await page.locator("#news").textContent())?.split(".")[0];
}

/** No permission is asked for before the click; then a new FUERTE alert is told. */
async function notify(context) {
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.told = [];
    window.asked = 0;
    window.Notification = class {
      static permission = "default";
      static async requestPermission() { window.asked += 1; return (this.permission = "granted"); }
      constructor(text) { window.told.push(text); }
    };
  });
  await page.goto(`${url}/alerts?lang=es`);
  const before = await page.evaluate(() => [window.asked, localStorage.getItem("impulso.notify")]);
  await page.locator("#notify").click();
  await page.waitForFunction(() => window.asked === 1);
  await page.waitForFunction(() => localStorage.getItem("impulso.heard"), null, { timeout: 20000 });
  say("alert");
  await page.waitForFunction(() => window.told.length > 0, null, { timeout: 30000 });
  const told = await page.evaluate(() => window.told);
  await page.reload();
  const state = await page.locator("#notify").getAttribute("aria-pressed");
  return { before, told, state };
}

/** A page of another origin cannot open the live socket. */
async function forged(context) {
  const page = await context.newPage();
  await page.goto("about:blank");
  return page.evaluate((address) => new Promise((done) => {
    const socket = new WebSocket(address);
    socket.onopen = () => done("open");
    socket.onerror = () => done("refused");
  }), `${url.replace("http", "ws")}/ws`);
}

try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const facts = { news: await reconnect(page), notify: await notify(context), forged: await forged(context) };
  say(JSON.stringify(facts));
} finally {
  await browser.close();
}
