// The page of the API and the sign-in in a real browser: node docs.mjs URL GUARDED_URL TOKEN CHROMIUM
import { chromium } from "playwright-core";

const [url, guarded, token, executablePath, pictures] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const facts = { errors: [], foreign: [] };

async function visit(base) {
  const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
  page.on("console", (line) => line.type() === "error" && facts.errors.push(`${base} ${line.text()}`));
  page.on("pageerror", (error) => facts.errors.push(`${base} ${error}`));
  page.on("request", (request) => {
    const host = new URL(request.url()).host;
    if (host && host !== new URL(base).host) facts.foreign.push(request.url());
  });
  return page;
}

const docs = await visit(url);
await docs.goto(`${url}/docs`);
await docs.waitForSelector(".opblock");
facts.operations = await docs.locator(".opblock").count();
const block = docs.locator('.opblock:has([data-path="/api/v1/ranking"])').first();
await block.locator(".opblock-summary-control").click();
await block.locator("button.try-out__btn").click();
await block.locator("button.execute").click();
await block.locator(".live-responses-table tr.response .response-col_status").first().waitFor();
facts.tried = (await block.locator(".live-responses-table tr.response .response-col_status").first().innerText()).trim().slice(0, 3);
if (pictures) await docs.screenshot({ path: `${pictures}/docs.png` });

const page = await visit(guarded);
await page.goto(`${guarded}/s/BTCUSDT`);
facts.led = new URL(page.url()).pathname;
await page.fill("input[name=token]", "impulso_wrong");
await page.click("button[type=submit]");
facts.wrong = await page.locator("[role=alert]").count();
if (pictures) await page.screenshot({ path: `${pictures}/login.png` });
// A refused sign-in is a 401, which the browser reports by itself.
facts.errors = facts.errors.filter((line) => !line.includes("401 (Unauthorized)"));
await page.fill("input[name=token]", token);
await page.click("button[type=submit]");
await page.waitForURL("**/s/BTCUSDT");
facts.title = await page.title();
facts.cookie = await page.evaluate(() => document.cookie);
facts.stars = await page.evaluate(async () => (await fetch("/api/v1/watchlist/BTCUSDT", { method: "PUT" })).status);
await browser.close();
console.log(JSON.stringify(facts));
