"""The response of the key-set endpoint, valid or with an injected fault."""

import json

from demo_lms.state import PlatformState


def key_set_body(state: PlatformState) -> bytes:
    """Return the body for ``state.faults.key_set``."""
    valid = state.keys.jwks()
    match state.faults.key_set:
        case "empty":
            return b"{}"
        case "no-keys":
            return b'{"keys": []}'
        case "list":
            return b"[]"
        case "not-json":
            return b"<!doctype html><title>Maintenance</title>"
        case "malformed-key":
            return json.dumps({"keys": [dict(k, n="***", e=7) for k in valid["keys"]]}).encode()
        case "huge":
            return json.dumps({"padding": "x" * 64_000_000, **valid}).encode()
        case _:
            return json.dumps(valid).encode()
