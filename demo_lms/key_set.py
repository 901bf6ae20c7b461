"""What the key-set endpoint sends: the published keys, or what a broken platform would send."""

import json

from demo_lms.state import State


def key_set_body(state: State) -> bytes:
    """What the key-set endpoint sends, as ``state.mischief.key_set`` says."""
    good = state.keys.jwks()
    match state.mischief.key_set:
        case "empty":
            return b"{}"
        case "no-keys":
            return b'{"keys": []}'
        case "list":
            return b"[]"
        case "not-json":
            return b"<!doctype html><title>Maintenance</title>"
        case "malformed-key":
            return json.dumps({"keys": [dict(k, n="***", e=7) for k in good["keys"]]}).encode()
        case "huge":
            return json.dumps({"padding": "x" * 64_000_000, **good}).encode()
        case _:
            return json.dumps(good).encode()
