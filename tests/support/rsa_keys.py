"""RSA keys from a small pool, because generating one is slow, and so is checking one that is read.

A key comes back after ``POOL`` others of its size: keys that one test compares are different.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

POOL = 12

_calls = count()


@cache
def _key(number: int, key_size: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, key_size)


def generate_private_key(public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
    """Return the next key; the same arguments as the function of the same name."""
    return _key(next(_calls) % POOL, key_size)


@contextmanager
def used_by(*modules: object) -> Iterator[None]:
    """Let modules that generate RSA keys take them from the pool; read each PEM once."""
    with pytest.MonkeyPatch.context() as patch:
        read = serialization.load_pem_private_key
        patch.setattr(serialization, "load_pem_private_key", cache(read))
        for module in modules:
            patch.setattr(module, "generate_private_key", generate_private_key)
        yield
