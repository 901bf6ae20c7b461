"""The tool's signing keys: generation, storage, publication and rotation.

The tool signs deep-linking responses and client assertions (LTI Security Framework 1.0 §4.1.1,
§5.2, §6). Platforms fetch the public keys and cache them, so a key is published before it signs,
and stays published after it was replaced:

    created ──(PUBLISHED_AHEAD)──▶ signs ──▶ the next one signs ──(PUBLISHED_AFTER)──▶ removed

The first key signs at once, because no platform has cached a key set yet. In the folder,
``<kid>.pem`` has a private key (mode 600) and ``keys.json`` the times. Several processes may start
at the same time: a lock file lets one of them write, and the others read its result.
"""

import fcntl
import json
import os
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

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


class SigningKeys:
    """The keys of one folder. Thread-safe; reads again what another process changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index = folder / "keys.json"
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._times: tuple[KeyTimes, ...] = ()
        self._private: dict[str, RSAPrivateKey] = {}

    def listed(self) -> tuple[KeyTimes, ...]:
        """Every stored key, oldest first; generates the first one if there is none."""
        with self._lock:
            if not self._read():
                with self._writing():
                    if not self._read():
                        now = int(time.time())
                        self._write((self._make(created_at=now, signs_from=now),))
            return self._times

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
        with self._lock, self._writing():
            self._read()
            made = self._make(moment, moment if at_once else moment + PUBLISHED_AHEAD)
            gone_from = moment if at_once else made.signs_from + PUBLISHED_AFTER
            kept = [
                key
                if key.gone_from is not None and key.gone_from <= gone_from
                else KeyTimes(key.kid, key.created_at, key.signs_from, gone_from)
                for key in self._times
                if key.is_published(moment)
            ]
            dropped = {key.kid for key in self._times} - {key.kid for key in kept}
            if at_once:
                dropped |= {key.kid for key in kept}
                kept = []
            self._write((*kept, made))
            for kid in dropped:
                self._file(kid).unlink(missing_ok=True)
                self._private.pop(kid, None)
            return made

    def _key(self, kid: str) -> RSAPrivateKey:
        key = self._private.get(kid)
        if key is None:
            read = serialization.load_pem_private_key(self._file(kid).read_bytes(), None)
            if not isinstance(read, RSAPrivateKey):
                raise TypeError(f"{self._file(kid)} holds no RSA key")
            key = self._private[kid] = read
        return key

    def _file(self, kid: str) -> Path:
        return self._folder / f"{kid}.pem"

    def _read(self) -> bool:
        """Read the index if it has changed; return whether it exists."""
        try:
            about = self._index.stat()
        except FileNotFoundError:
            return False
        seen = (about.st_mtime_ns, about.st_ino)
        if seen != self._seen:
            entries = json.loads(self._index.read_bytes())["keys"]
            self._times = tuple(KeyTimes(**entry) for entry in entries)
            self._seen = seen
        return True

    def _make(self, created_at: int, signs_from: int) -> KeyTimes:
        key = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        kid = _thumbprint(key)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write_privately(self._file(kid), pem)
        return KeyTimes(kid, created_at, signs_from)

    def _write(self, times: tuple[KeyTimes, ...]) -> None:
        content = json.dumps({"keys": [asdict(key) for key in times]}, indent=1)
        _write_privately(self._index, content.encode())
        self._read()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "keys.lock").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _signing(times: tuple[KeyTimes, ...], now: float) -> KeyTimes:
    """The newest key whose ``signs_from`` has passed."""
    ready = [key for key in times if key.signs_from <= now and key.is_published(now)]
    return max(ready or times, key=lambda key: key.signs_from)


def _write_privately(path: Path, content: bytes) -> None:
    """Write a file atomically, readable by its owner only."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)


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
