"""The address of a live tool, as a person gives it: looked at before it is written into packages.

A package carries it for years, to people who cannot mend it: so it is whole (RFC 3986, 4.3), spells
out what it leads to, and holds nobody's password.
"""

import re
from urllib.parse import urlsplit

LONGEST = 1000
_NOT_IN_ADDRESSES = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\.?|[0-9a-f:.]+")


def checked(text: str) -> str:
    """Return the address with no slash at its end; ValueError says to a person what is wrong."""
    wrong = _what_is_wrong(text)
    if wrong:
        shown = "".join(mark if mark.isprintable() else "�" for mark in text[:100])
        raise ValueError(f"'{shown}' is not the address of a tool: {wrong}.")
    scheme, _, rest = text.partition("://")
    return f"{scheme.lower()}://{rest.rstrip('/')}"


def _what_is_wrong(text: str) -> str:
    if len(text) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    if _NOT_IN_ADDRESSES.search(text):
        return "it has a character that no address has: copy it from the browser"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        port_is_good = parts.port != 0  # asking for it is what finds out that it is none
    except ValueError:
        host, port_is_good = "", False
    if not text.lower().startswith(("https://", "http://")):
        return "it starts with https://"
    if not port_is_good or not _HOST.fullmatch(host):
        return "it names a computer, as https://minga.example.org does"
    if "@" in parts.netloc:
        return "a package must hold no name and no password"
    if "#" in text or "?" in text:
        return "it ends before any ? or #"
    return ""
