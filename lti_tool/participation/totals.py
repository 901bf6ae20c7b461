"""The numbers of people who opened, read and wrote, without counting a large course at reading.

The number of participants is stored (``Course.learner_count``). In a course of up to
``LIVE_UP_TO`` participants the others are counted for the page; in a larger one the worker counts
them, at most every ``MAX_AGE``, when an instructor opens the page.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from lti_tool.discussion import course_overview, participation
from lti_tool.discussion.course_overview import Reach
from lti_tool.discussion.participation import Participation, QuestionTotal, Totals
from lti_tool.participation.model import ParticipationTotals
from lti_tool.roster.queries import learners_count
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox
from lti_tool.tasks.outbox import Handler

COUNT = "participation.count"
"""Outbox kind of a count. Stored in databases: keep the value."""
COUNT_SEVERAL = "participation.count_several"
"""Outbox kind of the counts of several activities. Stored in databases: keep the value."""
LIVE_UP_TO = 300
"""Participants of a course up to which they are counted for each page."""
MAX_AGE = timedelta(minutes=10)
LOST = timedelta(hours=1)
"""After this time a request is taken for lost."""

_INSERT: dict[str, Any] = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}
_T = ParticipationTotals.__table__


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the page shows of all people. ``counted_at``: None for numbers of this moment.

    ``totals`` is None before the first count of a large course. ``is_old``: to be counted again.
    """

    people: int
    totals: Totals | None = None
    questions: Mapping[str, QuestionTotal] = field(default_factory=dict)
    counted_at: datetime | None = None
    is_old: bool = False


@dataclass(frozen=True, slots=True)
class CourseNumbers:
    """The numbers of one activity on a page with several. ``reach`` is None before the first count.

    ``counted_at``: None for numbers of this moment. ``is_old``: to be counted again.
    """

    reach: Reach | None
    counted_at: datetime | None = None
    is_old: bool = False


def numbers(connection: Connection, scope: Participation, module_id: str) -> Numbers:
    """Return the numbers of an activity. Takes at most three statements."""
    if scope.course_id is None:
        return _counted(connection, scope)
    people = learners_count(connection, scope.course_id)
    if people <= LIVE_UP_TO:
        return _counted(connection, scope)
    row = connection.execute(
        select(_T.c.counted_at, _T.c.content).where(
            _T.c.resource_link_id == scope.resource_link_id, _T.c.module_id == module_id
        )
    ).first()
    if row is None or row.counted_at is None:
        return Numbers(people, is_old=True)
    content = json.loads(row.content)
    if content["scope"] != asdict(scope):  # started afresh, or anonymous posts count now
        return Numbers(people, is_old=True)
    return Numbers(
        people=people,
        totals=Totals(**content["totals"])._replace(people=people),
        questions={key: QuestionTotal(*each) for key, each in content["questions"].items()},
        counted_at=row.counted_at,
        is_old=row.counted_at < now() - MAX_AGE,
    )


def numbers_by_activity(
    connection: Connection,
    course_id: int,
    people: int,
    scopes: Mapping[int, tuple[Participation, str]],
) -> dict[int, CourseNumbers]:
    """Return the numbers of some activities of a course, by resource link.

    ``people``: number of participants of the course. ``scopes``: the discussion and the module id
    of each activity. Takes at most three statements.
    """
    if people <= LIVE_UP_TO:
        of_each = [scope for scope, _ in scopes.values()]
        found = course_overview.reach(connection, course_id, of_each)
        return {link: CourseNumbers(reach) for link, reach in found.items()}
    rows = connection.execute(
        select(_T.c.resource_link_id, _T.c.module_id, _T.c.counted_at, _T.c.content).where(
            _T.c.resource_link_id.in_(scopes), _T.c.counted_at.is_not(None)
        )
    ).all()
    stored = {(row.resource_link_id, row.module_id): row for row in rows}
    return {
        link: _as_stored(scope, stored.get((link, module_id)))
        for link, (scope, module_id) in scopes.items()
    }


def _as_stored(scope: Participation, row: Any) -> CourseNumbers:
    content = json.loads(row.content) if row is not None else {}
    if content.get("scope") != asdict(scope):
        return CourseNumbers(None, is_old=True)
    totals = Totals(**content["totals"])
    return CourseNumbers(
        reach=Reach(totals.opened, totals.read, totals.wrote),
        counted_at=row.counted_at,
        is_old=row.counted_at < now() - MAX_AGE,
    )


def request_count(connection: Connection, scope: Participation, module_id: str) -> None:
    """Let the worker count, in the transaction of the caller, unless a request is waiting."""
    request_counts(connection, [(scope, module_id)])


def request_counts(connection: Connection, wanted: Sequence[tuple[Participation, str]]) -> None:
    """Let the worker count activities for which no request is waiting. Takes two statements."""
    if not wanted:
        return
    moment = now()
    found = connection.execute(
        _INSERT[connection.dialect.name](ParticipationTotals)
        .values(
            [
                {
                    "resource_link_id": scope.resource_link_id,
                    "module_id": module_id,
                    "requested_at": moment,
                    "content": "",
                }
                for scope, module_id in sorted(wanted, key=lambda each: each[0].resource_link_id)
            ]
        )
        .on_conflict_do_update(
            index_elements=["resource_link_id", "module_id"],
            set_={"requested_at": moment},
            where=or_(_T.c.requested_at.is_(None), _T.c.requested_at < moment - LOST),
        )
        .returning(_T.c.resource_link_id, _T.c.module_id)
    ).all()
    requested = {tuple(row) for row in found}
    payloads: list[dict[str, Any]] = [
        {"scope": asdict(scope), "module": module_id}
        for scope, module_id in wanted
        if (scope.resource_link_id, module_id) in requested
    ]
    if not payloads:
        return
    first = payloads[0]
    key = f"{first['scope']['resource_link_id']}:{first['module']}:{moment.isoformat()}"
    if len(payloads) == 1:
        outbox.put(connection, COUNT, key, first)
    else:
        outbox.put(connection, COUNT_SEVERAL, key, {"counts": payloads})


def count_several(database: Database, payload: Mapping[str, Any]) -> None:
    """Count and store the numbers of several activities, each in a transaction of its own."""
    for each in payload["counts"]:
        count(database, each)


def count(database: Database, payload: Mapping[str, Any]) -> None:
    """Count and store the numbers of an activity."""
    scope, moment = Participation(**payload["scope"]), now()
    with database.read_core() as connection:
        found = _counted(connection, scope)
    assert found.totals is not None
    content = {
        "scope": payload["scope"],
        "totals": found.totals._asdict(),
        "questions": {key: list(each) for key, each in found.questions.items()},
    }
    with database.write_core() as connection:
        connection.execute(
            update(ParticipationTotals)
            .where(
                _T.c.resource_link_id == scope.resource_link_id,
                _T.c.module_id == payload["module"],
            )
            .values(counted_at=moment, requested_at=None, content=json.dumps(content))
        )


def _counted(connection: Connection, scope: Participation) -> Numbers:
    totals = participation.totals(connection, scope)
    return Numbers(totals.people, totals, participation.by_question(connection, scope))


handlers: Mapping[str, Handler] = {COUNT: count, COUNT_SEVERAL: count_several}
