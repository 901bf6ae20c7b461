"""Static files: our own style, script and icons, and the modules' media.

A URL holds the beginning of the file's SHA-256, so a browser may cache it for a year: new content
has a new URL. Media need no launch session: only a page leads to them, and they hold no personal
data.
"""

import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, request, send_file

from courseware import places
from courseware.module import Module

blueprint = Blueprint("static", __name__)

_YEAR = 31_536_000
_HASH_LENGTH = 12
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_SERVED_INLINE = ("image/", "video/", "audio/", "text/vtt", "application/pdf")


@dataclass(frozen=True, slots=True)
class _Content:
    """A file as it was read: its bytes, and the digest of exactly these bytes."""

    data: bytes
    digest: str


@lru_cache(maxsize=64)
def _read(path: Path, modified: int, size: int) -> _Content:
    """Read a file again only when its modification time (ns) or size (bytes) has changed."""
    data = path.read_bytes()
    return _Content(data, hashlib.sha256(data).hexdigest()[:_HASH_LENGTH])


def _content(name: str) -> _Content | None:
    """The present content of one of our own files; None for any other name."""
    if name not in _names():
        return None
    path = places.static() / name
    try:
        about = path.stat()
        return _read(path, about.st_mtime_ns, about.st_size)
    except OSError:  # removed since, or being replaced
        return None


@cache
def _names() -> frozenset[str]:
    """The names that may be asked for: no other name reaches the file system."""
    return frozenset(
        each.name
        for each in places.static().iterdir()
        if each.is_file() and not each.name.startswith(".")
    )


@cache
def asset(name: str) -> str:
    """The URL of one of our own files, with the digest of its content."""
    content = _content(name)
    if content is None:
        raise FileNotFoundError(name)
    return f"/static/{content.digest}/{name}"


def media_url(module: Module, path: str, *, absolute_to: str = "") -> str:
    """The URL of a module's file, with the digest of its content."""
    file = module.file(path)
    digest = file.sha256[:_HASH_LENGTH] if file else "0" * _HASH_LENGTH
    return f"{absolute_to}/media/{module.id}/{digest}/{path}"


@blueprint.get("/static/<digest>/<name>")
def own_file(digest: str, name: str) -> Response:
    """Our own style, script or icon. Cached for good only under the digest of its present bytes."""
    content = _content(name)
    if content is None:
        abort(404)
    response = Response(content.data, mimetype=_MEDIA_TYPES.get(Path(name).suffix))
    response.set_etag(content.digest)
    if digest == content.digest:
        _forever(response)
    else:
        response.headers["Cache-Control"] = "no-cache"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.make_conditional(request)
    return response


@blueprint.get("/media/<module_id>/<digest>/<path:path>")
def media_file(module_id: str, digest: str, path: str) -> Response:
    """A file of a module; byte ranges are answered, so that a video can be sought in."""
    from lti_tool.web.context import library

    module = library().get(module_id)
    file = module.file(path) if module else None
    if module is None or file is None:
        abort(404)
    if digest != file.sha256[:_HASH_LENGTH]:
        return Response(status=302, headers={"Location": media_url(module, path)})
    inline = file.media_type.startswith(_SERVED_INLINE)
    response = send_file(
        module.folder / path,
        mimetype=file.media_type,
        conditional=True,
        etag=file.sha256,
        as_attachment=not inline or "download" in request.args,
        download_name=Path(path).name,
    )
    _forever(response)
    # A module's SVG could hold a script; nothing in it may run, even opened by itself.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    return response


def _forever(response: Response) -> None:
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
