"""What the gradebook shows on other pages: what counts, and the form with a person's grades."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from courseware.i18n import Interface
from lti_tool.gradebook import presenter, scoring
from lti_tool.gradebook.activities import Activity, find_for_person, work_of
from lti_tool.gradebook.model import Grade, GradeColumn
from lti_tool.gradebook.scoring import Criterion, Kind, Work
from lti_tool.sessions.panels import Panel
from lti_tool.sessions.requests import current_session
from lti_tool.web.context import library
from lti_tool.web.pages import ui


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that counts, as a sentence; ``sofar``: what the reader has done of it."""

    text: str
    sofar: str | None


@dataclass(frozen=True, slots=True)
class CountingColumn:
    """What counts for one column: a heading sentence, and the things that are required."""

    text: str
    due_at: datetime | None
    lines: list[Line]
    grade: str | None


def _module_panel(connection: Connection, _user: int | None) -> Mapping[str, Any] | None:
    """What counts for the grade, for everyone, with the reader's own work.

    Takes one statement if the activity has no grade; four if it has.
    """
    launch_session = current_session()
    link = launch_session.resource_link_id
    if link is None:
        return None
    user_id = launch_session.user_id or 0
    activity, learner = find_for_person(connection, library(), link, user_id)
    if activity is None or activity.module is None or not activity.kinds:
        return None
    work: Work | None = None
    grades: Mapping[Kind, Any] = {}
    if learner:
        work = work_of(connection, activity, [user_id]).get(user_id, Work())
        grades = _grades_of(connection, link, user_id)
    columns = [_column(ui(), activity, kind, work, grades.get(kind)) for kind in activity.kinds]
    settings_href = url_for("gradebook.settings") if launch_session.instructor else None
    return {"columns": columns, "settings_href": settings_href}


def _grades_of(connection: Connection, resource_link_id: int, user_id: int) -> dict[Kind, Any]:
    """Return points and maximum of the grades that a person may see, by the kind of the column."""
    rows = connection.execute(_GRADES, {"link": resource_link_id, "user": user_id})
    return {row.kind: row for row in rows}


def _column(
    ui: Interface, activity: Activity, kind: Kind, work: Work | None, grade: Any
) -> CountingColumn:
    assert activity.module is not None
    settings = activity.settings
    if kind == "activity":
        required = scoring.criteria(settings, activity.module)
        due_at = settings.due_at
    else:
        required = (scoring.checkpoint(kind, settings),)
        due_at = settings.first_post_due_at if kind == "first_post" else settings.replies_due_at
    return CountingColumn(
        text=_heading(ui, activity, kind),
        due_at=due_at,
        lines=[_line(ui, each, work) for each in required],
        grade=presenter.points_text(ui, grade.points, grade.maximum) if grade else None,
    )


def _heading(ui: Interface, activity: Activity, kind: Kind) -> str:
    maximum = scoring.column_maximum(kind, activity.settings)
    points = ui.number(maximum) if maximum is not None else None
    if kind == "first_post":
        return ui.gettext("Checkpoint for up to %(points)s points:", points=points)
    if kind == "replies":
        return ui.gettext("Checkpoint for up to %(points)s points:", points=points)
    method = activity.settings.method
    if method == "completion":
        return ui.gettext("This activity is complete when you have done all of this:")
    if method == "manual":
        return ui.gettext("An instructor grades what you write here.")
    if points is None:
        return ui.gettext("Your grade grows with what you do of this:")
    return ui.gettext(
        "Your grade grows with what you do of this, up to %(points)s points:", points=points
    )


def _line(ui: Interface, criterion: Criterion, work: Work | None) -> Line:
    number = criterion.required
    texts = {
        "sections": ui.ngettext("Read %(n)s section.", "Read %(n)s sections.", number),
        "questions": ui.ngettext(
            "Answer %(n)s suggested question.", "Answer %(n)s suggested questions.", number
        ),
        "threads": ui.ngettext(
            "Write %(n)s post that starts a thread, or answers a question.",
            "Write %(n)s posts that start a thread, or answer a question.",
            number,
        ),
        "replies": ui.ngettext("Write %(n)s reply.", "Write %(n)s replies.", number),
    }
    sofar = None
    if work is not None:
        done, whole = ui.number(criterion.done(work)), ui.number(number)
        sofar = ui.gettext("So far: %(done)s of %(whole)s", done=done, whole=whole)
    return Line(texts[criterion.item], sofar)


def _participant_panel(connection: Connection, user_id: int | None) -> Mapping[str, Any] | None:
    """The grades of one person, with a form; for instructors."""
    link = current_session().resource_link_id
    if link is None or user_id is None:
        return None
    activity, learner = find_for_person(connection, library(), link, user_id)
    if activity is None or not activity.kinds or not learner:
        return None
    with Session(connection) as session:
        return {
            "user_id": user_id,
            "cells": presenter.cells_of(session, ui(), activity, [user_id])[user_id],
            "action": url_for("gradebook.give", user_id=user_id),
            "grades_href": url_for("gradebook.show"),
        }


_GRADES = (
    select(GradeColumn.kind, Grade.points, Grade.maximum)
    .join(Grade, Grade.column_id == GradeColumn.id)
    .where(
        GradeColumn.resource_link_id == bindparam("link"),
        GradeColumn.active,
        GradeColumn.released,
        Grade.user_id == bindparam("user"),
    )
)

PANELS = (
    Panel("module", "tool/gradebook/_what_counts.html", _module_panel),
    Panel("participant", "tool/gradebook/_person.html", _participant_panel),
)
