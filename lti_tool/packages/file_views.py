"""Download a package by a signed URL, without a session: for platforms."""

from flask import Blueprint, abort, send_file
from werkzeug.wrappers import Response

from lti_tool.packages import links, service
from lti_tool.storage.database import now
from lti_tool.web.context import database, settings

blueprint = Blueprint("package_files", __name__)


@blueprint.get("/packages/<token>/<name>")
def download(token: str, name: str) -> Response:
    """Send a package while its URL is valid, with byte ranges. ``name`` is for the platform."""
    package_id = links.read_token(settings().secret_key, token, now())
    if package_id is None:
        abort(404)
    file = service.ready_file(database(), settings(), package_id) or abort(404)
    response = send_file(file, as_attachment=True, download_name=file.name, conditional=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
