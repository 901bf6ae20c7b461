"""Signed links of mails and feeds: each is for one person and one purpose.

Most are for one discussion; those of digests and of addresses are not.

The signature includes a key of the person's row: a new key makes all earlier links invalid.
"""

import base64
import binascii
import hmac
import secrets
import struct
from dataclasses import dataclass
from typing import Literal

DigestKind = Literal["daily", "weekly"]
Purpose = Literal["mail", "feed", "address", "daily", "weekly"]

_CODES: dict[Purpose, bytes] = {
    "mail": b"m",
    "feed": b"f",
    "address": b"a",
    "daily": b"d",
    "weekly": b"w",
}
_PURPOSES = {code: purpose for purpose, code in _CODES.items()}
_HEAD = struct.Struct(">cII")
_SIGNATURE = 16
_LENGTH = 34
"""Characters of a token."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says. ``discussion_id`` is 0 where the purpose concerns none."""

    purpose: Purpose
    user_id: int
    discussion_id: int


def new_key() -> str:
    """Return a new key for a person's row."""
    return secrets.token_urlsafe(18)


def token_of(secret_key: str, link: Link, key: str) -> str:
    """Return the token of a link; ``key`` is that of the person's row."""
    head = _HEAD.pack(_CODES[link.purpose], link.user_id, link.discussion_id)
    return base64.urlsafe_b64encode(head + _signature(secret_key, head, key)).decode().rstrip("=")


def read_token(token: str) -> Link | None:
    """Return what a token says, without checking its signature."""
    raw = _decoded(token)
    if raw is None:
        return None
    code, user_id, discussion_id = _HEAD.unpack(raw[: _HEAD.size])
    purpose = _PURPOSES.get(code)
    if purpose is None or max(user_id, discussion_id) >= 2**31:
        return None
    return Link(purpose, user_id, discussion_id)


def is_signed(secret_key: str, token: str, key: str) -> bool:
    """Whether the token was made with this key."""
    raw = _decoded(token)
    if raw is None:
        return False
    head, given = raw[: _HEAD.size], raw[_HEAD.size :]
    return hmac.compare_digest(given, _signature(secret_key, head, key))


def _decoded(token: str) -> bytes | None:
    if len(token) != _LENGTH or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token + "==", altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return raw if len(raw) == _HEAD.size + _SIGNATURE else None


def _signature(secret_key: str, head: bytes, key: str) -> bytes:
    message = b"notice link\n" + head + b"\n" + key.encode()
    return hmac.digest(secret_key.encode(), message, "sha256")[:_SIGNATURE]
