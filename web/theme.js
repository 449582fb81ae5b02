// @ts-check
// Before the first paint: theme and hidden columns as they were left. No module, so that nothing flickers.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("impulso.theme");
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
    for (const name of JSON.parse(localStorage.getItem("impulso.hidden") ?? '["composite","time","rule"]')) {
      root.classList.add(`hide-${name}`);
    }
  } catch { /* without storage the page works with its defaults */ }
})();
