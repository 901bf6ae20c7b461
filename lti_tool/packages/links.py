"""Download URLs of packages for platforms, which have no session: signed, and valid for a day.

A platform downloads a file soon after an instructor has selected it (Deep Linking 2.0 §3.1.4).
"""

import base64
import hmac
from datetime import UTC, datetime, timedelta

LIFETIME = timedelta(days=1)
_SIGNATURE = 16


def token_of(secret_key: str, package_id: int, expires_at: datetime) -> str:
    """Return the token that opens a package until a time, to the second."""
    seconds = int(expires_at.timestamp())
    return f"{package_id}-{seconds}-{_signature(secret_key, package_id, seconds)}"


def read_token(secret_key: str, token: str, now: datetime) -> int | None:
    """Return the ID of the package that a token opens; None if it is not valid or expired."""
    parts = token.split("-", 2)
    if len(parts) != 3 or not all(_is_number(each) for each in parts[:2]):
        return None
    package_id, seconds = int(parts[0]), int(parts[1])
    valid = _signature(secret_key, package_id, seconds)
    if not hmac.compare_digest(parts[2].encode("utf-8", "replace"), valid.encode()):
        return None
    return package_id if datetime.fromtimestamp(seconds, UTC) > now else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 12


def _signature(secret_key: str, package_id: int, seconds: int) -> str:
    message = f"package download\n{package_id}\n{seconds}".encode()
    digest = hmac.digest(secret_key.encode(), message, "sha256")[:_SIGNATURE]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
