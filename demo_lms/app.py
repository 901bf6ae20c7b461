"""The Flask application of the demo platform."""

import datetime
import json
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from demo_lms.deep_linking import deep_linking
from demo_lms.groups import groups
from demo_lms.line_items import line_items
from demo_lms.loopback import is_loopback
from demo_lms.notices import notices
from demo_lms.oidc import oidc
from demo_lms.pages import pages
from demo_lms.registration import registration
from demo_lms.roster import roster
from demo_lms.scores import scores
from demo_lms.state import State
from demo_lms.tokens import tokens
from demo_lms.tools_pages import tools_pages
from demo_lms.web import EXTENSION, RequestError, ServiceError, state_of

MAX_BYTES = 2_000_000
PARTS = (
    *(pages, tools_pages),
    *(oidc, registration, deep_linking, tokens, roster, groups, line_items, scores, notices),
)


def create_app(state: State) -> Flask:
    """The application that serves this state. Nothing global: several can run side by side."""
    app = Flask("demo_lms")
    app.extensions[EXTENSION] = state
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {"clock": _clock, "pretty": _pretty}
    for part in PARTS:
        app.register_blueprint(part)
    app.register_error_handler(ServiceError, _told_to_a_tool)
    app.register_error_handler(RequestError, _told)
    app.register_error_handler(HTTPException, _told_plainly)
    app.before_request(_only_from_here)
    app.after_request(_headers)
    return app


def _only_from_here() -> None:
    """A page elsewhere may neither reach this one by a name of its own, nor press its buttons."""
    if not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
        raise RequestError(403, "This demo answers to the names of this machine only.")
    origin = request.headers.get("Origin")
    pressed = request.method == "POST" and not request.path.startswith("/lti/")
    if pressed and origin and origin != state_of(current_app).public_url:
        raise RequestError(403, "This button was pressed on another site.")


def _told(problem: RequestError) -> Any:
    """A problem as a page."""
    return render_template("problem.html", message=problem.message), problem.status


def _told_to_a_tool(problem: ServiceError) -> Response:
    """A problem as JSON."""
    answer = jsonify(status=problem.status, reason=problem.message)
    answer.status_code = problem.status
    if problem.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _told_plainly(error: HTTPException) -> Any:
    """Flask's own refusals, in the same dress."""
    return render_template("problem.html", message=error.description), error.code or 500


def _headers(response: Response) -> Response:
    """No inline scripts; frames of any tool."""
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
