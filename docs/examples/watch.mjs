// Every pair page by page, then one put on the watchlist where a token that may operate is given.
// Usage: node watch.mjs [URL] [SYMBOL]; TOKEN in the environment. Node 20 or newer, no package.
const url = process.argv[2] ?? "http://127.0.0.1:8080";
const symbol = process.argv[3];
const headers = process.env.TOKEN ? { Authorization: `Bearer ${process.env.TOKEN}` } : {};

async function ask(path, options = {}) {
  const answer = await fetch(new URL(path, url), { ...options, headers });
  if (answer.status === 429) {
    await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers.get("Retry-After"))));
    return ask(path, options);
  }
  if (!answer.ok) {
    const problem = await answer.json();
    throw new Error(`${problem.title}: ${problem.detail}`);
  }
  return answer;
}

const pairs = [];
for (let path = "/api/v1/symbols?limit=100"; path; ) {
  const answer = await ask(path);
  pairs.push(...(await answer.json()));
  path = /<([^>]+)>; rel="next"/.exec(answer.headers.get("Link") ?? "")?.[1];
}
const ready = pairs.filter((pair) => pair.state === "analyzable");
console.log(`${ready.length} of ${pairs.length} pairs are analysed`);

if (symbol) {
  await ask(`/api/v1/watchlist/${encodeURIComponent(symbol)}`, { method: "PUT" });
  console.log(`watched: ${(await (await ask("/api/v1/watchlist")).json()).join(", ")}`);
}
