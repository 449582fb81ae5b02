// Every page in both themes and languages: axe-core's rules of WCAG 2.2 A and AA, and the width of a phone.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const PATHS = ["/", "/s/PUMPUSDT", "/s/NEWUSDT", "/alerts", "/track", "/status"];

async function look(page, where, found) {
  await page.evaluate(axe);
  const result = await page.evaluate((values) => window.axe.run({ runOnly: { type: "tag", values } }), RULES);
  for (const broken of result.violations) {
    found.push(`${where}: ${broken.id}: ${broken.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(", ")}`);
  }
  return result.passes.length;
}

export async function access(page, url) {
  const [violations, wide] = [[], []];
  let passes = 0;
  for (const path of PATHS) {
    for (const lang of ["es", "en"]) {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.goto(`${url}${path}?lang=${lang}`);
        if (path === "/s/PUMPUSDT") await page.locator("#chart [data-bars]").waitFor({ timeout: 10000 });
        passes += await look(page, `${path} ${lang} ${colorScheme}`, violations);
        await page.setViewportSize({ width: 360, height: 800 });
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (over > 0) wide.push(`${path} ${lang}: ${over} px`);
      }
    }
    passes += await look(page, `${path} phone`, violations);
  }
  await page.goto(`${url}/?lang=es`);
  return { access: { violations, wide, passes } };
}
