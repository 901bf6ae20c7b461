"""The launch session of each request below ``/l/<session_id>/``.

Reading needs the session cookie or the page token; every change needs the page token, never a
cookie alone. The cookie is limited to the path of its session, so that two tabs, resource links or
users in one browser never mix, and ends with the browser (see ``web.cookies``). Where the browser
does not store the cookie, the page carries the token: a link becomes a POST to ``open``, which
answers with the linked page.
"""

from typing import Any, cast

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from courseware.module import Module
from lti_tool.sessions.activity_references import activity_target
from lti_tool.sessions.current import PREVIEW, CurrentSession, session_path
from lti_tool.sessions.navigation import institution_pages, navigation
from lti_tool.sessions.service import load_session, remember_language
from lti_tool.web.context import database, library, settings
from lti_tool.web.cookies import cookie_names, delete_cookie, get_cookie, is_in_tab, set_cookie
from lti_tool.web.large_forms import submitted_text
from lti_tool.web.pages import message_page, prefer_languages, render, ui
from lti_tool.web.responses import go_to
from lti_tool.web.security import allow_frames

COOKIE = "minga"
LANGUAGE_COOKIE = "minga-language"
"""The module language that was chosen in this session; a GET changes nothing else."""
LASTING_PATH = "/d"
"""The path below which the lasting URLs of posts are."""
_OPEN_SESSION = "minga-open-"
_PAGE_TOKEN = "minga.page_token"  # noqa: S105 - a key of the WSGI environment, not a secret
_FRAGMENT = "minga.fragment"


def install(app: Flask) -> None:
    """Load the session before each request of a session, and give it to URLs and templates."""
    app.url_value_preprocessor(_pull_session_id)
    app.url_defaults(_add_session_id)
    app.before_request(_load)
    app.after_request(_remember_chosen_language)
    app.after_request(_forbid_storing)
    app.context_processor(_template_context)


def current_session() -> CurrentSession:
    """The launch session of this request; only for routes below ``/l/<session_id>/``."""
    return cast(CurrentSession, g.launch_session)


def current_module() -> Module | None:
    """The module that the session shows; None if none was chosen or it no longer exists.

    None in a deep-linking session too, where ``module_id`` is only marked in the list.
    """
    launch_session = current_session()
    if launch_session.is_deep_linking or launch_session.module_id is None:
        return None
    return library().get(launch_session.module_id)


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
    view = current_app.view_functions.get(request.endpoint or "")
    loaded = load_session(
        database(),
        settings().secret_key,
        g.session_id,
        cookie=get_cookie(COOKIE),
        token=token,
        or_ended=getattr(view, "open_to_late_drafts", False),
    )
    if loaded is None:
        return session_needed(403)
    g.launch_session = loaded
    g.session_path = loaded.path
    if not loaded.ended:
        g.page_token = loaded.token
    allow_frames(*loaded.frame_ancestors)
    chosen = (get_cookie(LANGUAGE_COOKIE), loaded.user_language)
    prefer_languages(*chosen, locale=loaded.locale, of_content=loaded.module_language)
    if loaded.paused and not _is_open_while_paused(view):
        return _paused()
    if request.method in ("GET", "HEAD"):
        return None
    if not loaded.token_sent:
        return _token_needed()
    if not loaded.own_record and not getattr(view, "open_to_previews", False):
        return _preview_only()
    return None


def _is_open_while_paused(view: Any) -> bool:
    own = (request.endpoint or "").startswith("sessions.")
    return own or getattr(view, "open_while_paused", False)


def _paused() -> BaseResponse:
    """Lead an administrator to the institution's pages, the only ones that are open."""
    gettext = ui().gettext
    pages = institution_pages(current_session(), ui())
    return message_page(
        gettext("Your institution has turned off this tool"),
        [gettext("Only its administrators can open it, to turn it on again.")],
        actions=[(page["label"], page["href"]) for page in pages[:1]],
        status=403,
    )


def _template_context() -> dict[str, Any]:
    launch_session = g.get("launch_session")
    if launch_session is None or launch_session.ended:
        return {}
    launch = {
        "base": launch_session.path,
        "token": launch_session.token,
        "cookieless": launch_session.cookieless,
        "here": request.full_path.rstrip("?"),
        "course": launch_session.course_title,
        "person": launch_session.user_id or launch_session.id,
        "framed": request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame"),
        "navigation": lambda: navigation(launch_session, ui()),  # only whole pages show it
        "return_href": launch_session.return_url,
        "fragment": request.environ.get(_FRAGMENT),
        "full_window": _full_window(launch_session),
    }
    return {"launch": launch, "token": launch_session.token}


def _full_window(launch_session: CurrentSession) -> dict[str, str] | None:
    """The message that asks the LMS to launch the activity in the whole window, if it knows one.

    Only where the browser keeps no cookie: in the window the tool is the first party.
    """
    subject = launch_session.profile.full_window_message
    if not (subject and launch_session.cookieless and launch_session.resource_link_id):
        return None
    return {
        "subject": subject,
        "url": activity_target(settings().public_url, settings().secret_key, launch_session),
        "placement": launch_session.placement or "",
    }


def keep_language(response: Response, language: str) -> None:
    """Keep the module language that was chosen on a page: in a cookie of the session.

    Where the browser stores no cookies, the page was requested with its token, and the language is
    stored at once.
    """
    launch_session = current_session()
    if launch_session.token_sent:
        remember_language(database(), launch_session, language)
        return
    path = launch_session.path
    set_cookie(response, LANGUAGE_COOKIE, language, path=path, in_tab=is_in_tab())


def _remember_chosen_language(response: Response) -> Response:
    """Store the language of the cookie for later sessions, with the next change of this one."""
    if request.method != "POST" or response.status_code >= 400 or "launch_session" not in g:
        return response
    chosen, module = get_cookie(LANGUAGE_COOKIE), current_module()
    if chosen and not current_session().ended and module is not None and chosen in module.languages:
        remember_language(database(), current_session(), chosen)
    return response


def _forbid_storing(response: Response) -> Response:
    """No browser keeps an answer of a session: after *Leave*, the back button must not show it."""
    if "launch_session" in g:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def session_needed(status: int, *, saved: bool = False) -> Response:
    """Answer that the activity must be opened from the course.

    ``saved``: the text of the form was stored as a draft; otherwise it is shown, so that it can be
    copied. The platform is not known without a session, and the page must be readable inside its
    frame: any origin may frame it.
    """
    allow_frames("*")
    typed = None if saved else submitted_text()
    return render("tool/session_needed.html", status=status, typed=typed, saved=saved)


def _token_needed() -> Response:
    gettext = ui().gettext
    return message_page(
        gettext("That could not be saved"),
        [gettext("This page was open for too long. Open the module again from your course.")],
        status=403,
    )


def _preview_only() -> Response:
    gettext = ui().gettext
    return message_page(
        gettext("That could not be saved"),
        [gettext(PREVIEW)],
        actions=[(gettext("Back to the module"), current_session().path)],
        status=403,
    )


def set_session_cookie(
    response: Response,
    session_id: str,
    token: str,
    resource_link_id: int | None,
    *,
    in_tab: bool | None = None,
) -> None:
    """Set the cookie of a session. ``in_tab``: in a tab of its own; by default as the browser says.

    It ends with the browser, so that nobody finds the session on a shared computer. On the server
    the session ends after ``MINGA_SESSION_HOURS``.

    A second cookie tells the lasting URLs of posts (``LASTING_PATH``), which belong to no session,
    which session of the resource link is open in this browser. It opens nothing.
    """
    in_tab = is_in_tab() if in_tab is None else in_tab
    set_cookie(response, COOKIE, token, path=session_path(session_id), in_tab=in_tab)
    if resource_link_id is not None:
        name = f"{_OPEN_SESSION}{resource_link_id}"
        set_cookie(response, name, session_id, path=LASTING_PATH, in_tab=in_tab)


def open_session_id(resource_link_id: int) -> str | None:
    """The ID of the session of this resource link that this browser opened last, if it said so."""
    return get_cookie(f"{_OPEN_SESSION}{resource_link_id}")


def open_resource_links() -> list[int]:
    """The resource links of which this browser says that a session is open."""
    names = (
        name.removeprefix(_OPEN_SESSION).partition("-")[0] for name in cookie_names(_OPEN_SESSION)
    )
    return [int(name) for name in names if name.isascii() and name.isdecimal() and len(name) < 10]


def delete_session_cookies(response: Response) -> None:
    """Delete the cookies of the current session in this browser."""
    launch_session = current_session()
    delete_cookie(response, COOKIE, path=launch_session.path)
    delete_cookie(response, LANGUAGE_COOKIE, path=launch_session.path)
    name = f"{_OPEN_SESSION}{launch_session.resource_link_id}"
    delete_cookie(response, name, path=LASTING_PATH)


def see_other(url: str) -> BaseResponse:
    """After a change: go to a URL of this session.

    A redirect (303), or the page itself where the browser does not store the cookie.
    """
    launch_session = current_session()
    if launch_session.cookieless:
        return page_of_session(url, launch_session.token)
    return go_to(url)


def page_of_session(url: str, token: str) -> Response:
    """Answer the present request with the page at a URL of a session (a path and a query).

    The browser does not know the URL; the page's script goes to its fragment.
    """
    path, _, fragment = url.partition("#")
    path, _, query = path.partition("?")
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    environ = {
        **request.environ,
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": "0",
        "CONTENT_TYPE": "",
        _PAGE_TOKEN: token,
        _FRAGMENT: fragment,
    }
    environ = {name: value for name, value in environ.items() if not name.startswith("werkzeug.")}
    with app.request_context(environ):
        try:
            response = app.full_dispatch_request()
        except HTTPException as error:
            response = app.make_response(error)
    return cast(Response, response)
