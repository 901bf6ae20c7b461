"""An activity whose grades are kept: its settings, its columns, and who is graded in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, exists, select
from sqlalchemy.orm import Session

from courseware import parts
from courseware.library import Library
from courseware.module import Module
from lti_tool.directory.model import Membership, ResourceLink, User
from lti_tool.discussion import activity_work, participation
from lti_tool.gradebook import scoring, settings
from lti_tool.gradebook.model import GradeColumn, GradeRule
from lti_tool.gradebook.scoring import Kind, Work
from lti_tool.gradebook.settings import GradeSettings
from lti_tool.lti.roles import LEARNER_ROLE
from lti_tool.module_page.service import reading_of
from lti_tool.storage.database import now
from lti_tool.tasks import outbox

SEND = "gradebook.send"
"""Outbox kind for the scores of a column; the payload names the ``column``."""
RESULTS = "gradebook.results"
"""Outbox kind: read the grades that the LMS holds; the payload names the ``column``."""
RECOMPUTE = "gradebook.recompute"
"""Outbox kind: compute the grades of all learners of an activity; the payload names ``link``."""

_ACTIVITY = (
    select(
        ResourceLink.course_id,
        ResourceLink.title,
        ResourceLink.module_id,
        ResourceLink.part,
        ResourceLink.line_item_url,
        GradeRule.settings,
    )
    .outerjoin(GradeRule, GradeRule.resource_link_id == ResourceLink.id)
    .where(ResourceLink.id == bindparam("link"))
)

_IS_LEARNER = exists().where(
    Membership.course_id == ResourceLink.course_id,
    Membership.user_id == bindparam("user"),
    Membership.ended_at.is_(None),
    Membership.role == LEARNER_ROLE,
    User.id == Membership.user_id,
    User.kind == "person",
    User.subject.is_not(None),
)
_ACTIVITY_OF_USER = _ACTIVITY.add_columns(case((_IS_LEARNER, 1), else_=0).label("is_learner"))


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity, what counts in it, and its module (None: none is chosen, or it is gone).

    The module has only those sections and questions that the activity shows.
    """

    resource_link_id: int
    course_id: int | None
    title: str | None
    linked: bool
    settings: GradeSettings
    decided: bool
    """An instructor has decided what counts."""
    module: Module | None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The columns that there are to be."""
        return scoring.kinds_of(self.settings, self.module)


def find_activity(session: Session, library: Library, resource_link_id: int) -> Activity | None:
    """Return an activity; None if it does not exist. Takes one statement."""
    row = session.connection().execute(_ACTIVITY, {"link": resource_link_id}).first()
    return None if row is None else _activity(library, resource_link_id, row)


def _activity(library: Library, resource_link_id: int, row: Any) -> Activity:
    linked = row.line_item_url is not None
    module = library.get(row.module_id) if row.module_id else None
    return Activity(
        resource_link_id=resource_link_id,
        course_id=row.course_id,
        title=row.title,
        linked=linked,
        settings=settings.parse(row.settings, linked=linked),
        decided=row.settings is not None,
        module=parts.only(module, row.part) if module else None,
    )


def find_for_person(
    connection: Connection, library: Library, resource_link_id: int, user_id: int
) -> tuple[Activity | None, bool]:
    """Return an activity, and whether a user is graded in it. Takes one statement."""
    parameters = {"link": resource_link_id, "user": user_id}
    row = connection.execute(_ACTIVITY_OF_USER, parameters).first()
    if row is None:
        return None, False
    return _activity(library, resource_link_id, row), bool(row.is_learner)


def is_graded(session: Session, resource_link_id: int) -> bool:
    """Whether the settings of an activity ask for a column. Takes one statement."""
    row = session.connection().execute(_ACTIVITY, {"link": resource_link_id}).first()
    if row is None:
        return False
    return settings.parse(row.settings, linked=row.line_item_url is not None).graded


def grading_of(
    connection: Connection, resource_link_ids: Sequence[int]
) -> dict[int, GradeSettings]:
    """Return what counts in some activities. Takes one statement."""
    rows = connection.execute(
        select(ResourceLink.id, ResourceLink.line_item_url, GradeRule.settings)
        .outerjoin(GradeRule, GradeRule.resource_link_id == ResourceLink.id)
        .where(ResourceLink.id.in_(resource_link_ids))
    )
    return {
        row.id: settings.parse(row.settings, linked=row.line_item_url is not None) for row in rows
    }


def columns_of(
    session: Session, resource_link_id: int, *, inactive: bool = False
) -> dict[Kind, GradeColumn]:
    """Return the columns of an activity by kind, in the order of ``scoring.KINDS``."""
    query = select(GradeColumn).where(GradeColumn.resource_link_id == resource_link_id)
    if not inactive:
        query = query.where(GradeColumn.active)
    found = {column.kind: column for column in session.scalars(query)}
    return {kind: found[kind] for kind in scoring.KINDS if kind in found}


def ensure_columns(session: Session, activity: Activity) -> dict[Kind, GradeColumn]:
    """Create the columns that the settings ask for and that do not exist yet; return all of them.

    Labels in the languages of the readers come with the settings (``rules.save``).
    """
    found = columns_of(session, activity.resource_link_id)
    wanted, chosen = activity.kinds, activity.settings
    if all(kind in found for kind in wanted):
        return found
    lock_link(session, activity.resource_link_id)
    stored = columns_of(session, activity.resource_link_id, inactive=True)
    for kind in wanted:
        if kind in stored:  # one that nothing counted for, until another module was chosen
            stored[kind].active = True
            continue
        column = GradeColumn(
            resource_link_id=activity.resource_link_id,
            kind=kind,
            label=(activity.title or "")[:255],
            maximum=scoring.column_maximum(kind, chosen),
            due_at=scoring.column_due_at(kind, chosen),
            released=chosen.released,
        )
        session.add(column)
    session.flush()
    return columns_of(session, activity.resource_link_id)


def lock_link(session: Session, resource_link_id: int) -> None:
    """Lock an activity, so that its settings and columns are created once."""
    link = select(ResourceLink.id).where(ResourceLink.id == resource_link_id)
    session.execute(link.with_for_update(key_share=True))


def queue(session: Session, column_id: int) -> None:
    """Let the worker send the grades of a column that are due, unless the column is paused.

    The column's row is locked until the transaction ends: the worker finds the grades of this
    transaction, or this transaction finds that the worker has ended.
    """
    column = locked_column(session, column_id)
    if column is None:
        return
    if not column.queued:
        column.queued = True
        put_task(session, column_id)
    elif column.paused_until is None or column.paused_until <= now():
        outbox.hurry(session, SEND, str(column_id))


def locked_column(session: Session, column_id: int) -> GradeColumn | None:
    """Return a column, locked until the transaction ends."""
    return session.get(
        GradeColumn, column_id, with_for_update={"key_share": True}, populate_existing=True
    )


def put_task(session: Session, column_id: int, delay: timedelta = timedelta()) -> None:
    """Put the task that sends the grades of a column. There is one at a time (``queued``)."""
    key = f"{column_id}:{now().isoformat()}"
    payload = {"column": column_id}
    outbox.put(session, SEND, key, payload, order_key=str(column_id), delay=delay)


def learners(course_id: int | None) -> Select[int]:
    """The users who are graded: learners who are in the course now, without test users."""
    return (
        select(Membership.user_id)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.course_id == course_id,
            Membership.ended_at.is_(None),
            Membership.role == LEARNER_ROLE,
            User.kind == "person",
            User.subject.is_not(None),
        )
    )


def work_of(connection: Connection, activity: Activity, user_ids: Sequence[int]) -> dict[int, Work]:
    """Return what some users have done in the activity. Takes two statements."""
    assert activity.module is not None
    link, module = activity.resource_link_id, activity.module
    done = activity_work.work_in_activity(connection, link, module, user_ids)
    reading = reading_of(connection, link, module, user_ids)
    questions = set(participation.question_ids(activity.module))
    found = {}
    for user_id, work in done.items():
        sections, read_at = reading.get(user_id, (0, None))
        found[user_id] = Work(
            sections=sections,
            questions=len(questions & work.answered),
            threads=work.threads,
            replies=work.replies,
            started_at=work.opened_at,
            read_at=read_at,
            first_post_at=work.first_post_at,
            latest_at=work.latest_post_at,
        )
    return found
