"""The mail server that ``MINGA_SMTP_URL`` names, and the sender of ``MINGA_MAIL_FROM``."""

from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

Security = Literal["none", "starttls", "tls"]

_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("none", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}
TIMEOUT = 20.0
"""Seconds that the server may take for each answer, unless the URL says otherwise."""
_SHORTEST_TIMEOUT, _LONGEST_TIMEOUT = 0.1, 300.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server. ``timeout`` is in seconds, for each answer."""

    host: str
    port: int
    security: Security
    user: str | None = None
    password: str | None = None
    timeout: float = TIMEOUT


def parse_server(url: str) -> MailServer:
    """Parse ``smtp://``, ``smtp+starttls://`` or ``smtps://user:password@host:port?timeout=20``.

    Raises ValueError; its message does not repeat the URL, which may hold a password.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname or parts.path.strip("/"):
        raise ValueError("not the URL of a mail server")
    security, port = _SCHEMES[parts.scheme]
    timeout = float(parse_qs(parts.query).get("timeout", [str(TIMEOUT)])[0])
    if not _SHORTEST_TIMEOUT <= timeout <= _LONGEST_TIMEOUT:
        raise ValueError("not a timeout")
    return MailServer(
        host=parts.hostname,
        port=parts.port or port,
        security=security,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        timeout=timeout,
    )


def parse_sender(text: str) -> Address:
    """Parse ``name@example.org`` or ``Minga <name@example.org>``. Raises ValueError."""
    name, address = parseaddr(text)
    if not is_address(address):
        raise ValueError("not an e-mail address")
    return Address(name or "Minga", addr_spec=address)


def is_address(address: str) -> bool:
    """Whether mail can be sent to this address: ASCII, one ``@``, at most 254 characters.

    Addresses with other characters in the local part need SMTPUTF8, which few servers have.
    """
    if not address.isascii() or not address.isprintable() or len(address) > 254:
        return False
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or " " in address or "@" in local.replace('"', ""):
        return False
    try:
        return Address(addr_spec=address).domain == domain
    except (ValueError, IndexError, AttributeError, MessageError):
        return False
