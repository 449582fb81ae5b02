// @ts-check
// On every page: theme toggle, state of the feed, the problem box, how old the data is.
import "./notify.js";
import { base, clock, show, words } from "./format.js";
import { setCut, setMarketTime } from "./freshness.js";
import { follow } from "./live.js";

const root = document.documentElement;

document.getElementById("theme")?.addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme:dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("impulso.theme", root.dataset.theme); } catch { /* not kept then */ }
});

/** How many pairs can be analysed, while there is no ranking. */
async function warmUp() {
  if (!document.getElementById("warming")) return;
  try {
    /** @type {{state: string}[]} */
    const pairs = await (await fetch(`${base}/api/v1/symbols`)).json();
    show("progress", `${pairs.filter((p) => p.state === "analyzable").length}/${pairs.length}`);
  } catch { /* asked again with the next status */ }
}

/**
 * What stands between backticks is something to type.
 * @param {string} text
 */
function withCode(text) {
  return text.split("`").map((part, at) => {
    if (at % 2 === 0) return part;
    const code = document.createElement("code");
    code.textContent = part;
    return code;
  });
}

/** @param {{since: number, what: string, meaning: string, remedy: string}[]} problems */
function tellProblems(problems) {
  const box = document.getElementById("problem");
  if (!box) return;
  box.hidden = problems.length === 0;
  const lines = problems.map(({ since, what, meaning, remedy }) => {
    const line = document.createElement("li");
    const name = document.createElement("strong");
    name.append(...withCode(what));
    const time = document.createElement("span");
    time.className = "soft";
    time.textContent = `${words.since} ${clock(since)} UTC`;
    line.append(name, ` ${meaning} `, ...withCode(`${remedy} `), time);
    return line;
  });
  document.getElementById("problems")?.replaceChildren(...lines);
}

follow("status", ({ fields: status }) => {
  show("feed", words[status.feed], status.feed === "live");
  tellProblems(status.problems);
  setMarketTime(status.market_time);
  // The market view shows the cut of its ranking, not of the server's newest.
  if (!document.getElementById("market")) setCut(status.cycle.as_of);
  if (status.cycle.as_of === null) warmUp();
});
