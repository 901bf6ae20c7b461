"""Answer every error with a page in the reader's language that says what to do."""

import logging

from flask import Flask, g, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from lti_tool import log_format
from lti_tool.lti.refusal import Refused
from lti_tool.web.pages import message_page, ui
from lti_tool.web.refusals import explain
from lti_tool.web.security import allow_frames

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Register the error handlers."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(Exception, _unexpected)


def _refused(error: Refused) -> Response:
    log.warning("refused: %s", error)
    _allow_any_frame()
    interface = ui()
    explanation = explain(error, interface)
    back = g.get("return_url")
    return message_page(
        explanation.title,
        [explanation.paragraph],
        advice=explanation.advice,
        details=[(name, value) for name, value in error.facts.items() if value]
        + [("code", str(error.code))],
        actions=[(interface.gettext("Back to the course"), back)] if back else [],
        status=error.status,
    )


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    _allow_any_frame()
    gettext = ui().gettext
    title, paragraph = {
        404: (
            gettext("There is nothing here"),
            gettext("The link may be wrong, or the page no longer exists."),
        ),
        405: (
            gettext("This page is not meant to be opened directly"),
            gettext("Open the activity from your course."),
        ),
        413: (
            gettext("That was too large"),
            gettext("What was sent is larger than this tool accepts."),
        ),
        429: (
            gettext("Too many requests"),
            gettext("Too many requests came from here in a short time. Please wait a minute."),
        ),
    }.get(
        error.code,
        (
            gettext("That did not work"),
            gettext("Go back to your course and open the activity again."),
        ),
    )
    response = message_page(title, [paragraph], status=error.code)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _database_error(error: OperationalError) -> Response:
    log.error("the database did not answer: %s", type(error.orig).__name__)
    _allow_any_frame()
    gettext = ui().gettext
    response = message_page(
        gettext("Please try again in a moment"),
        [gettext("The tool is busy right now. Nothing is lost: go back and try again.")],
        typed=request.form.get("text"),
        status=503,
    )
    response.headers["Retry-After"] = "5"
    return response


def _unexpected(error: Exception) -> Response:
    log.error("fault in %s: %s", request.endpoint, log_format.told(error))
    _allow_any_frame()
    gettext = ui().gettext
    return message_page(
        gettext("Something went wrong on our side"),
        [gettext("The problem has been logged. Please try again; what you published is safe.")],
        typed=request.form.get("text") if request.form else None,
        status=500,
    )


def _allow_any_frame() -> None:
    """Let any origin frame an error page whose platform is not known; it contains no actions."""
    if "frame_ancestors" not in g:
        allow_frames("*")
