// @ts-check
// Keeps a server-rendered page fresh: asks for it again and swaps the parts that differ.

/** @param {number} every ms between two looks @param {() => void} [after] */
export function refresh(every, after) {
  const look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
      after?.();
    } catch { /* asked again below */ }
    setTimeout(look, every);
  };
  setTimeout(look, every);
}

/** @param {Document} fresh */
function swap(fresh) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next || part.innerHTML === next.innerHTML || part.contains(document.activeElement)) continue;
    part.replaceChildren(...next.childNodes);
  }
}
