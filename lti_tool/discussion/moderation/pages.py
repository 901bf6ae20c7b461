"""What the pages of instructors share: the guard, the menu, the moderator of a request."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, url_for

from courseware.i18n.marking import N_
from lti_tool.discussion import discussions, presenter, queries
from lti_tool.discussion.moderation.service import Moderator
from lti_tool.discussion.post_views import Extras
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.requests import not_found, scope_of
from lti_tool.discussion.selects import PostRow
from lti_tool.discussion.view_models import PostView
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.guards import instructor_required
from lti_tool.sessions.requests import current_module
from lti_tool.web.context import database
from lti_tool.web.pages import render, ui

_FOR_INSTRUCTORS = N_("Only an instructor of the course can lead this discussion.")

for_instructors: Callable[[Any], Any] = instructor_required(_FOR_INSTRUCTORS)
"""Decorator of a view that only instructors may use."""

PAGES = (
    (N_("Moderation"), "discussion.queue"),
    (N_("Discussion settings"), "discussion.settings"),
    (N_("Announcement"), "discussion.announce"),
    (N_("Groups"), "discussion.groups"),
    (N_("Import answers"), "discussion.import_answers"),
    (N_("Start again"), "discussion.afresh"),
    (N_("Archives"), "discussion.archives"),
    (N_("Log"), "discussion.moderation_log"),
)
"""Title and endpoint of each page."""


def moderator_of(reader: Reader) -> Moderator:
    """Return the instructor who acts."""
    return Moderator(database(), reader.launch_session, reader.module)


def moderation_page(
    template: str, endpoint: str | None, *, status: int = 200, **context: Any
) -> Response:
    """Render a page of the instructor with the menu; ``endpoint`` is its own."""
    gettext = ui().gettext
    menu = [(gettext(title), url_for(name), name == endpoint) for title, name in PAGES]
    titles = {name: gettext(title) for title, name in PAGES}
    context.setdefault("title", titles.get(endpoint or ""))
    return render(f"tool/moderation/{template}.html", status=status, menu=menu, **context)


def shown_post(reader: Reader, row: PostRow, extras: Extras) -> PostView:
    """Return a post with its files and reactions; these pages have no form for reacting."""
    return replace(presenter.posted_view(reader, row, extras), may_react=False)


def living_post(reader: Reader, post_id: int) -> PostRow:
    """Return a post that is not deleted and that the reader may see."""
    with database().read_core() as connection:
        row = queries.find_post(connection, scope_of(reader), post_id)
    if row is None or row.status == "deleted":
        not_found()
    return row


def has_discussion() -> bool:
    """Whether the module of the request's session has a discussion."""
    module = current_module()
    return module is not None and module.discussion_section is not None


def number_waiting(launch_session: CurrentSession) -> int:
    """Return how many posts and edits an instructor has to deal with. Takes one statement."""
    module = current_module()
    if module is None:
        return 0
    with database().read_core() as connection:
        return discussions.number_waiting(connection, launch_session, module)
