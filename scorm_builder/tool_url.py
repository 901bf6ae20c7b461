"""Check the URL of a live tool before it is written into packages.

A package is used for years by people who cannot change it. So the URL must be absolute (RFC 3986,
4.3), contain only characters that need no interpretation, and carry no password.
"""

import re
from urllib.parse import urlsplit

MAX_LENGTH = 1000
_FORBIDDEN = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\.?|[0-9a-f:.]+")


def normalised(url: str) -> str:
    """Return the URL without slashes at its end.

    Raises ValueError, with a message for people, if it cannot be used.
    """
    problem = _problem(url)
    if problem:
        shown = "".join(char if char.isprintable() else "�" for char in url[:100])
        raise ValueError(f"'{shown}' is not the address of a tool: {problem}.")
    scheme, _, rest = url.partition("://")
    return f"{scheme.lower()}://{rest.rstrip('/')}"


def _problem(url: str) -> str:
    if len(url) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} characters"
    if _FORBIDDEN.search(url):
        return "it has a character that no address has: copy it from the browser"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port_is_valid = parts.port != 0  # reading the port raises ValueError if it is no number
    except ValueError:
        host, port_is_valid = "", False
    if not url.lower().startswith(("https://", "http://")):
        return "it starts with https://"
    if not port_is_valid or not _HOST.fullmatch(host):
        return "it names a computer, as https://minga.example.org does"
    if "@" in parts.netloc:
        return "a package must hold no name and no password"
    if "#" in url or "?" in url:
        return "it ends before any ? or #"
    return ""
