"""Open a page of a session by its page token (in a new tab, or without cookies), and leave it."""

from flask import Blueprint, Response, request

from lti_tool.sessions.guards import open_to_previews
from lti_tool.sessions.requests import (
    current_session,
    delete_session_cookies,
    page_of_session,
    set_session_cookie,
)
from lti_tool.sessions.service import end_session
from lti_tool.web.context import database
from lti_tool.web.pages import render
from lti_tool.web.responses import go_to

blueprint = Blueprint("sessions", __name__)


@blueprint.post("/open")
@open_to_previews
def open_page() -> Response:
    """Answer with the page at ``to``, or (``tab``) redirect to it and set the session cookie."""
    launch_session = current_session()
    url = _url_inside(request.form.get("to", ""), launch_session.path)
    if "tab" not in request.form:
        return page_of_session(url, launch_session.token)
    response = go_to(url)
    link_id = launch_session.resource_link_id
    set_session_cookie(response, launch_session.id, launch_session.token, link_id, in_tab=True)
    return response


@blueprint.post("/leave")
@open_to_previews
def leave() -> Response:
    """End the session at once, on the server and in this browser, and say how to come back.

    No redirect: no URL of the session can be opened afterwards.
    """
    launch_session = current_session()
    end_session(database(), launch_session.id)
    response = render("tool/left.html", return_href=launch_session.return_url, launch=None)
    delete_session_cookies(response)
    return response


def _url_inside(wanted: str, base: str) -> str:
    """The wanted path and query if they are below the session's path, else the session's path."""
    path, _, query = wanted.partition("#")[0].partition("?")
    if not path.startswith(base) or ".." in path or path == request.path:
        return base
    if not wanted.isascii() or not wanted.isprintable():  # browsers percent-encode such URLs
        return base
    return path + (f"?{query}" if query else "")
