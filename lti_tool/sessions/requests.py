"""The visit that a request belongs to, and how it proves itself.

Reading needs the visit's cookie or the page-held token; changing anything needs the token, never a
cookie alone. The cookie is partitioned (CHIPS) and bound to the path of its own visit, so two tabs,
two placements or two persons in one browser never mix. Where a browser keeps no cookie for us, the
page holds the token: a link becomes a POST to ``open``, which answers with the page asked for.
"""

from typing import Any, cast

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from lti_tool.sessions import service as sessions
from lti_tool.sessions.current import CurrentSession
from lti_tool.web.context import settings, tool
from lti_tool.web.pages import message_page, render, ui
from lti_tool.web.responses import go_to, set_cookie
from lti_tool.web.security import allow_frames

COOKIE = "minga"
_HELD_TOKEN = "minga.held_token"  # noqa: S105 - the name of a place, not a secret


def install(app: Flask) -> None:
    """Load the visit before each request below ``/l/<session_id>/``."""
    app.before_request(_enter)


def current_session() -> CurrentSession:
    """The visit of this request. Only for views below ``/l/<session_id>/``."""
    return cast(CurrentSession, g.launch_session)


def _enter() -> BaseResponse | None:
    arguments: dict[str, Any] = request.view_args or {}
    session_id = arguments.pop("session_id", None)
    if session_id is None:
        return None
    token = (
        request.environ.get(_HELD_TOKEN)
        or request.form.get("token")
        or request.headers.get("X-Minga-Token")
    )
    entry = sessions.enter(
        tool().database,
        settings().secret_key,
        session_id,
        cookie=request.cookies.get(COOKIE),
        token=token,
    )
    if entry.launch_session is None:
        return _closed()
    g.launch_session = entry.launch_session
    if request.method not in ("GET", "HEAD") and not entry.holds_token:
        return _token_needed()
    return None


def _closed() -> Response:
    """The address was copied, or the visit is over: the LMS opens a new one."""
    return session_needed(403, typed=request.form.get("text"))


def session_needed(status: int, *, typed: str | None = None) -> Response:
    """Say where the module is found. ``typed`` gives back words that would be lost.

    Which platform holds the frame is not known without a visit, and a person whose visit has ended
    must be able to read this inside it.
    """
    allow_frames("*")
    return render("tool/session_needed.html", status=status, typed=typed)


def _token_needed() -> Response:
    words = ui().gettext
    return message_page(
        words("That could not be saved"),
        [words("This page was open for too long. Open the module again from your course.")],
        typed=request.form.get("text"),
        status=403,
    )


def keep(response: Response, session_id: str, token: str) -> None:
    """Give the browser the visit's cookie."""
    seconds = settings().session_hours * 3600
    set_cookie(response, COOKIE, token, path=f"/l/{session_id}/", seconds=seconds)


def see_other(path: str) -> BaseResponse:
    """After a change: go to ``path`` of this visit (``""`` is the module's page).

    A redirect (303), or the page itself where the browser keeps no cookie for us.
    """
    launch_session = current_session()
    if launch_session.cookieless:
        return page_inside(launch_session.id, path, launch_session.token)
    return go_to(launch_session.path + path)


def page_inside(session_id: str, path: str, token: str) -> Response:
    """The page at ``path`` of a visit, answered to the present request."""
    path, _, query = path.partition("#")[0].partition("?")
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    environ = {
        **request.environ,
        "REQUEST_METHOD": "GET",
        "PATH_INFO": f"/l/{session_id}/{path}",
        "QUERY_STRING": query,
        "CONTENT_LENGTH": "0",
        "CONTENT_TYPE": "",
        _HELD_TOKEN: token,
    }
    environ = {name: value for name, value in environ.items() if not name.startswith("werkzeug.")}
    with app.request_context(environ):
        try:
            response = app.full_dispatch_request()
        except HTTPException as error:
            response = app.make_response(error)
    return cast(Response, response)
