"""The grades of an activity: the table, one person, and what an instructor does with them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from flask import Response as FlaskResponse
from flask import abort, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from courseware.i18n import Interface
from courseware.i18n.marking import N_
from lti_tool.directory.model import User
from lti_tool.discussion.moderation import log
from lti_tool.discussion.moderation.log import Action
from lti_tool.gradebook import grading, people, presenter, rules
from lti_tool.gradebook.activities import (
    Activity,
    columns_of,
    ensure_columns,
    learners,
    locked_column,
)
from lti_tool.gradebook.model import GradeColumn
from lti_tool.gradebook.presenter import Cell
from lti_tool.gradebook.settings_form import parse_points
from lti_tool.gradebook.views import FOR_INSTRUCTORS, activity_of_request, blueprint
from lti_tool.participation.service import csv_line
from lti_tool.sessions.guards import instructor_required
from lti_tool.sessions.requests import current_module, current_session, see_other
from lti_tool.web.context import database, settings
from lti_tool.web.pages import render, ui

_ROW_ID = "int(max=2147483647)"
_LARGEST_ID = 2**31 - 1
_COMMENT_LIMIT = 5000

_DONE: Mapping[str, str] = {
    "send": N_("All grades are sent again, except those that the LMS has already."),
    "read": N_("The grades were requested from the LMS. Load this page again in a moment."),
    "make": N_("The column is created again, and all grades are sent."),
}
_POINTS = N_("Write points from 0 to %(maximum)s, or nothing.")


@blueprint.get("/grades")
@instructor_required(FOR_INSTRUCTORS)
def show() -> Response:
    """List the participants with their work and grades."""
    if current_module() is None:
        return see_other(url_for("module_choice.choices"))
    name, done = request.args.get("name", "").strip()[:100], request.args.get("done", "")
    after = max(0, min(request.args.get("after", 0, type=int), _LARGEST_ID))
    with database().read() as session:
        activity = activity_of_request(session)
        found = people.rows(
            session,
            ui(),
            activity,
            settings().secret_key,
            name=name,
            after=after,
            limit=people.PAGE_SIZE + 1,
        )
        columns = presenter.column_views(session, ui(), activity)
        stored = columns_of(session, activity.resource_link_id).values()
    rows, more = found[: people.PAGE_SIZE], len(found) > people.PAGE_SIZE
    read_at = max((each.results_read_at for each in stored if each.results_read_at), default=None)
    return render(
        "tool/gradebook/grades.html",
        rows=rows,
        columns=columns,
        graded=bool(activity.kinds),
        name=name,
        first_page=after == 0,
        more_href=url_for(".show", name=name or None, after=rows[-1].user_id) if more else None,
        done=ui().gettext(_DONE[done]) if done in _DONE else None,
        read_at=read_at,
        reading=any(each.results_requested_at for each in stored),
    )


@blueprint.get(f"/grades/<{_ROW_ID}:user_id>")
@instructor_required(FOR_INSTRUCTORS)
def person(user_id: int) -> Response:
    """Show the grades of one person, with a form for each column."""
    with database().read() as session:
        activity = activity_of_request(session)
        name = _name_of(session, activity, user_id)
        cells = presenter.cells_of(session, ui(), activity, [user_id])[user_id]
    return _person_page(user_id, name, cells)


@blueprint.post(f"/grades/<{_ROW_ID}:user_id>")
@instructor_required(FOR_INSTRUCTORS)
def give(user_id: int) -> Response:
    """Grade a person by hand, or (``again``) send the grade again."""
    form = request.form
    points_text = form.get("points", "").strip()
    points = parse_points(points_text) if points_text else None
    comment = form.get("comment", "").strip()[:_COMMENT_LIMIT]
    with database().write() as session:
        activity = activity_of_request(session)
        name = _name_of(session, activity, user_id)
        cells = presenter.cells_of(session, ui(), activity, [user_id])[user_id]
        chosen = next(
            (cell for cell in cells if cell.column.kind == form.get("column")), None
        ) or abort(404)
        maximum = chosen.column.maximum
        if (points_text and points is None) or (points is not None and points > maximum):
            error = ui().gettext(_POINTS, maximum=ui().number(maximum))
            typed = replace(chosen, typed=points_text[:40], comment=comment, error=error)
            cells = [typed if cell is chosen else cell for cell in cells]
            return _person_page(user_id, name, cells, status=400)
        column = ensure_columns(session, activity)[chosen.column.kind]
        if points_text != chosen.typed or comment != chosen.comment:
            _give(session, activity, column, user_id, points, maximum, comment)
        elif form.get("again"):
            grading.send_again(session, column.id, user_id)
    return see_other(url_for(".person", user_id=user_id, saved="1"))


def _give(
    session: Session,
    activity: Activity,
    column: GradeColumn,
    user_id: int,
    points: float | None,
    maximum: float,
    comment: str,
) -> None:
    by = current_session().user_id
    changed = grading.give(
        session, column, user_id, points=points, maximum=maximum, comment=comment, by=by
    )
    if points is None:
        grading.recompute(session, activity, [user_id])
    if changed and activity.module is not None:
        number = "" if points is None else f"{points:.12g}"
        detail = f"{column.kind}={number}, user={user_id}"
        log.record(session, current_session(), activity.module.id, Action.GRADE, detail=detail)


def _name_of(session: Session, activity: Activity, user_id: int) -> str:
    """Return the name of a participant; 404 for anybody else."""
    query = select(User.name).where(User.id == user_id, User.id.in_(learners(activity.course_id)))
    row = session.execute(query).first() or abort(404)
    return people.shown_name(ui(), settings().secret_key, user_id, row.name)


def _person_page(user_id: int, name: str, cells: list[Cell], *, status: int = 200) -> Response:
    return render(
        "tool/gradebook/person.html",
        status=status,
        title=name,
        panel={
            "user_id": user_id,
            "cells": cells,
            "action": url_for(".give", user_id=user_id),
            "grades_href": url_for(".show"),
        },
        posts_href=url_for("participation.person", user_id=user_id),
        saved=request.method == "GET" and bool(request.args.get("saved")),
    )


@blueprint.post("/grades")
@instructor_required(FOR_INSTRUCTORS)
def act() -> Response:
    """Send all grades again, read those of the LMS, or make a deleted column again."""
    action = request.form.get("action", "")
    with database().write() as session:
        activity = activity_of_request(session)
        link, module = activity.resource_link_id, activity.module
        if action == "read":
            rules.request_results(session, link)
        elif action == "make":
            for found in columns_of(session, link).values():
                column = locked_column(session, found.id)
                if column is not None and column.gone_url is not None:
                    rules.make_again(session, column)
        elif action == "send" and module is not None:
            log.record(session, current_session(), module.id, Action.GRADES_SENT)
    if action in ("send", "make"):
        grading.send_all_again(database(), link)
    return see_other(url_for(".show", done=action))


@blueprint.get("/grades.csv")
@instructor_required(FOR_INSTRUCTORS)
def as_csv() -> Response:
    """Download the grades for a spreadsheet."""
    with database().read() as session:
        activity = activity_of_request(session)
        columns = presenter.column_views(session, ui(), activity)
    # The pieces are made after the request, so what depends on it is looked up now.
    rows = people.all_rows(database(), ui(), activity, settings().secret_key)
    lines = _csv(ui(), rows, [column.title for column in columns])
    response = FlaskResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="grades.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _csv(interface: Interface, rows: Iterator[people.Row], titles: list[str]) -> Iterator[str]:
    gettext = interface.gettext
    header = [
        *(gettext("Name"), gettext("User ID in the LMS"), gettext("Sections read")),
        *(gettext("Questions answered"), gettext("Threads"), gettext("Replies")),
    ]
    for title in titles:
        header += [title, gettext("Comment"), gettext("State"), gettext("In the LMS")]
    yield "\ufeff" + csv_line(header)
    for row in rows:
        work = row.work
        line: list[object] = [row.name, row.lms_user_id, work.sections, work.questions]
        line += [work.threads, work.replies]
        for cell in row.cells:
            line += [float(cell.typed) if cell.typed else "", cell.comment, cell.state]
            line.append(cell.in_lms or "")
        yield csv_line(line)
