"""RSA keys from a small pool, because generating one is slow, and so is checking one that is read.

A key comes back after ``POOL`` others of its size: keys that one test compares are different.
All processes of a run, and later runs, take the same keys from files.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

POOL = 12
FOLDER = Path(__file__).parents[2] / ".cache" / "rsa_keys"

_calls = count()
_read = serialization.load_pem_private_key


@cache
def _key(number: int, key_size: int) -> rsa.RSAPrivateKey:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{key_size}-{number}.pem").open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        if pem := file.read():
            key = _read(pem, None, unsafe_skip_rsa_key_validation=True)
            assert isinstance(key, rsa.RSAPrivateKey)
            return key
        key = rsa.generate_private_key(65537, key_size)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file.write(pem)
        return key


def generate_private_key(public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
    """Return the next key; the same arguments as the function of the same name."""
    return _key(next(_calls) % POOL, key_size)


@contextmanager
def used_by(*modules: object) -> Iterator[None]:
    """Let modules that generate RSA keys take them from the pool; read each PEM once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serialization, "load_pem_private_key", cache(_read))
        for module in modules:
            patch.setattr(module, "generate_private_key", generate_private_key)
        yield
