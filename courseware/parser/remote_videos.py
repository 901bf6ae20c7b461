"""Videos of YouTube, Vimeo and PeerTube: from the URL that people copy to those a page needs.

Embed URLs are always constructed here from the parts of a recognized URL; an author's URL is never
used as the URL of a frame.
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, parse_qs, urlsplit

Provider = Literal["youtube", "vimeo", "peertube"]

_YOUTUBE_HOSTS = frozenset(("youtube.com", "youtu.be", "youtube-nocookie.com"))
_VIMEO_HOSTS = frozenset(("vimeo.com", "player.vimeo.com"))
_PREFIXES = ("www.", "m.", "music.")
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_YOUTUBE_PATH = re.compile(r"/(?:embed|shorts|live|v|e)/([A-Za-z0-9_-]{11})/?")
_VIMEO_PATH = re.compile(
    r"/(?:video/|channels/[\w-]+/|groups/[\w-]+/videos/|(?:showcase|album)/[\w-]+/video/)?"
    r"([0-9]{1,20})(?:/([0-9a-f]{6,20}))?/?"
)
_PEERTUBE_ID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[1-9A-HJ-NP-Za-km-z]{22})"
_PEERTUBE_PATH = re.compile(rf"/(?:w|videos/watch|videos/embed)/{_PEERTUBE_ID}/?")
_TIME = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s?)?|(\d{1,3}):(\d\d)(?::(\d\d))?")
_MANY = re.compile(
    r"/(?:playlist|results|feed|channel|c|user|hashtag|@[^/]*|channels|groups|showcase|album"
    r"|ondemand|categories)(?:/.*)?"
)
_PEERTUBE_MANY = re.compile(r"/(?:w/p|videos/watch/playlist|c|a|video-channels|accounts)/[^.]*")
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")

EXAMPLES = "https://www.youtube.com/watch?v=…, https://vimeo.com/… or https://<a PeerTube site>/w/…"


@dataclass(frozen=True, slots=True)
class RemoteVideo:
    """A video of a provider, which is contacted only when the reader starts the video.

    ``ignored`` is what the author's URL says of the time and cannot be used: an unreadable start,
    or an end.
    """

    provider: Provider
    name: str
    embed: str
    watch: str
    ignored: str = ""


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
    short = next((host.removeprefix(one) for one in _PREFIXES if host.startswith(one)), host)
    if short in _YOUTUBE_HOSTS:
        return _youtube(parts, short)
    if short in _VIMEO_HOSTS:
        return _vimeo(parts)
    return _peertube(parts, host)


def why_not(url: str) -> str:
    """Return why :func:`recognize` does not accept a URL, as the end of a sentence."""
    parts = split(url)
    if parts is None:
        return "is not written correctly"
    if parts.scheme != "https" or not parts.hostname:
        return "does not begin with https://"
    host = parts.hostname.lower()
    known = any(host == one or host.endswith(f".{one}") for one in _YOUTUBE_HOSTS | _VIMEO_HOSTS)
    many = _MANY if known else _PEERTUBE_MANY
    if many.fullmatch(parts.path) or (known and parts.path in ("", "/")):
        return "leads to a list, a channel or a page of many videos, not to one video"
    if known:
        return "has no complete name (id) of a video"
    return "is not that of a video that can be shown"


def _youtube(parts: SplitResult, host: str) -> RemoteVideo | None:
    path = _YOUTUBE_PATH.fullmatch(parts.path)
    query = parse_qs(parts.query)
    if path:
        video = path[1]
    elif host == "youtu.be":
        video = parts.path.strip("/")
    else:
        video = query.get("v", [""])[0] if parts.path.rstrip("/") == "/watch" else ""
    if not _YOUTUBE_ID.fullmatch(video):
        return None
    start, ignored = _times(parts)
    return RemoteVideo(
        provider="youtube",
        name="YouTube",
        embed=f"https://www.youtube-nocookie.com/embed/{video}"
        + (f"?start={start}" if start else ""),
        watch=f"https://www.youtube.com/watch?v={video}" + (f"&t={start}s" if start else ""),
        ignored=ignored,
    )


def _vimeo(parts: SplitResult) -> RemoteVideo | None:
    path = _VIMEO_PATH.fullmatch(parts.path)
    if path is None:
        return None
    secret = path[2] or next(iter(parse_qs(parts.query).get("h", [])), "")
    if secret and not re.fullmatch(r"[0-9a-f]{6,20}", secret):
        return None
    start, ignored = _times(parts)
    at = f"#t={start}s" if start else ""
    return RemoteVideo(
        provider="vimeo",
        name="Vimeo",
        embed=f"https://player.vimeo.com/video/{path[1]}?dnt=1"
        + (f"&h={secret}" if secret else "")
        + at,
        watch=f"https://vimeo.com/{path[1]}" + (f"/{secret}" if secret else "") + at,
        ignored=ignored,
    )


def _peertube(parts: SplitResult, host: str) -> RemoteVideo | None:
    path = _PEERTUBE_PATH.fullmatch(parts.path)
    if path is None or not _HOST.fullmatch(host):
        return None
    site = f"https://{host}" + (f":{parts.port}" if parts.port else "")
    start, ignored = _times(parts)
    at = f"?start={start}s" if start else ""
    return RemoteVideo(
        provider="peertube",
        name=f"PeerTube ({host})",
        embed=f"{site}/videos/embed/{path[1]}{at}",
        watch=f"{site}/w/{path[1]}{at}",
        ignored=ignored,
    )


def _times(parts: SplitResult) -> tuple[int, str]:
    """Return the second at which a video starts, and what cannot be used of its times."""
    given = parse_qs(parts.query) | parse_qs(parts.fragment)
    start = 0
    ignored = [f"{key}={given[key][0]}" for key in ("end", "stop") if key in given]
    for key in ("t", "start", "time_continue"):
        if key in given:
            seconds = _seconds(given[key][0])
            if seconds is None:
                ignored.append(f"{key}={given[key][0]}")
            start = start or seconds or 0
    return start, ", ".join(ignored)


def _seconds(text: str) -> int | None:
    """Return the seconds of ``90``, ``90s``, ``1m30s``, ``1h2m3s``, ``1:30``; None for others."""
    match = _TIME.fullmatch(text.strip().lower())
    if match is None or not text.strip():
        return None
    hours, minutes, seconds, first, second, third = (int(group or 0) for group in match.groups())
    if match[6]:
        return first * 3600 + second * 60 + third
    if match[4]:
        return first * 60 + second
    return hours * 3600 + minutes * 60 + seconds
