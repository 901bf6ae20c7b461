"""Error pages: each says what happened and what to do, in the reader's language."""

import logging

from flask import Flask, g, request
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from lti_tool import log_format
from lti_tool.lti.refusal import Refused
from lti_tool.settings import SettingsError
from lti_tool.storage import migrations
from lti_tool.web.context import database
from lti_tool.web.pages import message_page, ui
from lti_tool.web.refusals import explain
from lti_tool.web.security import UnknownHost, allow_frames

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Register the error pages."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DBAPIError, _database_error)
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
    if isinstance(error, UnknownHost):
        return message_page(
            words("That did not work"),
            [words("The tool does not serve this host name. Open the activity from your course.")],
            status=400,
        )
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


def _database_error(error: DBAPIError) -> Response:
    """503 when the database is busy, gone or of another version; a fault otherwise."""
    if migrations.is_about_schema(error):
        log.error("%s", _schema_problem() or log_format.describe(error))
    elif isinstance(error, OperationalError):
        log.error("the database did not answer: %s", log_format.describe(error))
    else:
        return _fault(error)
    _readable_in_any_frame()
    words = ui().gettext
    response = message_page(
        words("Please try again in a moment"),
        [words("The tool is busy right now. Nothing is lost: go back and try again.")],
        details=_request_id(),
        typed=_typed(),
        status=503,
    )
    response.headers["Retry-After"] = "5"
    return response


def _schema_problem() -> str | None:
    try:
        return migrations.problem(database())
    except SQLAlchemyError:
        return None


def _fault(error: Exception) -> Response:
    # What a settings error says is for the operator, and holds no secret.
    described = str(error) if isinstance(error, SettingsError) else log_format.describe(error)
    log.error("fault in %s: %s", request.endpoint, described)
    _readable_in_any_frame()
    words = ui().gettext
    return message_page(
        words("Something went wrong on our side"),
        [words("The problem has been logged. Please try again; what you published is safe.")],
        details=_request_id(),
        typed=_typed(),
        status=500,
    )


def _request_id() -> list[tuple[str, str]]:
    """What an operator searches the log for."""
    return [("request", g.get("request_id", ""))]


def _typed() -> str | None:
    """The text of a post that failed, to give back."""
    return request.form.get("text")


def _readable_in_any_frame() -> None:
    """Allow any frame: an error must be readable where it happens, and has nothing to click."""
    if g.get("launch_session") is None and not g.get("frame_ancestors"):
        allow_frames("*")
