// @ts-check
// The live socket as docs/WEBSOCKET.md describes it: topics with diffs, packed where the browser can unpack. Asks anew
// when a message is missing, connects anew when nothing is heard.
import { base, announce, show, words } from "./format.js";

/** @typedef {{seq: number, fields: Record<string, any>, rows: Map<string, any>}} State */

/** The status comes every 2 s: after this long without any message the connection is dead, though nobody closed it. */
const SILENT_MS = 10000;
const COMPRESS = "DecompressionStream" in window ? "gzip" : "none";

/** The rows of a topic's snapshot by name. @type {Record<string, (message: any) => [string, any][]>} */
const ROWS = {
  ranking: (m) => Object.values(m.levels).flat().map((row) => [row.symbol, row]),
  alerts: (m) => m.alerts.map((/** @type {any} */ record) => [record.alert.id, record]),
};

/** @type {Map<string, (state: State) => void>} */
const followers = new Map();
/** @type {Map<string, State>} */
const states = new Map();
/** When the whole of a topic was asked for. @type {Map<string, number>} */
const asked = new Map();
let started = false;
/** @type {WebSocket | null} */
let socket = null;
let heard = 0;
let failures = 0;

/** Hands over a topic's state with each change. @param {string} topic @param {(state: State) => void} receive */
export function follow(topic, receive) {
  followers.set(topic, receive);
  const state = states.get(topic);
  if (state) receive(state);
  else if (socket?.readyState === WebSocket.OPEN) subscribe([topic]);
  if (!started) connect();
}

/** @param {object} message */
const say = (message) => socket?.send(JSON.stringify(message));

/** Asks for the whole of topics. @param {string[]} topics @param {object} message */
function ask(topics, message) {
  for (const topic of topics) asked.set(topic, performance.now());
  say(message);
}

/** @param {string[]} topics */
function subscribe(topics) {
  if (topics.length) ask(topics, { op: "subscribe", topics, diff: true, compress: COMPRESS });
}

function connect() {
  started = true;
  show("link", failures ? words.lost : words.connecting, !failures);
  const fresh = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${base}/ws?lang=${document.documentElement.lang}`);
  fresh.binaryType = "arraybuffer";
  socket = fresh;
  heard = performance.now();
  /** Unpacking takes its time: the messages stay in order. */
  let queue = Promise.resolve();
  fresh.onopen = () => {
    if (failures) announce(words.news_back);
    failures = 0;
    const topics = [...followers.keys()];
    subscribe(topics.filter((topic) => topic !== "alerts"));
    // By itself: a node that keeps no alerts refuses the whole message.
    subscribe(topics.filter((topic) => topic === "alerts"));
  };
  fresh.onmessage = ({ data }) => {
    heard = performance.now();
    queue = queue.then(() => read(data)).then(
      (message) => { if (socket === fresh) take(message); },
      () => lose(fresh),
    ).catch(reportError);
  };
  fresh.onclose = () => lose(fresh);
}

/** Gives a connection up and makes another after a pause that grows. @param {WebSocket} lost */
function lose(lost) {
  if (socket !== lost) return;
  socket = null;
  lost.close();
  states.clear();
  // What the exchange does is not known either now.
  show("feed", words.unknown, false);
  if (!failures) announce(words.news_lost);
  failures += 1;
  show("link", words.lost, false);
  setTimeout(connect, Math.min(500 * 2 ** Math.min(failures, 5), 10000) * (0.5 + Math.random() / 2));
}

/** @param {string | ArrayBuffer} data */
async function read(data) {
  if (typeof data === "string") return JSON.parse(data);
  return new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

/** @param {any} message */
function take({ type, topic, seq, ...rest }) {
  if (type === "snapshot") states.set(topic, { seq, fields: rest, rows: new Map(ROWS[topic]?.(rest)) });
  else if (type !== "diff" || !merge(topic, seq, rest)) return;
  const state = states.get(topic);
  if (!state) return;
  followers.get(topic)?.(state);
  // Not when the connection opens: what stands on the page then is still what came with it, or from before the loss.
  show("link", words.live);
}

/** Puts a diff over what is there; false when it does not fit. @param {string} topic @param {number} seq @param {any} diff */
function merge(topic, seq, diff) {
  const state = states.get(topic);
  if (state?.seq !== diff.prev_seq) {
    // Without a state the whole is on its way; where it does not come, it is asked for again.
    const waits = !state && performance.now() - (asked.get(topic) ?? -Infinity) < SILENT_MS;
    if (!waits) ask([topic], { op: "resync", topics: [topic] });
    states.delete(topic);
    return false;
  }
  const fields = { ...state?.fields, ...diff.set };
  for (const name of diff.unset) delete fields[name];
  const rows = new Map(state?.rows);
  for (const [name, change] of Object.entries(diff.rows)) rows.set(name, { ...rows.get(name), ...change });
  for (const name of diff.gone) rows.delete(name);
  states.set(topic, { seq, fields, rows });
  return true;
}

setInterval(() => {
  if (socket && performance.now() - heard > SILENT_MS) lose(socket);
}, 1000);
