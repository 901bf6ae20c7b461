"""Videos of YouTube, Vimeo and PeerTube: from the URL that people copy to those a page needs.

Embed URLs are always constructed here from the parts of a recognized URL; an author's URL is never
used as the URL of a frame.
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, parse_qs, urlsplit

Provider = Literal["youtube", "vimeo", "peertube"]

_YOUTUBE_HOSTS = frozenset(
    ("youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be", "www.youtube-nocookie.com")
)
_VIMEO_HOSTS = frozenset(("vimeo.com", "www.vimeo.com", "player.vimeo.com"))
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_YOUTUBE_PATH = re.compile(r"/(?:embed|shorts|live|v)/([A-Za-z0-9_-]{11})/?")
_VIMEO_PATH = re.compile(r"/(?:video/|channels/[\w-]+/)?([0-9]{1,20})(?:/([0-9a-f]{6,20}))?/?")
_PEERTUBE_ID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[1-9A-HJ-NP-Za-km-z]{22})"
_PEERTUBE_PATH = re.compile(rf"/(?:w|videos/watch|videos/embed)/{_PEERTUBE_ID}/?")
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")

EXAMPLES = "https://www.youtube.com/watch?v=…, https://vimeo.com/… or https://<a PeerTube site>/w/…"


@dataclass(frozen=True, slots=True)
class RemoteVideo:
    """A video of a provider, which is contacted only when the reader starts the video."""

    provider: Provider
    name: str
    embed: str
    watch: str


def split(url: str) -> SplitResult | None:
    """Split a URL; None if it is not valid."""
    try:
        parts = urlsplit(url)
        # An invalid port raises ValueError when it is read.
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def is_web_url(url: str) -> bool:
    """Tell whether ``url`` is an absolute http(s) URL without credentials, spaces and quotes."""
    parts = split(url)
    return (
        parts is not None
        and parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and parts.username is None
        and re.search(r"[\s<>\"\\\x00-\x20\x7f]", url) is None
    )


def recognize(url: str) -> RemoteVideo | None:
    """Return the video of a URL, or None if it is not one of a known provider."""
    parts = split(url)
    if parts is None or parts.scheme != "https" or parts.username is not None:
        return None
    host = (parts.hostname or "").lower()
    if host in _YOUTUBE_HOSTS:
        return _youtube(parts, host)
    if host in _VIMEO_HOSTS:
        return _vimeo(parts)
    return _peertube(parts, host)


def _youtube(parts: SplitResult, host: str) -> RemoteVideo | None:
    path = _YOUTUBE_PATH.fullmatch(parts.path)
    if path:
        video = path[1]
    elif host == "youtu.be":
        video = parts.path.strip("/")
    else:
        video = parse_qs(parts.query).get("v", [""])[0] if parts.path == "/watch" else ""
    if not _YOUTUBE_ID.fullmatch(video):
        return None
    return RemoteVideo(
        provider="youtube",
        name="YouTube",
        embed=f"https://www.youtube-nocookie.com/embed/{video}",
        watch=f"https://www.youtube.com/watch?v={video}",
    )


def _vimeo(parts: SplitResult) -> RemoteVideo | None:
    path = _VIMEO_PATH.fullmatch(parts.path)
    if path is None:
        return None
    secret = path[2] or next(iter(parse_qs(parts.query).get("h", [])), "")
    if secret and not re.fullmatch(r"[0-9a-f]{6,20}", secret):
        return None
    return RemoteVideo(
        provider="vimeo",
        name="Vimeo",
        embed=f"https://player.vimeo.com/video/{path[1]}?dnt=1"
        + (f"&h={secret}" if secret else ""),
        watch=f"https://vimeo.com/{path[1]}" + (f"/{secret}" if secret else ""),
    )


def _peertube(parts: SplitResult, host: str) -> RemoteVideo | None:
    path = _PEERTUBE_PATH.fullmatch(parts.path)
    if path is None or not _HOST.fullmatch(host):
        return None
    site = f"https://{host}" + (f":{parts.port}" if parts.port else "")
    return RemoteVideo(
        provider="peertube",
        name=f"PeerTube ({host})",
        embed=f"{site}/videos/embed/{path[1]}",
        watch=f"{site}/w/{path[1]}",
    )
