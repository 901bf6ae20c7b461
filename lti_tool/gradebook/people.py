"""The participants of an activity with their work and grades: the rows of the table and the CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from courseware.i18n import Interface
from lti_tool.directory.model import Membership, User
from lti_tool.directory.sort_names import after_member, has_name_part
from lti_tool.discussion import names
from lti_tool.gradebook import presenter
from lti_tool.gradebook.activities import Activity, learners, work_of
from lti_tool.gradebook.presenter import Cell
from lti_tool.gradebook.scoring import Work
from lti_tool.storage.database import Database

PAGE_SIZE = 50
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A participant in the table."""

    user_id: int
    name: str
    lms_user_id: str
    work: Work
    cells: list[Cell]


def rows(
    session: Session,
    ui: Interface,
    activity: Activity,
    secret_key: str,
    *,
    name: str = "",
    after: int = 0,
    limit: int = PAGE_SIZE,
) -> list[Row]:
    """Return participants in the order of their names, after the user ``after``.

    ``name``: only those whose name has this text. Takes eight statements.
    """
    people = session.execute(_people(session, activity, name, after, limit)).all()
    ids = [person.id for person in people]
    work = work_of(session.connection(), activity, ids) if ids else {}
    cells = presenter.cells_of(session, ui, activity, ids)
    return [
        Row(
            user_id=person.id,
            name=shown_name(ui, secret_key, person.id, person.name),
            lms_user_id=person.subject or "",
            work=work.get(person.id, Work()),
            cells=cells[person.id],
        )
        for person in people
    ]


def shown_name(ui: Interface, secret_key: str, user_id: int, name: str | None) -> str:
    """Return the name, or a stable pseudonym where the LMS sends none."""
    code = None if name else names.pseudonym_code(secret_key, user_id)
    return names.display_name(ui, name, code, "participant")


def _people(session: Session, activity: Activity, name: str, after: int, limit: int) -> Any:
    """The people, read from the index of the members' names."""
    people: Any = (
        learners(activity.course_id)
        .with_only_columns(User.id, User.name, User.subject)
        .order_by(Membership.sort_name, Membership.user_id)
        .limit(limit)
    )
    later = after_member(session, activity.course_id, after)
    return people.where(*has_name_part(name), *later)


def all_rows(
    database: Database, ui: Interface, activity: Activity, secret_key: str
) -> Iterator[Row]:
    """Yield the rows of all participants; memory is bounded."""
    after = 0
    while True:
        with database.read() as session:
            some: Sequence[Row] = rows(session, ui, activity, secret_key, after=after, limit=_BATCH)
        yield from some
        if len(some) < _BATCH:
            return
        after = some[-1].user_id
