"""Keys derived from the tool's secret key; encryption of what the database holds (Fernet)."""

import base64
import hashlib

from cryptography.fernet import Fernet


def fernet(secret_key: str, purpose: str) -> Fernet:
    """The cipher for one purpose: what is encrypted for one does not decrypt for another."""
    return Fernet(base64.urlsafe_b64encode(derived_key(secret_key, purpose)))


def derived_key(secret_key: str, purpose: str) -> bytes:
    """Return the key of 32 bytes for one purpose."""
    return hashlib.sha256(f"minga {purpose}\x00{secret_key}".encode()).digest()
