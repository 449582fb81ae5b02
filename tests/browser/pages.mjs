// The pages of a pair, of alerts and of the status.

export async function pages(page, url, fits) {
  await page.goto(`${url}/s/PUMPUSDT?lang=es`);
  const chart = page.locator("#chart svg");
  await chart.waitFor({ timeout: 10000 });
  const score = () => page.locator("#breakdown tfoot strong").first().textContent();
  const before = await score();
  await page.waitForFunction(
    (old) => document.querySelector("#breakdown tfoot strong")?.textContent !== old, before, { timeout: 10000 });
  const symbol = {
    candles: await chart.locator("g").count(), label: await chart.getAttribute("aria-label"),
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
  await page.goto(`${url}/status`);
  const status = { fits: await fits(page, "status"), verdict: (await page.locator("#verdict").textContent())?.trim() };
  return { pages: { symbol, missing: missing.status(), alerts, status } };
}
