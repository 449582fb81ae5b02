// The pages of a pair, of alerts and of the status.

export async function pages(page, url, fits) {
  await page.goto(`${url}/s/PUMPUSDT?lang=es`);
  const chart = page.locator("#chart .canvas");
  await page.locator("#chart .canvas[data-marks='2'][data-scores='1']").waitFor({ timeout: 10000 });
  await page.waitForTimeout(500);
  /** Colours on the largest canvas: a chart that is not drawn has one. */
  const colours = await chart.evaluate((box) => {
    const canvas = [...box.querySelectorAll("canvas")].sort((a, b) => b.width * b.height - a.width * a.height)[0];
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return new Set(new Uint32Array(data.buffer)).size;
  });
  const score = () => page.locator("#breakdown tfoot strong").first().textContent();
  const before = await score();
  await page.waitForFunction(
    (old) => document.querySelector("#breakdown tfoot strong")?.textContent !== old, before, { timeout: 10000 });
  const size = page.viewportSize();
  await page.setViewportSize({ width: 1440, height: 900 });
  const whole = await chart.evaluate((box) => box.getBoundingClientRect().bottom + window.scrollY <= innerHeight);
  await page.setViewportSize(size);
  const symbol = {
    whole,
    candles: Number(await chart.getAttribute("data-bars")), drawn: colours > 10,
    maker: await page.locator(".legend a").first().getAttribute("href"), label: await chart.getAttribute("aria-label"),
    fits: await fits(page, "symbol"),
  };
  const [missing] = await Promise.all([page.request.get(`${url}/s/NOPEUSDT`)]);
  await page.goto(`${url}/alerts`);
  const row = page.locator("#mutes tr", { hasText: "PUMPUSDT" });
  await row.waitFor();
  const alerts = { rows: await page.locator("#history tbody tr").count(), fits: await fits(page, "alerts") };
  await page.locator("[data-test=console]").click();
  await page.waitForFunction(() => document.querySelector("[data-test=console]")?.textContent?.startsWith("✓"));
  await row.locator("button").click();
  await row.waitFor({ state: "detached" });
  await page.goto(`${url}/track`);
  const track = { fits: await fits(page, "track"), rows: await page.locator("#predictions tbody tr").count() };
  await page.goto(`${url}/status`);
  const status = { fits: await fits(page, "status"), verdict: (await page.locator("#verdict").textContent())?.trim() };
  return { pages: { symbol, missing: missing.status(), alerts, track, status } };
}
