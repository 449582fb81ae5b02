// @ts-check
// The live socket: connects, reconnects with growing pauses, hands over snapshots.
import { announce, show, words } from "./format.js";

/** @param {(message: any) => void} receive */
export function connect(receive) {
  let failures = 0;
  let open = false;
  const start = () => {
    show("link", failures ? words.lost : words.connecting);
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
    socket.onopen = () => {
      if (failures > 0 && !open) announce(words.news_back);
      failures = 0;
      open = true;
      show("link", words.live);
    };
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.type === "snapshot") receive(message);
    };
    socket.onclose = () => {
      if (open) announce(words.news_lost);
      open = false;
      failures += 1;
      show("link", words.lost);
      setTimeout(start, Math.min(500 * 2 ** Math.min(failures, 5), 10000) * (0.5 + Math.random() / 2));
    };
  };
  start();
}
