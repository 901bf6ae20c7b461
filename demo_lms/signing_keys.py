"""The platform's signing keys, with rotation.

One key signs; the previous and the next key are published too. Tools must select by ``kid``, and
fetch the key set again for an unknown one (RFC 7517 §4.5, 1EdTech Security Framework 1.0 §6.3).
"""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key


@dataclass(frozen=True, slots=True)
class Key:
    """An RSA key with its ``kid``."""

    kid: str
    private: RSAPrivateKey

    def public_pem(self) -> bytes:
        """Return the public key as PEM."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def private_pem(self) -> bytes:
        """Return the private key as unencrypted PEM."""
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def jwk(self) -> dict[str, str]:
        """Return the public key as a JSON Web Key (RFC 7518 §6.3.1)."""
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": _unsigned(numbers.n),
            "e": _unsigned(numbers.e),
        }


def _unsigned(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def new_key() -> Key:
    """Generate an RSA-2048 key with a random ``kid``."""
    return Key(secrets.token_hex(8), generate_private_key(public_exponent=65537, key_size=2048))


@dataclass(slots=True)
class KeyRing:
    """Published keys, oldest first. The last but one signs; the last is the next one."""

    keys: list[Key] = field(default_factory=lambda: [new_key(), new_key()])
    changed: Callable[[], None] = lambda: None

    @property
    def signing(self) -> Key:
        """The current signing key."""
        return self.keys[-2]

    def rotate(self, *, drop_old: bool = False, unannounced: bool = False) -> Key:
        """Sign with the next key and publish another one; return the new signing key.

        ``drop_old``: stop publishing all earlier keys. ``unannounced``: sign with a key that was
        not published before.
        """
        if unannounced:
            self.keys[-1] = new_key()
        self.keys.append(new_key())
        if drop_old:
            del self.keys[:-2]
        self.changed()
        return self.signing

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the key set."""
        return {"keys": [key.jwk() for key in self.keys]}


def save(key_ring: KeyRing, folder: Path) -> None:
    """Write each key as ``keys/<order>-<kid>.pem``, readable by the owner only."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = {f"{order:03}-{key.kid}.pem": key for order, key in enumerate(key_ring.keys)}
    for name, key in files.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(key.private_pem())
    for path in folder.glob("*.pem"):
        if path.name not in files:
            path.unlink()


def load(folder: Path) -> KeyRing | None:
    """Load the stored keys; None if there are none."""
    keys = []
    for path in sorted(folder.glob("*.pem")):
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if isinstance(private, RSAPrivateKey):
            keys.append(Key(path.stem.partition("-")[2], private))
    return KeyRing(keys) if len(keys) > 1 else None
