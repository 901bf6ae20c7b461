"""Resolve the links in a module's Markdown: to other sites, to anchors on the page, to files.

Links are relative to the file that contains them (``../media/map.png``, ``videos.md#explainer``);
``media/map.png`` refers to the module's media folder from every file.
"""

import posixpath
import re
from dataclasses import dataclass
from typing import Literal

SCHEMES = ("https", "http", "mailto", "tel")
MEDIA = "media/"

# One letter is a drive of Windows: C:\\a.png.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_DRIVE = re.compile(r"[A-Za-z]:")

Kind = Literal["site", "place", "file", "unsupported", "outside"]


@dataclass(frozen=True, slots=True)
class Link:
    """The target of a link.

    ``value`` is the URL of a ``site``, the id of a ``place`` on the page ("" for its top), the path
    of a ``file`` relative to the module's folder, or else the URL as it is written.
    """

    kind: Kind
    value: str


def resolve(file: str, url: str) -> Link:
    """Resolve ``url``, written in ``file`` (a path relative to the module's folder)."""
    scheme = _SCHEME.match(url)
    if scheme:
        supported = scheme[1].lower() in SCHEMES
        return Link("site" if supported else "unsupported", url)
    if url.startswith("//"):
        return Link("unsupported", url)
    if url.startswith("#"):
        return Link("place", url[1:])
    path, _, place = url.partition("#")
    path = path.partition("?")[0]
    if _DRIVE.match(path) or path.startswith("/") or "\\" in path or "\0" in path:
        return Link("outside", url)
    whole = _from_module(file, path)
    if whole is None:
        return Link("outside", url)
    if whole.endswith(".md") and whole.count("/") == 1:
        return Link("place", place or posixpath.basename(whole).removesuffix(".md"))
    return Link("file", whole)


def is_other_language(file: str, url: str) -> bool:
    """Tell whether ``url`` is the path of a text in the folder of another language."""
    path = url.partition("#")[0].partition("?")[0]
    whole = _from_module(file, path) if path.endswith(".md") else None
    return whole is not None and posixpath.dirname(whole) != posixpath.dirname(file)


def _from_module(file: str, path: str) -> str | None:
    start = "" if path.startswith(MEDIA) else posixpath.dirname(file)
    whole = posixpath.normpath(posixpath.join(start, path))
    return None if whole == ".." or whole.startswith("../") else whole
