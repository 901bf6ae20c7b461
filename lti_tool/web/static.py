"""Serve the tool's own static files and the media of modules (see ``web.assets`` for their URLs).

Media need no launch session: they contain no personal data.
"""

from pathlib import Path

from flask import Blueprint, Response, abort, request, send_file

from lti_tool.web.assets import HASH_LENGTH, media_url, static_files
from lti_tool.web.context import library

blueprint = Blueprint("static", __name__)

_YEAR = 31_536_000
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_SERVED_INLINE = ("image/", "video/", "audio/", "text/vtt", "application/pdf")


@blueprint.get("/static/<digest>/<name>")
def own_file(digest: str, name: str) -> Response:
    """Serve a static file; immutable only under the digest of the present bytes of all of them."""
    try:
        files = static_files()
    except OSError:  # a file was removed at this moment
        abort(404)
    if name not in files.contents:
        abort(404)
    response = Response(files.contents[name], mimetype=_MEDIA_TYPES.get(Path(name).suffix))
    response.set_etag(files.digest)
    if digest == files.digest:
        _cache_immutably(response)
    else:
        response.headers["Cache-Control"] = "no-cache"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    # Browsers load modules of the script with CORS; in a sandboxed frame, their origin is "null".
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.make_conditional(request)
    return response


@blueprint.get("/media/<module_id>/<digest>/<path:path>")
def media_file(module_id: str, digest: str, path: str) -> Response:
    """Serve a file of a module, with byte ranges so that videos can seek."""
    module = library().get(module_id)
    file = module.file(path) if module else None
    if module is None or file is None:
        abort(404)
    if digest != file.sha256[:HASH_LENGTH]:
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
    _cache_immutably(response)
    # An SVG may contain scripts; they must not run when the file is opened directly.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    return response


def _cache_immutably(response: Response) -> None:
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
