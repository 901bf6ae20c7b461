"""Build the messages that the tool sends.

Header texts come from people: control characters, line separators and the directional controls are
removed and long texts are cut before they reach :class:`email.message.EmailMessage`, which raises
for a line break and would otherwise stop the queue.
"""

import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import urlsplit

from courseware.characters import plain_name, shortened

LONGEST_SUBJECT = 150
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Letter:
    """The content of a mail to one person.

    ``parents`` are the Message-IDs of ``References``, the root of the thread first.
    ``list_id`` and ``list_name`` identify the discussion, or the kind of digest;
    ``unsubscribe_url`` accepts a POST without a cookie (RFC 8058). ``language`` is the language of
    the texts.
    """

    subject: str
    text: str
    html: str
    language: str
    message_id: str
    parents: Sequence[str] = ()
    list_id: str | None = None
    list_name: str = ""
    unsubscribe_url: str | None = None


def make_message(
    letter: Letter, *, sender: Address, sender_name: str, recipient: str, sent_at: datetime
) -> EmailMessage:
    """Return the message. ``sender_name`` is shown before the sender's address."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(header_text(sender_name, LONGEST_NAME), addr_spec=sender.addr_spec)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = header_text(letter.subject, LONGEST_SUBJECT)
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = letter.message_id
    if letter.parents:
        message["In-Reply-To"] = letter.parents[-1]
        message["References"] = " ".join(letter.parents)
    # RFC 3834 §5, and Exchange's own header for out-of-office replies.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Precedence"] = "bulk"
    if letter.list_id is not None:
        name = header_text(letter.list_name, LONGEST_NAME)
        message["List-Id"] = f"{_ascii_phrase(name)}<{letter.list_id}>"
    if letter.unsubscribe_url is not None:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    text_parts(message, letter)
    return message


def text_parts(message: EmailMessage, letter: Letter) -> None:
    """Add the text and the HTML, which say the same."""
    message.set_content(letter.text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = letter.language


def header_text(text: str, most: int) -> str:
    """Return a text on one line, without control characters, cut to ``most`` characters."""
    kept = "".join(
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") else character
        for character in text[: 20 * most]
    )
    return shortened(plain_name(" ".join(kept.split())), most)


def message_id(secret_key: str, public_url: str, *parts: object) -> str:
    """Return a Message-ID that is the same for the same parts, and tells nothing about them."""
    text = "mail\n" + "\n".join(map(str, parts))
    digest = hmac.digest(secret_key.encode(), text.encode(), sha256).hex()[:32]
    return f"<{digest}@{mail_host(public_url)}>"


def mail_host(public_url: str) -> str:
    """Return the host name of the tool, for Message-ID and List-Id."""
    return urlsplit(public_url).hostname or "localhost"


def _ascii_phrase(name: str) -> str:
    """Return the name as a quoted phrase for List-Id; empty if it is not ASCII (RFC 2919 §2)."""
    if not name or not name.isascii():
        return ""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" '
