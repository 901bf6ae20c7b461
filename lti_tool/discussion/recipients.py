"""The recipient of a mail, in the lasting URLs of posts that the mail contains.

The value is for one person, one post and one purpose: the person's next launch of the activity may
open that post. It gives no right, so it opens nothing when a mail is forwarded. It is encrypted,
because people copy such URLs into discussions where their names are not shown, and it expires.
"""

import base64
import binascii
import struct
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from lti_tool.discussion.permalinks import PostReference
from lti_tool.storage.encryption import derived_key

FIELD = "r"
"""The name of the value in a URL's query and in a form."""
DAYS = 90
"""How long a value is valid."""
_CONTENT = struct.Struct(">IH")
"""User id, and the last valid day as days since 1970."""
_LENGTH = 30
"""Characters of a value."""
_DAY_SECONDS = 86_400


def recipient_value(
    secret_key: str, reference: PostReference, user_id: int, moment: datetime
) -> str:
    """Return the value for a mail that is sent at ``moment``."""
    content = _CONTENT.pack(user_id, _day(moment) + DAYS)
    sealed = _cipher(secret_key).encrypt(content, _context(reference))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read_recipient(
    secret_key: str, reference: PostReference, value: str, moment: datetime
) -> int | None:
    """Return the user id of the recipient; None for a value that is not valid, or not any more."""
    if len(value) != _LENGTH or not value.isascii():
        return None
    try:
        sealed = base64.b64decode(value + "==", altchars=b"-_", validate=True)
        content = _cipher(secret_key).decrypt(sealed, _context(reference))
    except (ValueError, binascii.Error, InvalidTag):
        return None
    user_id, last_day = _CONTENT.unpack(content)
    return user_id if _day(moment) <= last_day else None


def _day(moment: datetime) -> int:
    return int(moment.timestamp()) // _DAY_SECONDS


def _context(reference: PostReference) -> list[bytes]:
    return [f"{reference.discussion_id} {reference.post_id}".encode()]


def _cipher(secret_key: str) -> AESSIV:
    # Deterministic (RFC 5297): a mail that is sent again is the same.
    return AESSIV(derived_key(secret_key, "recipient of a post link"))
