"""Follows the ranking by diffs: pip install websockets; python live.py [URL] [CYCLES]; TOKEN in the environment."""

import asyncio
import json
import os
import sys

import websockets


async def main(url: str, cycles: int) -> None:
    token = os.environ.get("TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    rows, seq = {}, 0
    async with websockets.connect(f"ws{url[4:]}/ws", additional_headers=headers, max_size=None) as wire:
        await wire.send(json.dumps({"op": "subscribe", "diff": True, "topics": ["ranking"]}))
        async for text in wire:
            message = json.loads(text)
            if message["type"] == "snapshot":
                rows = {row["symbol"]: row for level in message["levels"].values() for row in level}
            elif message["type"] != "diff":
                continue
            elif message["prev_seq"] != seq:
                await wire.send(json.dumps({"op": "resync"}))
                continue
            else:
                for symbol, change in message["rows"].items():
                    rows.setdefault(symbol, {}).update(change)
                for symbol in message["gone"]:
                    rows.pop(symbol, None)
            seq = message["seq"]
            best = max(rows.values(), key=lambda row: row["composite_score"], default=None)
            if best is not None:
                print(f"{seq}: {len(rows)} pairs, first {best['symbol']} with {best['composite_score']:.1f}", flush=True)
            cycles -= 1
            if cycles == 0:
                return


if __name__ == "__main__":
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
    asyncio.run(main(address, int(sys.argv[2]) if len(sys.argv) > 2 else 0))
