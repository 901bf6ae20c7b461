"""The members of the course, for instructors: who they are, and when the LMS was last asked."""

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from courseware.i18n.marking import N_
from lti_tool.roster import queries, service
from lti_tool.roster.problems import MESSAGES, Problem
from lti_tool.roster.queries import CourseMember
from lti_tool.sessions.guards import instructor_required, open_to_previews
from lti_tool.sessions.requests import current_session, see_other
from lti_tool.storage.database import now
from lti_tool.web.context import database
from lti_tool.web.pages import render, ui

blueprint = Blueprint("roster", __name__)

_FOR_INSTRUCTORS = N_("Only an instructor of the course can see the list of participants.")
_ROLES = {
    "instructor": N_("Instructor"),
    "learner": N_("Participant"),
    "other": N_("Other role"),
}
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Row:
    """A member on the page; ``name`` is None if the LMS does not send it."""

    name: str | None
    role: str
    active: bool


@blueprint.get("/participants")
@instructor_required(_FOR_INSTRUCTORS)
def show() -> Response:
    """List the members of the course, and say how old the list is."""
    course_id = current_session().course_id or 0
    after = max(0, min(request.args.get("after", 0, type=int), _LARGEST_ID))
    with database().read_core() as connection:
        state = queries.roster_state(connection, course_id)
        found = queries.roster_of(
            connection, course_id, active=None, after=after, limit=queries.PAGE_SIZE + 1
        )
        learners = queries.learners_count(connection, course_id)
        offered = queries.is_offered(connection, course_id)
    rows, more = found[: queries.PAGE_SIZE], len(found) > queries.PAGE_SIZE
    waiting = state is not None and state.requested_at is not None
    problem = Problem(state.problem) if state is not None and state.problem else None
    if not offered:
        problem = Problem.NOT_OFFERED
    return render(
        "tool/participants.html",
        rows=[_row(member) for member in rows],
        first_page=after == 0,
        more_href=url_for(".show", after=rows[-1].user_id) if more else None,
        first_href=url_for(".show"),
        learners=learners,
        read_at=state.read_at if state is not None else None,
        waiting=waiting and state is not None and not service.is_lost(state, now()),
        problem=ui().gettext(MESSAGES[problem]) if problem else None,
        offered=offered,
    )


@blueprint.post("/participants")
@open_to_previews
@instructor_required(_FOR_INSTRUCTORS)
def refresh() -> Response:
    """Request the list from the LMS; the worker reads it."""
    course_id = current_session().course_id
    if course_id is not None:
        with database().write_core() as connection:
            if queries.is_offered(connection, course_id):
                service.request_refresh(connection, course_id)
    return see_other(url_for(".show"))


def _row(member: CourseMember) -> Row:
    return Row(member.name, ui().gettext(_ROLES[member.role]), member.active)
