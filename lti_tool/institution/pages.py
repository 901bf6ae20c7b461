"""The frame of the institution's pages, which other features use for theirs."""

from typing import Any

from flask import g, url_for
from werkzeug.wrappers import Response

from courseware.i18n.marking import N_
from lti_tool.institution.scope import Institution, institution_of
from lti_tool.sessions.navigation import institution_pages
from lti_tool.sessions.requests import current_module, current_session
from lti_tool.web.context import database
from lti_tool.web.pages import render, ui

FOR_ADMINISTRATORS = N_("Only an administrator of the LMS can open the pages of the institution.")


def current_institution() -> Institution:
    """The institution of the request's session, read once for each request."""
    found: Institution | None = g.get("institution")
    if found is None:
        with database().read() as session:
            found = g.institution = institution_of(session, current_session())
    return found


def institution_page(
    template: str, endpoint: str, *, status: int = 200, **context: Any
) -> Response:
    """Render a template of ``tool/institution``; ``endpoint`` is the current entry of the menu."""
    here = url_for(endpoint)
    menu = [
        (entry["label"], entry["href"], entry["href"] == here)
        for entry in institution_pages(current_session(), ui())
    ]
    return render(
        f"tool/institution/{template}.html",
        status=status,
        menu=menu,
        institution_name=current_institution().name,
        has_module=current_module() is not None and not current_session().paused,
        **context,
    )
