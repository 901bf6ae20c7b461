"""The launch session of each request below ``/l/<session_id>/``.

Reading needs the session cookie or the page token; every change needs the page token, never a
cookie alone. The cookie is partitioned (CHIPS) and limited to the path of its session, so that two
tabs, resource links or users in one browser never mix. Where the browser does not keep the cookie,
the page carries the token: a link becomes a POST to ``open``, which answers with the linked page.
"""

from typing import Any, cast

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from courseware.module import Module
from lti_tool.sessions.current import PREVIEW, CurrentSession, session_path
from lti_tool.sessions.navigation import navigation
from lti_tool.sessions.service import load_session, remember_language
from lti_tool.web.context import database, library, settings
from lti_tool.web.pages import message_page, prefer_languages, render, ui
from lti_tool.web.responses import go_to, set_cookie
from lti_tool.web.security import allow_frames

COOKIE = "minga"
LANGUAGE_COOKIE = "minga-language"
"""The module language that was chosen in this session; a GET changes nothing else."""
_PAGE_TOKEN = "minga.page_token"  # noqa: S105 - a key of the WSGI environment, not a secret


def install(app: Flask) -> None:
    """Load the session before each request of a session, and give it to URLs and templates."""
    app.url_value_preprocessor(_pull_session_id)
    app.url_defaults(_add_session_id)
    app.before_request(_load)
    app.after_request(_remember_chosen_language)
    app.context_processor(_template_context)


def current_session() -> CurrentSession:
    """The launch session of this request; only for routes below ``/l/<session_id>/``."""
    return cast(CurrentSession, g.launch_session)


def current_module() -> Module | None:
    """The module that the session shows; None if none was chosen or it no longer exists."""
    module_id = current_session().module_id
    return library().get(module_id) if module_id else None


def _pull_session_id(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.session_id = values.pop("session_id", None) if values else None


def _add_session_id(endpoint: str, values: dict[str, Any]) -> None:
    session_id = g.get("session_id")
    if session_id and current_app.url_map.is_endpoint_expecting(endpoint, "session_id"):
        values.setdefault("session_id", session_id)


def _load() -> BaseResponse | None:
    if g.session_id is None:
        return None
    token = (
        request.environ.get(_PAGE_TOKEN)
        or request.form.get("token")
        or request.headers.get("X-Minga-Token")
    )
    loaded = load_session(
        database(),
        settings().secret_key,
        g.session_id,
        cookie=request.cookies.get(COOKIE),
        token=token,
    )
    if loaded is None:
        return session_needed(403, typed=request.form.get("text"))
    g.launch_session = loaded
    g.session_path = loaded.path
    allow_frames(*loaded.frame_ancestors)
    prefer_languages(request.cookies.get(LANGUAGE_COOKIE), loaded.user_language, loaded.locale)
    if request.method in ("GET", "HEAD"):
        return None
    if not loaded.token_sent:
        return _token_needed()
    view = current_app.view_functions.get(request.endpoint or "")
    if not loaded.own_record and not getattr(view, "open_to_previews", False):
        return _preview_only()
    return None


def _template_context() -> dict[str, Any]:
    launch_session = g.get("launch_session")
    if launch_session is None:
        return {}
    launch = {
        "base": launch_session.path,
        "token": launch_session.token,
        "cookieless": launch_session.cookieless,
        "here": request.full_path.rstrip("?"),
        "course": launch_session.course_title,
        "framed": request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame"),
        "navigation": navigation(launch_session, ui()),
        "return_href": launch_session.return_url,
    }
    return {"launch": launch, "token": launch_session.token}


def keep_language(response: Response, language: str) -> None:
    """Keep the module language that was chosen on a page: in a cookie of the session.

    Where the browser keeps no cookies, the page was requested with its token, and the language is
    stored at once.
    """
    launch_session = current_session()
    if launch_session.token_sent:
        remember_language(database(), launch_session, language)
        return
    seconds = settings().session_hours * 3600
    set_cookie(response, LANGUAGE_COOKIE, language, path=launch_session.path, seconds=seconds)


def _remember_chosen_language(response: Response) -> Response:
    """Store the language of the cookie for later sessions, with the next change of this one."""
    if request.method != "POST" or response.status_code >= 400 or "launch_session" not in g:
        return response
    chosen, module = request.cookies.get(LANGUAGE_COOKIE), current_module()
    if chosen and module is not None and chosen in module.languages:
        remember_language(database(), current_session(), chosen)
    return response


def session_needed(status: int, *, typed: str | None = None) -> Response:
    """Answer that the activity must be opened from the course.

    ``typed`` is text that was not stored, shown so that it can be copied. The platform is not known
    without a session, and the page must be readable inside its frame: any origin may frame it.
    """
    allow_frames("*")
    return render("tool/session_needed.html", status=status, typed=typed)


def _token_needed() -> Response:
    gettext = ui().gettext
    return message_page(
        gettext("That could not be saved"),
        [gettext("This page was open for too long. Open the module again from your course.")],
        typed=request.form.get("text"),
        status=403,
    )


def _preview_only() -> Response:
    gettext = ui().gettext
    return message_page(
        gettext("That could not be saved"),
        [gettext(PREVIEW)],
        actions=[(gettext("Back to the module"), current_session().path)],
        typed=request.form.get("text"),
        status=403,
    )


def set_session_cookie(response: Response, session_id: str, token: str) -> None:
    """Set the cookie of a session."""
    seconds = settings().session_hours * 3600
    set_cookie(response, COOKIE, token, path=session_path(session_id), seconds=seconds)


def see_other(url: str) -> BaseResponse:
    """After a change: go to a URL of this session.

    A redirect (303), or the page itself where the browser does not keep the cookie.
    """
    launch_session = current_session()
    if launch_session.cookieless:
        return page_of_session(url, launch_session.token)
    return go_to(url)


def page_of_session(url: str, token: str) -> Response:
    """Answer the present request with the page at a URL of a session (a path and a query)."""
    path, _, query = url.partition("#")[0].partition("?")
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    environ = {
        **request.environ,
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": "0",
        "CONTENT_TYPE": "",
        _PAGE_TOKEN: token,
    }
    environ = {name: value for name, value in environ.items() if not name.startswith("werkzeug.")}
    with app.request_context(environ):
        try:
            response = app.full_dispatch_request()
        except HTTPException as error:
            response = app.make_response(error)
    return cast(Response, response)
