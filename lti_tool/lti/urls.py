"""Check, compare and build http(s) URLs."""

import re
from functools import lru_cache
from urllib.parse import SplitResult, urlencode, urlsplit, urlunsplit

URL_LIMIT = 2000
"""Characters; the size of the database columns."""
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+", re.ASCII)
"""A DNS name (other scripts as ``xn--``), or an IP address."""


def split(url: str) -> SplitResult | None:
    """The parts of an absolute http(s) URL, or None for anything else.

    Also None for white space, control characters, backslashes, user information, and an invalid
    port or host. Browsers repair such URLs in different ways, and an origin is written into a
    header, where ``;`` starts a new directive.
    """
    if len(url) > URL_LIMIT or not url.isprintable() or "\\" in url:
        return None
    if " " in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or "@" in parts.netloc:
        return None
    return parts if _HOST.fullmatch(parts.hostname or "") else None


@lru_cache(maxsize=512)
def origin(url: str) -> str | None:
    """``https://host[:port]`` in lower case, without the default port; None for an invalid URL."""
    parts = split(url)
    return None if parts is None else _origin(parts)


def _origin(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    if parts.port is None or parts.port == _PORTS[parts.scheme]:
        return f"{parts.scheme}://{host}"
    return f"{parts.scheme}://{host}:{parts.port}"


def host(url: str) -> str:
    """The host of a URL, for messages; empty for an invalid URL."""
    parts = split(url)
    return (parts.hostname or "") if parts else ""


@lru_cache(maxsize=512)
def is_tool_url(url: str, public_url: str) -> bool:
    """Whether a URL is at or below the tool's public URL (same origin, path prefix)."""
    parts, own = split(url), split(public_url)
    if parts is None or own is None or _origin(parts) != _origin(own):
        return False
    base = own.path.rstrip("/")
    if "/../" in f"{parts.path}/" or "/./" in f"{parts.path}/":
        return False
    return parts.path == base or parts.path.startswith(f"{base}/")


def with_query(url: str, parameters: dict[str, str]) -> str:
    """Append parameters to the query of a URL, which may have one already."""
    scheme, netloc, path, query, fragment = urlsplit(url)
    added = urlencode(parameters)
    return urlunsplit((scheme, netloc, path, f"{query}&{added}" if query else added, fragment))


def with_path_added(url: str, segment: str) -> str:
    """Append a segment to the path of a URL, before its query (AGS 2.0 §3.3, §3.4)."""
    scheme, netloc, path, query, fragment = urlsplit(url)
    return urlunsplit((scheme, netloc, f"{path.rstrip('/')}/{segment}", query, fragment))


def without_query(url: str) -> str:
    """The URL without its query, for messages: a query may hold personal data or tokens."""
    parts = split(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if parts else ""
