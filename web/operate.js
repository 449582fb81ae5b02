// @ts-check
// What an operator changes: watchlist and mutes. Only pages that have signed in may.
import { base, announce, write, words } from "./format.js";

export const operates = "operates" in document.body.dataset;
/** @type {Set<string>} */
export const watched = new Set();
/** @type {Set<string>} */
export const muted = new Set();

/** @param {string} method @param {string} path @param {unknown} [body] */
export async function change(method, path, body) {
  const headers = body ? { "Content-Type": "application/json" } : undefined;
  const answer = await fetch(base + path, { method, headers, body: body ? JSON.stringify(body) : undefined });
  if (answer.ok) return;
  const problem = await answer.json().catch(() => ({}));
  throw new Error(problem.detail ?? String(answer.status));
}

/** @param {unknown} error */
export function complain(error) {
  const text = `${words.failed} ${error instanceof Error ? error.message : error}`;
  announce(text);
  const box = document.getElementById("problem");
  if (!box) return;
  box.hidden = false;
  write(document.getElementById("why"), text);
}

/** @param {string} symbol */
export async function toggleWatch(symbol) {
  const on = !watched.has(symbol);
  await change(on ? "PUT" : "DELETE", `/api/v1/watchlist/${encodeURIComponent(symbol)}`);
  on ? watched.add(symbol) : watched.delete(symbol);
}

/** @param {string} symbol */
export async function toggleMute(symbol) {
  const on = !muted.has(symbol);
  if (on) await change("POST", "/api/v1/mutes", { symbol, for: "24h" });
  else await change("DELETE", `/api/v1/mutes/${encodeURIComponent(symbol)}`);
  on ? muted.add(symbol) : muted.delete(symbol);
}

/** Shows the state of a star or a bell. @param {Element | null} button @param {string} symbol @param {boolean} on */
export function press(button, symbol, on) {
  if (!button || button.getAttribute("aria-pressed") === String(on)) return;
  const star = button.classList.contains("star");
  const word = star ? (on ? words.unstar : words.star) : on ? words.unmute : words.mute;
  button.setAttribute("aria-pressed", String(on));
  button.setAttribute("aria-label", `${word} ${symbol}`);
  button.setAttribute("title", word);
  if (star) button.textContent = on ? "★" : "☆";
}

/** Answers a click on a star or a bell below `root`. @param {Element} root @param {() => void} after */
export function listen(root, after) {
  root.addEventListener("click", async (event) => {
    const button = /** @type {Element} */ (event.target).closest("button.star, button.mute");
    const symbol = /** @type {HTMLElement | null} */ (button?.closest("[data-symbol]"))?.dataset.symbol;
    if (!button || !symbol) return;
    const star = button.classList.contains("star");
    try {
      await (star ? toggleWatch(symbol) : toggleMute(symbol));
      press(button, symbol, (star ? watched : muted).has(symbol));
      after();
    } catch (error) { complain(error); }
  });
}

/** Reads both lists; anew now and then, for another window may change them. @param {() => void} after */
export async function load(after) {
  try {
    const [stars, mutes] = await Promise.all(
      ["/api/v1/watchlist", "/api/v1/mutes"].map(async (path) => (await fetch(base + path)).json()));
    watched.clear();
    muted.clear();
    for (const symbol of stars) watched.add(symbol);
    for (const mute of mutes) muted.add(mute.symbol);
    after();
  } catch { /* asked again below */ }
  setTimeout(load, 30000, after);
}
