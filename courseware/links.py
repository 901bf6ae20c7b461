"""What a link in a module's Markdown points at: another site, a place on the page, or a file.

Authors link as Markdown does, from the file they are in (``../media/map.png``,
``videos.md#explainer``); ``media/map.png`` means the module's own media folder from everywhere.
"""

import posixpath
import re
from typing import Literal, NamedTuple

SCHEMES = ("https", "http", "mailto", "tel")
MEDIA = "media/"

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")

Kind = Literal["site", "place", "file", "unsupported", "outside"]


class Link(NamedTuple):
    """Where a link leads.

    ``value`` is the whole address of a ``site``, the id of a ``place`` on the page (empty for its
    top), the path of a ``file`` from the module's folder, or else the address as it was written.
    """

    kind: Kind
    value: str


def resolve(file: str, address: str) -> Link:
    """Tell what ``address``, written in ``file`` (a path from the module's folder), points at."""
    scheme = _SCHEME.match(address)
    if scheme:
        known = scheme[1].lower() in SCHEMES
        return Link("site" if known else "unsupported", address)
    if address.startswith("//"):
        return Link("unsupported", address)
    if address.startswith("#"):
        return Link("place", address[1:])
    path, _, place = address.partition("#")
    path = path.partition("?")[0]
    if path.startswith("/") or "\\" in path or "\0" in path:
        return Link("outside", address)
    whole = _from_module(file, path)
    if whole is None:
        return Link("outside", address)
    if whole.endswith(".md") and whole.count("/") == 1:
        return Link("place", place or posixpath.basename(whole).removesuffix(".md"))
    return Link("file", whole)


def _from_module(file: str, path: str) -> str | None:
    start = "" if path.startswith(MEDIA) else posixpath.dirname(file)
    whole = posixpath.normpath(posixpath.join(start, path))
    return None if whole == ".." or whole.startswith("../") else whole
