// Opens the page in a real browser, waits for a row to change, writes screenshots when a folder is named.
// usage: node page.mjs URL CHROMIUM [FOLDER]
import { chromium } from "playwright-core";

const [url, executablePath, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (line) => line.type() === "error" && errors.push(line.text()));
  await page.goto(`${url}/?lang=es`);
  const score = page.locator('section[data-level=FUERTE] tr[data-symbol=PUMPUSDT] td:nth-child(3)');
  await score.waitFor({ timeout: 10000 });
  const before = await score.textContent();
  await page.waitForFunction(
    (old) => document.querySelector("tr[data-symbol=PUMPUSDT] td:nth-child(3)")?.textContent !== old,
    before, { timeout: 10000 });
  const style = (level) => page.locator(`section[data-level=${level}] tbody tr`).first()
    .evaluate((tr) => getComputedStyle(tr).backgroundColor);
  const facts = {
    before: before.trim(), after: (await score.textContent()).trim(),
    fuerte: await style("FUERTE"), alta: await style("ALTA"), link: await page.locator("#link").textContent(),
  };
  for (const colorScheme of folder ? ["light", "dark"] : []) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: `${folder}/${colorScheme}-${width}.png` });
    }
  }
  await page.setViewportSize({ width: 360, height: 800 });
  facts.overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  console.log(JSON.stringify({ ...facts, errors }));
} finally {
  await browser.close();
}
