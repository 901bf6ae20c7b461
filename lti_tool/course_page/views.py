"""The page of a course: all its activities with this tool, for instructors.

It shows numbers of other activities and leads to them in the LMS. It opens nothing there: a session
belongs to one activity.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from courseware.i18n.marking import N_
from lti_tool.course_page import service
from lti_tool.discussion.counts import MOST_NEW
from lti_tool.notifications import service as notifications
from lti_tool.notifications.choices import as_choice
from lti_tool.notifications.letters import names_of_choices
from lti_tool.participation import totals
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.guards import instructor_required
from lti_tool.sessions.requests import current_module, current_session, see_other
from lti_tool.web.context import database, library, settings
from lti_tool.web.pages import message_page, render, ui, wanted_languages

blueprint = Blueprint("course_page", __name__)

_FOR_INSTRUCTORS = N_("Only an instructor of the course can see its activities.")
_LARGEST_ID = 2**31 - 1

_for_instructors: Callable[[Any], Any] = instructor_required(_FOR_INSTRUCTORS)


def has_course() -> bool:
    """Whether the request's session is that of an activity in a course."""
    return current_session().course_id is not None and not current_session().is_deep_linking


@blueprint.get("/course")
@_for_instructors
def show() -> Response:
    """List a page of the activities of the course."""
    if not has_course():
        return _no_course()
    launch_session = current_session()
    after = max(0, min(request.args.get("after", 0, int), _LARGEST_ID))
    with database().read_core() as connection:
        page = service.course_page(connection, launch_session, library(), after=after)
        choice = notifications.course_choice_of(connection, launch_session)
    if page.outdated:
        with database().write_core() as connection:
            totals.request_counts(connection, page.outdated)
    module, languages = current_module(), wanted_languages()
    return render(
        "tool/course.html",
        rows=[(row, service.module_name(row.overview, languages)) for row in page.rows],
        people=page.people,
        most_new=MOST_NEW,
        counting=any(row.numbers.reach is None for row in page.rows),
        counted_at=min((at for row in page.rows if (at := row.numbers.counted_at)), default=None),
        later_href=url_for(".show", after=page.last_id) if page.more else None,
        first_href=url_for(".show") if after else None,
        pages_here=_pages_here(has_discussion=module is not None and _discusses(module)),
        may_follow=settings().sends_mail and _may_follow(launch_session),
        choice=choice,
        choices=names_of_choices(ui()),
        saved=request.args.get("done") == "saved",
    )


@blueprint.post("/course/follow")
@_for_instructors
def follow() -> BaseResponse:
    """Store what the instructor gets of all discussions of the course."""
    if not has_course():
        return _no_course()
    follows = request.form.get("follow") == "1"
    choice = as_choice(request.form.get("course_choice")) or "daily"
    notifications.follow_course(database(), current_session(), choice if follows else None)
    return see_other(url_for(".show", done="saved"))


@blueprint.get("/course.csv")
@_for_instructors
def as_csv() -> Response:
    """Download the table for a spreadsheet."""
    if not has_course():
        return _no_course()
    lines = service.csv_lines(database(), current_session(), library(), ui(), wanted_languages())
    response = Response(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="course.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _may_follow(launch_session: CurrentSession) -> bool:
    return launch_session.own_record and not launch_session.guest


def _discusses(module: Any) -> bool:
    return module.discussion_section is not None


def _pages_here(*, has_discussion: bool) -> list[tuple[str, str]]:
    """The pages of the session's own activity for instructors: labels and URLs."""
    gettext = ui().gettext
    if current_module() is None:
        return [(gettext("Choose another module"), url_for("module_choice.choices"))]
    pages = [(gettext("Participation"), url_for("participation.show"))]
    if has_discussion:
        pages = [
            (gettext("Moderation"), url_for("discussion.queue")),
            (gettext("Discussion settings"), url_for("discussion.settings")),
            *pages,
        ]
    return [*pages, (gettext("Download for offline use"), url_for("packages.show"))]


def _no_course() -> Response:
    gettext = ui().gettext
    back = (gettext("Back to the module"), current_session().path)
    return message_page(
        gettext("This course"),
        [gettext("This activity does not belong to a course.")],
        actions=[] if current_session().is_deep_linking else [back],
        status=404,
    )
