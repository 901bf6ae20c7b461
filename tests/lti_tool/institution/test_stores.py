"""What is stored about an institution, on both engines."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from lti_tool.directory import audit
from lti_tool.directory.deployment_join import join_deployments
from lti_tool.directory.model import (
    NAMELESS,
    Course,
    CourseCopy,
    Deployment,
    Membership,
    RegistrationRow,
    User,
)
from lti_tool.directory.service_uses import DatabaseServiceLog, uses_of
from lti_tool.institution import tasks
from lti_tool.institution.model import UsageDay
from lti_tool.institution.usage import count_usage
from lti_tool.launches.service import open_session
from lti_tool.lti.launch import LaunchCourse, LaunchUser, NoticeService
from lti_tool.lti.pns import CONTEXT_COPY
from lti_tool.platform_notices import service as notices
from lti_tool.platform_notices.tasks import record_copies
from lti_tool.sessions.model import LaunchSession
from lti_tool.storage.database import Database, now
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.launches.test_service import a_launch, options

pytestmark = pytest.mark.both_engines


class Place:
    """A registration, with launches from its deployments."""

    def __init__(self, database: Database, registration_id: int) -> None:
        self.database = database
        self.registration_id = registration_id
        self.launches = 0

    def launch(self, user: str | None, deployment: str = "1", course: str = "c1") -> None:
        self.launches += 1
        launch = a_launch(
            f"n{self.launches}",
            deployment_id=deployment,
            user=LaunchUser(user, user, None, None, None, None),
            course=LaunchCourse(course, None, course),
        )
        open_session(self.database, launch, options(self.registration_id))

    def rows(self, statement: Any) -> list[tuple[Any, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(statement)]

    def count(self, table: type) -> int:
        return self.rows(select(func.count()).select_from(table))[0][0]

    def deployment(self, name: str = "1") -> int:
        return self.rows(select(Deployment.id).where(Deployment.deployment_id == name))[0][0]


@pytest.fixture
def place(database: Database, registration_id: int) -> Place:
    return Place(database, registration_id)


def test_usage_counts_launches_and_different_people(place: Place) -> None:
    for user in ("ana", "ana", "rosa", None):
        place.launch(user)
    place.launch("ana", "2")
    yesterday = now() - timedelta(days=1)
    with place.database.write() as session:
        first = session.scalars(select(LaunchSession).limit(1)).one()
        session.execute(
            update(LaunchSession).where(LaunchSession.id == first.id).values(created_at=yesterday)
        )
    for _ in range(2):
        count_usage(place.database)
    usage = select(UsageDay.deployment_id, UsageDay.day, UsageDay.launches, UsageDay.people)
    one, other = place.deployment("1"), place.deployment("2")
    assert sorted(place.rows(usage)) == [
        (one, f"{yesterday:%Y-%m-%d}", 1, 1),
        (one, f"{now():%Y-%m-%d}", 3, 2),
        (other, f"{now():%Y-%m-%d}", 1, 1),
    ]
    # Two deployments that are joined have the sums.
    join_deployments(place.database, place.registration_id, "2", "1")
    assert sorted(place.rows(usage))[1] == (one, f"{now():%Y-%m-%d}", 4, 3)


def test_the_uses_of_services(place: Place) -> None:
    log = DatabaseServiceLog(place.database)
    for _ in range(2):
        log.worked(place.registration_id, "grades")
    with place.database.read_core() as connection:
        first = uses_of(connection, place.registration_id)["grades"]
    assert first.works
    log.worked(place.registration_id, "grades")  # too soon to be written
    log.failed(place.registration_id, "grades", "bad_status 403")
    with place.database.read_core() as connection:
        second = uses_of(connection, place.registration_id)["grades"]
    assert (second.works, second.problem) == (False, "bad_status 403")
    assert second.worked_at == first.worked_at
    log.worked(place.registration_id, "grades")
    with place.database.read_core() as connection:
        assert uses_of(connection, place.registration_id)["grades"].works


def test_the_log_is_read_page_by_page(place: Place) -> None:
    place.launch("ana")
    where = audit.Place(place.registration_id, place.deployment())
    with place.database.write() as session:
        for number in range(5):
            audit.record(session, where, "institution.pause", detail=str(number))
        audit.record(session, audit.Place(place.registration_id), "x", actor="operator")
    with place.database.read_core() as connection:
        last = audit.entries(connection, place.registration_id, limit=2)
        rest = audit.entries(connection, place.registration_id, before=last[-1].id, limit=50)
        own = audit.entries(connection, place.registration_id, deployment_id=where.deployment_id)
    assert [entry.actor for entry in last] == ["operator", "person"]
    assert [entry.detail for entry in rest if entry.actor == "person"] == ["3", "2", "1", "0"]
    assert len(own) == 5


def test_handlers_and_copies_are_stored_once(place: Place) -> None:
    place.launch("ana")
    offered = NoticeService("https://lms.example.org/pns", (), (CONTEXT_COPY,))
    for _ in range(2):
        with place.database.write_core() as connection:
            notices.request_handlers(connection, place.deployment(), offered)
    kinds = select(OutboxRow.kind).where(OutboxRow.kind == notices.REGISTER)
    assert place.rows(kinds) == [(notices.REGISTER,)]
    payload = {"deployment": place.deployment(), "course": "c2", "origins": ["c1", "c0"]}
    for _ in range(2):
        record_copies(place.database, payload)
    assert place.count(CourseCopy) == 2


def test_names_are_forgotten_unless_the_institution_changed_its_mind(place: Place) -> None:
    place.launch("ana")
    payload = {"registration": place.registration_id, "column": "name"}
    tasks.forget(place.database, payload)
    assert place.rows(select(User.name)) == [("ana",)]
    assert place.rows(select(Membership.sort_name)) == [("0ana",)]
    with place.database.write() as session:
        session.execute(update(RegistrationRow).values(store_names=False))
    tasks.forget(place.database, payload)
    assert place.rows(select(User.name)) == [(None,)]
    assert place.rows(select(Membership.sort_name)) == [(NAMELESS,)]


def test_removing_one_deployment_leaves_the_people_of_the_other(place: Place) -> None:
    for user, deployment in (("ana", "1"), ("ana", "2"), ("rosa", "2"), (None, "1")):
        place.launch(user, deployment)
    payload = {"registration": place.registration_id, "deployment": place.deployment("2")}
    for _ in range(2):  # the worker may call it again
        tasks.remove(place.database, payload)
    assert place.rows(select(User.subject)) == [("ana",)]
    assert place.count(Deployment) == place.count(Course) == 1
    for _ in range(2):
        tasks.remove(place.database, {**payload, "deployment": None})
    assert place.count(RegistrationRow) == place.count(User) == 0
