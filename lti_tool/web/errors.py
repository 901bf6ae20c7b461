"""Error pages: each says what happened and what to do, in the reader's language."""

import logging

from flask import Flask, g, request
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from lti_tool import log_format
from lti_tool.lti.refusal import Code, Refused
from lti_tool.settings import SettingsError
from lti_tool.storage import faults, migrations
from lti_tool.web.context import database
from lti_tool.web.large_forms import typed_text
from lti_tool.web.pages import message_page, ui
from lti_tool.web.refusals import explain
from lti_tool.web.security import UnknownHost, allow_frames

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Register the error pages."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(Exception, _unexpected)


def _refused(error: Refused) -> Response:
    log.warning("refused: %s", error)
    _allow_any_frame()
    interface = ui()
    explanation = explain(error, interface)
    actions = []
    if error.code is Code.REPLAYED and "opened_path" in g:
        # Only the browser that has the session's cookie can open it.
        actions.append((interface.gettext("Continue to the activity"), g.opened_path))
    if g.get("return_url"):
        actions.append((interface.gettext("Back to the course"), g.return_url))
    return message_page(
        explanation.title,
        [explanation.paragraph],
        advice=explanation.advice,
        details=[(name, value) for name, value in error.facts.items() if value]
        + [("code", str(error.code))],
        actions=actions,
        status=error.status,
    )


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    _allow_any_frame()
    gettext = ui().gettext
    if isinstance(error, UnknownHost):
        return message_page(
            gettext("That did not work"),
            [
                gettext(
                    "The tool does not serve this host name. Open the activity from your course."
                )
            ],
            status=400,
        )
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
        503: (
            gettext("Please try again in a moment"),
            gettext("The tool is busy right now. Nothing is lost: go back and try again."),
        ),
    }.get(
        error.code,
        (
            gettext("That did not work"),
            gettext("Go back to your course and open the activity again."),
        ),
    )
    paragraphs = [paragraph]
    typed = None
    if error.code == 413 and (refused := typed_text()):
        typed = refused.text
        if not refused.is_whole:
            paragraphs.append(gettext("Only the first part of your text could be read."))
    response = message_page(title, paragraphs, status=error.code, typed=typed)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _database_error(error: DBAPIError) -> Response:
    """503 when the database is busy, gone or of another version; a fault otherwise."""
    if faults.lacks_tables(error):
        return _not_upgraded(error)
    if not isinstance(error, OperationalError):
        return _unexpected(error)
    log.error("the database did not answer: %s", log_format.describe(error))
    _allow_any_frame()
    gettext = ui().gettext
    response = message_page(
        gettext("Please try again in a moment"),
        [gettext("The tool is busy right now. Nothing is lost: go back and try again.")],
        details=_request_id(),
        status=503,
    )
    response.headers["Retry-After"] = "5"
    return response


def _not_upgraded(error: DBAPIError) -> Response:
    log.error("%s", _schema_problem() or log_format.describe(error))
    _allow_any_frame()
    gettext = ui().gettext
    return message_page(
        gettext("This tool is not ready yet"),
        [gettext("Its administrator has to finish the installation. Please try again later.")],
        details=_request_id(),
        status=503,
    )


def _schema_problem() -> str | None:
    try:
        return migrations.problem(database())
    except SQLAlchemyError:
        return None


def _unexpected(error: Exception) -> Response:
    # What a settings error says is for the operator, and contains no secret.
    description = str(error) if isinstance(error, SettingsError) else log_format.describe(error)
    log.error("fault in %s: %s", request.endpoint, description)
    _allow_any_frame()
    gettext = ui().gettext
    return message_page(
        gettext("Something went wrong on our side"),
        [gettext("The problem has been logged. Please try again; what you published is safe.")],
        details=_request_id(),
        status=500,
    )


def _request_id() -> list[tuple[str, str]]:
    """What an operator searches the log for."""
    return [("request", g.get("request_id", ""))]


def _allow_any_frame() -> None:
    """Let any origin frame an error page whose platform is not known; it contains no actions."""
    if "frame_ancestors" not in g:
        allow_frames("*")
