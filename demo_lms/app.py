"""The Flask application of the demo platform."""

from typing import Any

from flask import Flask, Response, render_template, request

from demo_lms.oidc import oidc
from demo_lms.state import State
from demo_lms.web import EXTENSION, RequestError

MAX_BYTES = 2_000_000


def create_app(state: State) -> Flask:
    """The application that serves this state. Nothing global: several can run side by side."""
    app = Flask("demo_lms")
    app.extensions[EXTENSION] = state
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(oidc)
    app.register_error_handler(RequestError, _told)
    app.after_request(_headers)
    return app


def _told(problem: RequestError) -> Any:
    """A problem as a page."""
    return render_template("problem.html", problem=problem), problem.status


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
