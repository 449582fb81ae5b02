// @ts-check
// The keyboard: / search, j k move, Enter opens (the pair's link has the focus), s star, a all, ? help.
const help = /** @type {HTMLDialogElement | null} */ (document.getElementById("help"));
document.getElementById("keys")?.addEventListener("click", () => help?.showModal());
document.getElementById("close")?.addEventListener("click", () => help?.close());

/** @param {number} step */
function move(step) {
  const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#market tbody .c-symbol a")]);
  const at = links.findIndex((link) => link.closest("tr")?.contains(document.activeElement));
  const next = links[at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** @param {{all: () => void, clear: () => void}} actions */
export function listen(actions) {
  const search = document.getElementById("q");
  /** @type {Record<string, () => void>} */
  const keys = {
    "/": () => search?.focus(),
    j: () => move(1),
    k: () => move(-1),
    s: () => /** @type {HTMLElement | null | undefined} */ (document.activeElement?.closest("tr")?.querySelector(".star"))?.click(),
    a: actions.all,
    "?": () => help?.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === search) return actions.clear();
    const typing = /** @type {Element} */ (event.target).closest?.("input, select, textarea, dialog");
    const action = keys[event.key];
    if (!action || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
}
