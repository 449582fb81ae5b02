// How much the browser works for live rows: one line of figures.
// usage: node frames.mjs URL CHROMIUM SECONDS
import { chromium } from "playwright-core";

const [url, executablePath, seconds] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  await page.addInitScript(() => {
    window.seen = { frames: 0, updates: 0, tasks: [] };
    new PerformanceObserver((list) => window.seen.tasks.push(...list.getEntries().map((e) => e.duration)))
      .observe({ entryTypes: ["longtask"] });
    const step = () => { window.seen.frames += 1; requestAnimationFrame(step); };
    requestAnimationFrame(step);
  });
  await page.goto(`${url}/?view=all&lang=en`);
  await page.waitForFunction(() => document.querySelectorAll("#market tbody tr").length > 100, null, { timeout: 60000 });
  await page.evaluate(() => new MutationObserver(() => { window.seen.updates += 1; })
    .observe(document.getElementById("cut"), { childList: true, characterData: true, subtree: true }));
  await page.waitForTimeout(3000);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const read = async () => Object.fromEntries((await session.send("Performance.getMetrics")).metrics.map((m) => [m.name, m.value]));
  await page.evaluate(() => { window.seen.frames = 0; window.seen.updates = 0; window.seen.tasks = []; });
  const before = await read();
  await page.waitForTimeout(Number(seconds) * 1000);
  const after = await read();
  const seen = await page.evaluate(() => window.seen);
  const rows = await page.locator("#market tbody tr").count();
  const ms = (name) => ((after[name] - before[name]) * 1000 / Math.max(seen.updates, 1)).toFixed(1);
  console.log(`${rows} rows, ${seen.updates} updates in ${seconds} s: scripting ${ms("ScriptDuration")} ms, `
    + `style ${ms("RecalcStyleDuration")} ms, layout ${ms("LayoutDuration")} ms, all tasks ${ms("TaskDuration")} ms an update; `
    + `${(seen.frames / Number(seconds)).toFixed(1)} frames a second, longest task ${Math.max(0, ...seen.tasks).toFixed(0)} ms`);
} finally {
  await browser.close();
}
