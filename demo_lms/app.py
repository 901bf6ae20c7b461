"""The Flask application of the demo platform."""

import datetime
import json
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from demo_lms.course_groups import groups
from demo_lms.deep_linking import deep_linking
from demo_lms.line_items import line_items
from demo_lms.loopback import is_loopback
from demo_lms.nrps import roster
from demo_lms.oidc import oidc
from demo_lms.pns import notices
from demo_lms.registration import registration
from demo_lms.scores import scores
from demo_lms.site_pages import pages
from demo_lms.state import PlatformState
from demo_lms.tokens import tokens
from demo_lms.tool_pages import tools_pages
from demo_lms.web import EXTENSION, JsonError, RequestError, state_of

MAX_BYTES = 2_000_000
BLUEPRINTS = (
    *(pages, tools_pages),
    *(oidc, registration, deep_linking, tokens, roster, groups, line_items, scores, notices),
)


def create_app(state: PlatformState) -> Flask:
    """Create the application that serves this state. No global state: several can run at once."""
    app = Flask("demo_lms")
    app.extensions[EXTENSION] = state
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {"clock": _clock, "pretty": _pretty}
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_error_handler(JsonError, _service_error)
    app.register_error_handler(RequestError, _request_error)
    app.register_error_handler(HTTPException, _http_error)
    app.before_request(_require_same_site)
    app.after_request(_headers)
    return app


def _require_same_site() -> None:
    """Reject requests with a foreign Host (DNS rebinding), and form posts with a foreign Origin."""
    if not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
        raise RequestError(403, "This demo answers to the names of this machine only.")
    origin = request.headers.get("Origin")
    is_form = request.method == "POST" and not request.path.startswith("/lti/")
    own = (state_of(current_app).public_url, f"{request.scheme}://{request.host}")
    if is_form and origin and origin not in own:
        raise RequestError(403, "This button was pressed on another site.")


def _request_error(error: RequestError) -> Any:
    """Show an error as a page."""
    return render_template("problem.html", message=error.message), error.status


def _service_error(error: JsonError) -> Response:
    """Send an error as JSON."""
    response = jsonify(status=error.status, reason=error.message)
    response.status_code = error.status
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http_error(error: HTTPException) -> Any:
    """Show errors of Flask with the same template."""
    return render_template("problem.html", message=error.description), error.code or 500


def _headers(response: Response) -> Response:
    """Forbid inline scripts; allow frames of any tool."""
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; img-src * data:; frame-src http: https:; base-uri 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if request.path.startswith("/lti/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _clock(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S")


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
