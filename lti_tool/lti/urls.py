"""Addresses: which are ours, what their origin is, how a query is joined to them."""

import re
from functools import lru_cache
from urllib.parse import SplitResult, urlencode, urlsplit, urlunsplit

URL_LIMIT = 2000
"""Characters; as many as the tables hold."""
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+", re.ASCII)
"""A name, as DNS has it (other scripts as ``xn--``), or an IP address."""


def split(url: str) -> SplitResult | None:
    """The parts of an absolute http(s) address, or None where it is anything else.

    Refused besides: white space and controls, backslashes, a user name in the address, a port
    that is none, a host that is none. Browsers repair such addresses, each in its own way; and an
    origin is written into headers, where ``;`` would begin something new.
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
    """``https://host[:port]`` in lower case, without a default port; None for no web address."""
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
    """The host of an address, for messages; empty where there is none."""
    parts = split(url)
    return (parts.hostname or "") if parts else ""


@lru_cache(maxsize=512)
def is_ours(url: str, public_url: str) -> bool:
    """Whether an address lies below the tool's own public address (origin and path)."""
    parts, own = split(url), split(public_url)
    if parts is None or own is None or _origin(parts) != _origin(own):
        return False
    base = own.path.rstrip("/")
    if "/../" in f"{parts.path}/" or "/./" in f"{parts.path}/":
        return False
    return parts.path == base or parts.path.startswith(f"{base}/")


def with_query(url: str, parameters: dict[str, str]) -> str:
    """The address with parameters added to the query that it may already have."""
    scheme, netloc, path, query, fragment = urlsplit(url)
    added = urlencode(parameters)
    return urlunsplit((scheme, netloc, path, f"{query}&{added}" if query else added, fragment))


def with_path_added(url: str, segment: str) -> str:
    """The address with a segment added to its path, before the query (Moodle's have one)."""
    scheme, netloc, path, query, fragment = urlsplit(url)
    return urlunsplit((scheme, netloc, f"{path.rstrip('/')}/{segment}", query, fragment))


def without_query(url: str) -> str:
    """The address without its query, for messages: a query may hold what is nobody's business."""
    parts = split(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if parts else ""
