"""The tool's own signing keys: creation, publication, signing and rotation.

The tool signs deep-linking responses and the assertions that are exchanged for access tokens (LTI
Security Framework 1.0 §4.1.1, §5.2, §6). Platforms fetch the public keys and cache them, so a key
is published before it signs, and stays published after it has stopped:

    created ──(PUBLISHED_AHEAD)──▶ signs ──▶ the next one signs ──(PUBLISHED_AFTER)──▶ removed

The very first key signs at once: no platform has cached anything yet. Where the keys are stored is
up to a :class:`KeyStorage`.
"""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Protocol

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from lti_tool.lti.jws import ALGORITHM

KEY_BITS = 2048
PUBLISHED_AHEAD = 24 * 3600
"""Seconds that a new key is published before it signs: longer than platforms cache a key set."""
PUBLISHED_AFTER = 24 * 3600
"""Seconds that a replaced key stays published: longer than the lifetime of what it signed."""


@dataclass(frozen=True, slots=True)
class KeyTimes:
    """A key's times in seconds since 1970. ``gone_from``, the end of its publication, is None
    until it is replaced."""

    kid: str
    created_at: int
    signs_from: int
    gone_from: int | None = None

    def is_published(self, now: float) -> bool:
        """Whether the key belongs to the published key set."""
        return self.gone_from is None or now < self.gone_from


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key with its private part (PEM, PKCS #8, not encrypted)."""

    times: KeyTimes
    pem: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """What remains of the keys, and the one to add. The others are deleted."""

    kept: tuple[KeyTimes, ...]
    made: NewKey | None = None


Rule = Callable[[tuple[KeyTimes, ...]], Change]


class KeyStorage(Protocol):
    """Where the keys are stored, for all processes of the tool."""

    def load(self) -> tuple[KeyTimes, ...]:
        """The keys that are stored, oldest first."""

    def private_key(self, kid: str) -> bytes:
        """The private part of a stored key, as in :class:`NewKey`."""

    def change(self, rule: Rule) -> tuple[KeyTimes, ...]:
        """Apply a rule to the stored keys, one caller at a time; return what is stored then."""


class SigningKeys:
    """The keys of a storage. Thread-safe; sees what another process has changed."""

    def __init__(self, storage: KeyStorage) -> None:
        self._storage = storage
        self._private: dict[str, RSAPrivateKey] = {}

    def listed(self) -> tuple[KeyTimes, ...]:
        """Every key that is stored, oldest first; the first one is made here if there is none."""
        stored = self._storage.load()
        if stored:
            return stored
        moment = int(time.time())
        made = _make(created_at=moment, signs_from=moment)
        return self._storage.change(lambda now: Change(now, None if now else made))

    def jwks(self, now: float | None = None) -> dict[str, list[dict[str, str]]]:
        """The public key set (RFC 7517) to publish now."""
        moment = time.time() if now is None else now
        published = [key for key in self.listed() if key.is_published(moment)]
        return {"keys": [_public_jwk(key.kid, self._key(key.kid)) for key in published]}

    def sign(
        self,
        claims: Mapping[str, Any],
        *,
        now: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Sign claims with the current key; return a compact RS256 token (RFC 7515)."""
        moment = time.time() if now is None else now
        kid = _signing(self.listed(), moment).kid
        token = jwt.encode(
            dict(claims),
            self._key(kid),
            algorithm=ALGORITHM,
            headers={**(headers or {}), "kid": kid},
        )
        return str(token)

    def rotate(self, now: float | None = None, *, at_once: bool = False) -> KeyTimes:
        """Generate a new key; return it. It signs after ``PUBLISHED_AHEAD``.

        ``at_once`` is for a key that has leaked: the new one signs now, the others are removed.
        """
        moment = int(time.time() if now is None else now)
        self.listed()
        made = _make(moment, moment if at_once else moment + PUBLISHED_AHEAD)

        def rule(stored: tuple[KeyTimes, ...]) -> Change:
            return Change(() if at_once else _replaced(stored, made.times, moment), made)

        stored = self._storage.change(rule)
        kids = {key.kid for key in stored}
        self._private = {kid: key for kid, key in self._private.items() if kid in kids}
        return made.times

    def _key(self, kid: str) -> RSAPrivateKey:
        key = self._private.get(kid)
        if key is None:
            read = serialization.load_pem_private_key(self._storage.private_key(kid), None)
            if not isinstance(read, RSAPrivateKey):
                raise TypeError(f"the key {kid} is not an RSA key")
            key = self._private[kid] = read
        return key


def _make(created_at: int, signs_from: int) -> NewKey:
    key = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return NewKey(KeyTimes(_thumbprint(key), created_at, signs_from), pem)


def _replaced(stored: tuple[KeyTimes, ...], made: KeyTimes, now: float) -> tuple[KeyTimes, ...]:
    """The stored keys that are still published, each with the time when it will be gone."""
    gone_from = made.signs_from + PUBLISHED_AFTER
    return tuple(
        key
        if key.gone_from is not None and key.gone_from <= gone_from
        else replace(key, gone_from=gone_from)
        for key in stored
        if key.is_published(now)
    )


def _signing(times: tuple[KeyTimes, ...], now: float) -> KeyTimes:
    """The newest key whose ``signs_from`` has passed."""
    ready = [key for key in times if key.signs_from <= now and key.is_published(now)]
    return max(ready or times, key=lambda key: key.signs_from)


def _public_jwk(kid: str, key: RSAPrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": ALGORITHM,
        "kid": kid,
        "n": _number(numbers.n),
        "e": _number(numbers.e),
    }


def _thumbprint(key: RSAPrivateKey) -> str:
    """The key's JWK thumbprint (RFC 7638)."""
    numbers = key.public_key().public_numbers()
    members = {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True).encode()
    return _base64(sha256(canonical).digest())


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8))


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
