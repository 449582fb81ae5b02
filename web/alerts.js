// @ts-check
// Alerts and status: unmute, mute all, test-send, fresh parts.
import "./shell.js";
import { announce, words } from "./format.js";
import { change, complain } from "./operate.js";
import { refresh } from "./refresh.js";

/** @param {HTMLButtonElement} button */
async function act(button) {
  const { unmute, test } = button.dataset;
  if (unmute !== undefined) {
    await change("DELETE", `/api/v1/mutes/${encodeURIComponent(unmute)}`);
    button.closest("tr")?.remove();
  } else if (test !== undefined) {
    await change("POST", `/api/v1/channels/${encodeURIComponent(test)}/test`);
    announce(`${words.test_sent} ${test}`);
    button.textContent = `✓ ${words.test_sent} ${test}`;
  } else if (button.id === "mute-all") {
    await change("POST", "/api/v1/mutes", { symbol: "*", for: "1h" });
    location.reload();
  }
}

document.addEventListener("click", async (event) => {
  const button = /** @type {HTMLButtonElement | null} */ (
    /** @type {Element} */ (event.target).closest("button[data-unmute], button[data-test], #mute-all"));
  if (!button) return;
  button.disabled = true;
  try {
    await act(button);
  } catch (error) { complain(error); }
  button.disabled = false;
  button.blur();
});
refresh(5000);
