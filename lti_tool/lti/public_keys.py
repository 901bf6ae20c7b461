"""Parse a platform's key set (JWKS, RFC 7517) into its usable public keys.

A usable key is an RSA signature key of 2048 bits or more with a ``kid`` (LTI Security Framework 1.0
§6.3). Other keys, and malformed ones, are skipped. A key set without a usable key is refused.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from lti_tool.lti.jws import ALGORITHM
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.sanitize import is_identifier

MIN_KEY_BITS, MAX_KEY_BITS = 2048, 8192
"""Bits. Larger keys cost time without a gain."""
MAX_KEYS = 100
"""Keys of a set that are read; the rest is ignored."""


@dataclass(frozen=True, slots=True)
class PlatformKeys:
    """The usable keys of a key set, by key id (``kid``)."""

    by_id: Mapping[str, RSAPublicKey]


def parse_jwks(raw: str | bytes) -> PlatformKeys:
    """Parse a key set. Raises Refused(PLATFORM_KEYS_BAD)."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Refused(Code.PLATFORM_KEYS_BAD) from error
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise Refused(Code.PLATFORM_KEYS_BAD)
    found: dict[str, RSAPublicKey] = {}
    for entry in entries[:MAX_KEYS]:
        if isinstance(entry, dict) and _is_for_signatures(entry):
            key = _rsa_key(entry)
            if key is not None:
                found.setdefault(entry["kid"], key)
    if not found:
        raise Refused(Code.PLATFORM_KEYS_BAD)
    return PlatformKeys(MappingProxyType(found))


def _is_for_signatures(entry: dict[str, Any]) -> bool:
    key_id, operations = entry.get("kid"), entry.get("key_ops")
    return (
        entry.get("kty") == "RSA"
        and isinstance(key_id, str)
        and is_identifier(key_id)
        and entry.get("use") in (None, "sig")
        and entry.get("alg") in (None, ALGORITHM)
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
    )


def _rsa_key(entry: dict[str, Any]) -> RSAPublicKey | None:
    try:
        modulus, exponent = _number(entry["n"]), _number(entry["e"])
        if not MIN_KEY_BITS <= modulus.bit_length() <= MAX_KEY_BITS:
            return None
        return RSAPublicNumbers(exponent, modulus).public_key()
    except (KeyError, TypeError, ValueError):
        return None


def _number(value: object) -> int:
    if not isinstance(value, str) or len(value) > 2 * MAX_KEY_BITS // 8:
        raise ValueError("not a number of a key")
    padded = value.rstrip("=")
    return int.from_bytes(urlsafe_b64decode(padded + "=" * (-len(padded) % 4)))
