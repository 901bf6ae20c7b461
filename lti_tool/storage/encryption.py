"""Encrypt what the database holds with a key derived from the tool's secret key (Fernet)."""

import base64
import hashlib

from cryptography.fernet import Fernet


def fernet(secret_key: str, purpose: str) -> Fernet:
    """The cipher for one purpose: what is encrypted for one does not decrypt for another."""
    key = hashlib.sha256(f"minga {purpose}\x00{secret_key}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
