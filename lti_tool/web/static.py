"""Files that never change under their name: our own style and script, and the modules' media.

An address holds the beginning of the file's SHA-256, so a browser may keep it for a year; a new
content has a new address. Media need no visit: they are found only through a page, and contain
nothing about anybody.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, request, send_file

from courseware import resources
from courseware.module import Module

blueprint = Blueprint("static", __name__)

_YEAR = 31_536_000
_HASH_LENGTH = 12
_SERVED_INLINE = ("image/", "video/", "audio/", "text/vtt", "application/pdf")


@lru_cache(maxsize=256)
def _hash_of(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_HASH_LENGTH]


@lru_cache(maxsize=64)
def _asset_url(name: str) -> str:
    path = resources.static() / name
    return f"/static/{_hash_of(path, path.stat().st_mtime_ns)}/{name}"


def asset(name: str) -> str:
    """The address of one of our own files, named by its content."""
    return _asset_url(name)


def media_url(module: Module, path: str, *, absolute_to: str = "") -> str:
    """The address of a module's file, named by its content."""
    file = module.file(path)
    digest = file.sha256[:_HASH_LENGTH] if file else "0" * _HASH_LENGTH
    return f"{absolute_to}/media/{module.id}/{digest}/{path}"


@blueprint.get("/static/<digest>/<name>")
def own_file(digest: str, name: str) -> Response:
    """Our own style, script or icon."""
    root = resources.static()
    path = root / name
    if path.parent != root or not path.is_file() or path.name.startswith("."):
        abort(404)
    response = send_file(path, conditional=True, max_age=0)
    if digest == asset(name).split("/")[2]:
        _forever(response)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
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
