"""Checks payloads of webhook messages against Discord's OpenAPI document: FOLDER with openapi.json and payloads.json."""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator

folder = pathlib.Path(sys.argv[1])
document = json.loads((folder / "openapi.json").read_text())
operation = document["paths"]["/webhooks/{webhook_id}/{webhook_token}"]["post"]
schema = operation["requestBody"]["content"]["application/json"]["schema"]
validator = Draft202012Validator({**schema, "components": document["components"]})

payloads = json.loads((folder / "payloads.json").read_text())
for payload in payloads:
    errors = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(payload)]
    assert not errors, errors

# The check bites.
for key, bad in [("content", "x" * 2001), ("embeds", [{"title": "x" * 257}]), ("embeds", [{}] * 11)]:
    assert not validator.is_valid({**payloads[0], key: bad}), key
print(len(payloads), "payloads")
