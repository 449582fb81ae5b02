// The market view: live update, order, filters, columns, keyboard, language, theme.

const row = "#market tr[data-symbol=PUMPUSDT]";
const symbols = (page) => page.locator("#market tbody tr").evaluateAll((rows) => rows.map((r) => r.dataset.symbol));

/** What the cell of a chance shows before and after a live message, and its hint. */
async function chances(page) {
  const where = "#market tr[data-symbol=UPUSDT] .c-calibrated span";
  const first = await page.locator(where).textContent();
  // A hint that the script did not write would stay away.
  await page.locator(where).evaluate((cell) => cell.removeAttribute("title"));
  await page.waitForFunction(
    ([cell, old]) => document.querySelector(cell)?.textContent !== old, [where, first], { timeout: 10000 });
  const second = await page.locator(where).textContent();
  return { chances: [first, second].sort(), cases: await page.locator(where).getAttribute("title") };
}

async function update(page) {
  const score = page.locator(`${row} .c-score > span`).first();
  await score.waitFor({ timeout: 10000 });
  const before = await score.textContent();
  await page.waitForFunction(
    ([where, old]) => document.querySelector(where)?.textContent !== old,
    [`${row} .c-score > span`, before], { timeout: 10000 });
  const colour = (level) => page.locator(`#market tr[data-level=${level}]`).first()
    .evaluate((tr) => getComputedStyle(tr).backgroundColor);
  await page.locator(`${row} .spark polyline[points*=","]`).waitFor({ state: "attached", timeout: 10000 });
  return {
    before, after: await score.textContent(), fuerte: await colour("FUERTE"), alta: await colour("ALTA"),
    link: await page.locator("#link").textContent(), bar: await page.locator(`${row} .parts`).getAttribute("aria-label"),
  };
}

async function choice(page) {
  await page.locator("th a[data-sort=symbol]").click();
  const sorted = await symbols(page);
  await page.locator("#q").fill("p");
  await page.locator("summary").last().click();
  await page.locator("#columns input[name=volume]").uncheck();
  await page.reload();
  await page.waitForFunction(() => document.getElementById("link")?.textContent === "en vivo");
  const kept = {
    sorted, found: await symbols(page), address: new URL(page.url()).search,
    order: await page.locator("thead th.c-symbol").getAttribute("aria-sort"),
    volume: await page.locator(`${row} .c-volume`).isVisible(),
  };
  await page.goto(page.url().split("?")[0]);
  // The first live message draws the kept choice over the rows that came with the page.
  await page.waitForFunction((rows) => document.querySelectorAll("#market tbody tr").length === rows, kept.found.length);
  return { ...kept, again: await symbols(page) };
}

async function keyboard(page) {
  await page.locator("h1").first().evaluate(() => /** @type {HTMLElement} */ (document.activeElement)?.blur());
  await page.keyboard.press("/");
  const search = await page.evaluate(() => document.activeElement?.id);
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  const help = await page.locator("#help").isVisible();
  await page.keyboard.press("Escape");
  // A browser that is busy closes it behind the next key, which the dialog would then have.
  await page.locator("#help").waitFor({ state: "hidden" });
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const focus = await page.evaluate(() => document.activeElement?.textContent);
  return { search, help, focus };
}

async function marks(page) {
  const star = page.locator(`${row} .star`);
  await star.click();
  await page.waitForFunction((where) => document.querySelector(where)?.getAttribute("aria-pressed") === "true", `${row} .star`);
  await page.locator(`${row} .mute`).click();
  await page.waitForFunction((where) => document.querySelector(where)?.getAttribute("aria-pressed") === "true", `${row} .mute`);
  return star.getAttribute("title");
}

async function looks(page) {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.locator("#theme").click();
  const dark = await background();
  await page.reload();
  const kept = await background();
  await page.locator("#theme").click();
  return { light, dark, kept };
}

/** Do five pairs stand on a phone's first screen, and are the groups of the toolbar in line on a laptop. */
async function room(page) {
  await page.setViewportSize({ width: 390, height: 844 });
  const five = await page.locator("#market tbody tr").first().evaluate((row) => {
    const { top, height } = row.getBoundingClientRect();
    return top + window.scrollY + 5 * height <= innerHeight;
  });
  await page.setViewportSize({ width: 1280, height: 800 });
  const middles = await page.locator(".filters > *").evaluateAll((all) => all.map((one) => one.getBoundingClientRect())
    .filter((box) => box.height > 0).map((box) => box.top + box.height / 2));
  const number = await page.locator("#market tbody .c-score .parts + span").first().evaluate((span) => {
    const head = document.querySelector("thead .c-score a");
    return Math.round(head.getBoundingClientRect().right - span.getBoundingClientRect().right);
  });
  return { five, inLine: Math.max(...middles) - Math.min(...middles) < 2, number };
}

async function english(page) {
  await page.locator("a.switch").click();
  const head = await page.locator("th.c-symbol").first().textContent();
  await page.goto(new URL("/", page.url()).href);
  return [head, await page.locator("html").getAttribute("lang")];
}

/** Is it readable without JavaScript: rows, order by a link? */
async function plain(page, url) {
  const bare = await (await page.context().browser().newContext({ javaScriptEnabled: false })).newPage();
  await bare.goto(url);
  // A click alone does not wait for the page that it asks for.
  await Promise.all([bare.waitForURL(/sort=symbol/), bare.locator("th.c-symbol a").first().click()]);
  const facts = { rows: await symbols(bare), search: await bare.locator("#q").isVisible() };
  await bare.context().close();
  return facts;
}

export async function market(page, url, fits) {
  await page.goto(`${url}/?lang=es`);
  const live = { ...await update(page), ...await chances(page) };
  const facts = { live, choice: await choice(page), keys: await keyboard(page), star: await marks(page) };
  facts.looks = await looks(page);
  facts.room = await room(page);
  facts.fits = await fits(page, "market");
  facts.english = await english(page);
  facts.plain = await plain(page, url);
  return { market: facts };
}
