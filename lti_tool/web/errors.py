"""Every error as a page that a person can read and act on, in their language."""

import logging

from flask import Flask, g, request
from sqlalchemy.exc import OperationalError, ProgrammingError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from lti_tool import log_format
from lti_tool.lti.refusal import Refused
from lti_tool.storage import faults
from lti_tool.web.pages import message_page, ui
from lti_tool.web.refusals import explain
from lti_tool.web.security import allow_frames

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Answer errors with pages."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(ProgrammingError, _programming_error)
    app.register_error_handler(Exception, _fault)


def _refused(error: Refused) -> Response:
    log.warning("refused: %s", error)
    _readable_in_any_frame()
    words = ui()
    told = explain(error, words)
    back = g.get("return_url")
    return message_page(
        told.title,
        [told.paragraph],
        advice=told.advice,
        details=[(name, value) for name, value in error.facts.items() if value]
        + [("code", str(error.code))],
        actions=[(words.gettext("Back to the course"), back)] if back else [],
        status=error.status,
    )


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    _readable_in_any_frame()
    words = ui().gettext
    title, paragraph = {
        404: (
            words("There is nothing here"),
            words("The link may be wrong, or the page no longer exists."),
        ),
        405: (
            words("This page is not meant to be opened directly"),
            words("Open the activity from your course."),
        ),
        413: (
            words("That was too large"),
            words("What was sent is larger than this tool accepts."),
        ),
        429: (
            words("Too many requests"),
            words("Too many requests came from here in a short time. Please wait a minute."),
        ),
    }.get(
        error.code,
        (words("That did not work"), words("Go back to your course and open the activity again.")),
    )
    response = message_page(title, [paragraph], status=error.code)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _programming_error(error: ProgrammingError) -> Response:
    return _not_upgraded() if faults.lacks_tables(error) else _fault(error)


def _not_upgraded() -> Response:
    log.error(faults.UPGRADE)
    _readable_in_any_frame()
    words = ui().gettext
    return message_page(
        words("This tool is not ready yet"),
        [words("Its administrator has to finish the installation. Please try again later.")],
        typed=request.form.get("text"),
        status=503,
    )


def _database_busy(error: OperationalError) -> Response:
    if faults.lacks_tables(error):
        return _not_upgraded()
    log.error("the database did not answer: %s", type(error.orig).__name__)
    _readable_in_any_frame()
    words = ui().gettext
    response = message_page(
        words("Please try again in a moment"),
        [words("The tool is busy right now. Nothing is lost: go back and try again.")],
        typed=request.form.get("text"),
        status=503,
    )
    response.headers["Retry-After"] = "5"
    return response


def _fault(error: Exception) -> Response:
    log.error("fault in %s: %s", request.endpoint, log_format.told(error))
    _readable_in_any_frame()
    words = ui().gettext
    return message_page(
        words("Something went wrong on our side"),
        [words("The problem has been logged. Please try again; what you published is safe.")],
        typed=request.form.get("text") if request.form else None,
        status=500,
    )


def _readable_in_any_frame() -> None:
    """Let any origin frame an error page whose platform is not known; it contains no actions."""
    if "frame_ancestors" not in g:
        allow_frames("*")
