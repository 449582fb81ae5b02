"""Validates real messages of the live socket against the JSON Schemas of /asyncapi.json."""

import asyncio
import json
import sys
import urllib.request

import websockets
from jsonschema import Draft202012Validator

SNAPSHOTS = {"ranking": "RankingSnapshot", "alerts": "AlertsSnapshot", "status": "StatusSnapshot"}
OTHERS = {"diff": "DiffMessage", "subscribed": "SubscribedMessage", "waiting": "WaitingMessage", "error": "ErrorMessage"}


def name_of(message):
    if message["type"] == "snapshot":
        return SNAPSHOTS.get(message["topic"], "SymbolSnapshot")
    return OTHERS[message["type"]]


async def main(url, symbol):
    with urllib.request.urlopen(f"{url}/asyncapi.json") as answer:
        document = json.load(answer)

    def validator(name):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        return Draft202012Validator(schema)

    wanted = {"RankingSnapshot", "AlertsSnapshot", "StatusSnapshot", "SymbolSnapshot", "DiffMessage", "SubscribedMessage", "ErrorMessage"}
    seen = {}
    operations = [
        {"op": "subscribe", "diff": True, "topics": ["ranking", "alerts", "status", f"symbol:{symbol}"]},
        {"op": "resync"},
    ]
    for operation in operations:
        validator("ClientMessage").validate(operation)
    assert not validator("ClientMessage").is_valid({"op": "dance"})
    async with websockets.connect(f"ws{url[4:]}/ws", max_size=None) as wire:
        for operation in [*operations, {"op": "dance"}]:
            await wire.send(json.dumps(operation))
        async with asyncio.timeout(45):
            async for text in wire:
                message = json.loads(text)
                name = name_of(message)
                errors = sorted(validator(name).iter_errors(message), key=str)
                assert not errors, f"{name}: {errors[0].message} at {list(errors[0].absolute_path)}"
                seen[name] = seen.get(name, 0) + 1
                if wanted <= seen.keys() and seen["DiffMessage"] >= 5:
                    break
    # The schemas say something: a message without its number is refused.
    assert not validator("DiffMessage").is_valid({"type": "diff", "topic": "ranking"})
    assert not validator("RankingSnapshot").is_valid({"type": "snapshot", "topic": "ranking", "seq": 1})
    print(json.dumps(seen))


asyncio.run(main(sys.argv[1], sys.argv[2]))
