// Opens the pages in a real browser and tells what it sees as JSON; writes screenshots when a folder is named.
// usage: node page.mjs URL CHROMIUM [FOLDER]
import { chromium } from "playwright-core";
import { access } from "./access.mjs";
import { market } from "./market.mjs";
import { pages } from "./pages.mjs";

const [url, executablePath, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const errors = [];
const foreign = [];

async function open() {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (line) => line.type() === "error" && errors.push(`${line.text()} at ${page.url()}`));
  page.on("request", (request) => request.url().startsWith(url) || foreign.push(request.url()));
  return page;
}

/** What the one sign-in gave: its address is good once. */
let cookies;

/** A page that may change things. */
async function operator() {
  const page = await open();
  if (cookies) {
    await page.context().addCookies(cookies);
  } else {
    await page.goto(process.env.IMPULSO_SIGN_IN);
    cookies = await page.context().cookies();
  }
  return page;
}

/** Widths of phones, tablets upright and lying, and where the number of columns changes. */
const WIDTHS = [360, 700, 820, 961, 1024, 1101, 1281];

/** Does a page fit all of them? Takes its pictures on the way. */
async function fits(page, name) {
  await page.evaluate(() => { delete document.documentElement.dataset.theme; });
  for (const colorScheme of folder ? ["light", "dark"] : []) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png`, fullPage: true });
    }
  }
  const wider = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) wider.push(width);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  if (wider.length) console.error(`${name} is wider than ${wider}`);
  return wider.length === 0;
}

try {
  const facts = { ...(await market(await operator(), url, fits)), ...(await pages(await operator(), url, fits)) };
  Object.assign(facts, await access(await operator(), url));
  console.log(JSON.stringify({ ...facts, errors, foreign }));
} finally {
  await browser.close();
}
