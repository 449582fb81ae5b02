// @ts-check
// On every page: theme toggle, state of the feed, the problem box.
import "./notify.js";
import { show, span, words } from "./format.js";

const FEED = { connecting: "connecting", live: "live", frozen: "frozen" };
const root = document.documentElement;

document.getElementById("theme")?.addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme:dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("impulso.theme", root.dataset.theme); } catch { /* not kept then */ }
});

/** @param {any} status */
async function warmUp(status) {
  const box = document.getElementById("warming");
  if (!box || status.cycle.as_of !== null) return;
  /** @type {{state: string}[]} */
  const pairs = await (await fetch("/api/v1/symbols")).json();
  show("progress", `${pairs.filter((p) => p.state === "analyzable").length}/${pairs.length}`);
}

async function poll() {
  try {
    const status = await (await fetch(`/api/v1/status?lang=${root.lang}`)).json();
    show("feed", words[FEED[/** @type {"live"} */ (status.feed)]]);
    show("age", status.data_age_ms === null ? "–" : span(status.data_age_ms));
    show("why", status.problem ?? "");
    const box = document.getElementById("problem");
    if (box) box.hidden = status.problem === null;
    await warmUp(status);
  } catch { /* the state of the connection says it */ }
  setTimeout(poll, 2000);
}
poll();
