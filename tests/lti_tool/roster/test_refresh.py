"""Reading a roster from an LMS: requested by a launch or the button, done by the worker."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from demo_lms.model import Group
from lti_tool.directory.model import Course, Erasure, Membership, User
from lti_tool.lti.http_client import FetchErrorKind
from lti_tool.lti.nrps import RosterPage
from lti_tool.lti.service_errors import ServiceError
from lti_tool.personal_data import service as personal_data
from lti_tool.roster import groups, queries, refresh, service, tasks
from lti_tool.roster.model import CourseGroup, CourseRoster
from lti_tool.roster.problems import MESSAGES, Problem
from lti_tool.storage.database import now
from lti_tool.tasks import outbox
from lti_tool.tasks.outbox import OutboxRow
from tests.support import statements
from tests.support.site import Site
from tests.support.tabs import Tab, opened

FOUR = {"module": "module-4"}


@pytest.fixture
def course(home: Site) -> Iterator[Any]:
    """The demo's course, as it was before, and a tool that knows no course."""
    lms = home.lms.state
    course, faults = lms.courses["coop-101"], lms.faults
    tool = next(iter(lms.tools.values()))
    before = list(course.members)
    names, page_size = (tool.shares_names, tool.shares_email), faults.page_size
    yield course
    course.members[:], course.groups[:] = before, []
    tool.shares_names, tool.shares_email = names
    faults.page_size, faults.links, faults.service_status = page_size, None, 200
    faults.token_scopes = None
    with home.tool.database.write() as session:
        session.execute(delete(Erasure))
        session.execute(delete(OutboxRow))
        session.execute(delete(Course))
        session.execute(delete(User))


def teacher(home: Site) -> Tab:
    return opened(home, "roster", user="maria", role="Instructor", custom=FOUR)


def student(home: Site) -> Tab:
    return opened(home, "roster", user="joao", role="Learner", custom=FOUR)


def work(home: Site) -> int:
    """Do the waiting reads of rosters; return how many."""
    return outbox.drain(home.tool.database, tasks.handlers(home.tool.settings))


def statuses(home: Site) -> dict[str | None, str]:
    with home.tool.database.read() as session:
        rows = session.execute(
            select(User.subject, Membership.ended_at).join(User, User.id == Membership.user_id)
        )
        return {row.subject: "ended" if row.ended_at else "active" for row in rows}


def state(home: Site) -> CourseRoster:
    with home.tool.database.read() as session:
        return session.scalars(select(CourseRoster)).one()


def subject(home: Site, handle: str) -> str:
    return home.lms.state.users[handle].subject


@pytest.mark.both_engines
def test_an_instructors_launch_reads_the_roster(home: Site, course: Any) -> None:
    student(home)
    assert work(home) == 0
    teacher(home)
    assert work(home) == 1
    assert statuses(home) == {subject(home, each): "active" for each in course.members}
    assert state(home).problem is None
    teacher(home)
    assert work(home) == 0, "the roster is not old"
    with home.tool.database.write() as session:
        old = now() - service.MAX_AGE - timedelta(minutes=1)
        session.execute(update(CourseRoster).values(read_at=old, tried_at=old))
    teacher(home)
    assert work(home) == 1


def test_an_erased_person_is_not_added_again(home: Site, course: Any) -> None:
    teacher(home)
    work(home)
    settings, database = home.tool.settings, home.tool.database
    joao = subject(home, "joao")
    with database.read() as session:
        user_id = session.scalars(select(User.id).where(User.subject == joao)).one()
    personal_data.erase(settings=settings, database=database, declarations=(), user_id=user_id)
    assert joao not in statuses(home)
    with database.write() as session:
        course_id = session.scalars(select(Course.id)).one()
    refresh.refresh(settings, database, {"course": course_id})
    assert state(home).problem is None
    assert statuses(home).keys() == {subject(home, each) for each in course.members} - {joao}
    student(home)
    assert joao in statuses(home), "a launch begins a new record"


@pytest.mark.both_engines
def test_who_leaves_loses_access_and_gets_it_back(home: Site, course: Any) -> None:
    instructor, learner = teacher(home), student(home)
    work(home)
    course.members.remove("joao")
    assert instructor.post("participants").status_code == 303
    assert instructor.post("participants").status_code == 303
    assert work(home) == 1, "one read, however often it is requested"
    assert learner.get().status_code == 403
    refused = learner.post("post", text="What I had written")
    assert refused.status_code == 403
    assert "What I had written" in refused.text
    assert instructor.get().status_code == 200
    assert "has left the course" in instructor.get("participants").text
    course.members.append("joao")
    instructor.post("participants")
    work(home)
    assert learner.get().status_code == 200
    assert learner.write("And here again").status_code == 200


def test_a_reset_course_is_noticed(home: Site, course: Any) -> None:
    course.members[:] = ["maria", "joao"]
    instructor = teacher(home)
    work(home)
    assert state(home).renewed_at is None
    course.members[:] = ["maria", "amina"]
    instructor.post("participants")
    work(home)
    assert state(home).renewed_at == state(home).read_at


@pytest.mark.parametrize("links", ["plain", "curly", "shouted", "extra"])
def test_pages_are_read_to_the_end(home: Site, course: Any, links: Any) -> None:
    home.lms.state.faults.page_size, home.lms.state.faults.links = 1, links
    teacher(home)
    work(home)
    assert set(statuses(home)) == {subject(home, each) for each in course.members}
    assert state(home).problem is None


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({"page_size": 1, "links": "loop"}, Problem.INVALID),
        ({"page_size": 1, "links": "foreign"}, Problem.INVALID),
        ({"service_status": 500}, Problem.UNREACHABLE),
        ({"service_status": 403}, Problem.REFUSED),
        ({"token_scopes": ()}, Problem.REFUSED),
    ],
)
def test_a_roster_that_cannot_be_read(
    home: Site, course: Any, fault: dict[str, Any], problem: Problem
) -> None:
    instructor, learner = teacher(home), student(home)
    work(home)
    read_at = state(home).read_at
    course.members.remove("joao")
    for name, value in fault.items():
        setattr(home.lms.state.faults, name, value)
    with home.tool.database.write() as session:
        session.execute(delete_tokens())
    instructor.post("participants")
    assert work(home) == 1
    after = state(home)
    assert (after.problem, after.read_at, after.requested_at) == (problem, read_at, None)
    assert learner.get().status_code == 200
    assert MESSAGES[problem] in instructor.get("participants").text


def half_invalid(pages: Iterator[RosterPage]) -> Iterator[RosterPage]:
    for page in pages:
        half = len(page.members) // 2
        yield RosterPage(page.members[:half], len(page.members) - half)


def third_page_fails(pages: Iterator[RosterPage]) -> Iterator[RosterPage]:
    yield next(pages)
    yield next(pages)
    raise ServiceError(FetchErrorKind.BAD_STATUS, "lms.example", status=500)


def nobody(pages: Iterator[RosterPage]) -> Iterator[RosterPage]:
    yield RosterPage((), 0)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (half_invalid, Problem.INVALID),
        (third_page_fails, Problem.UNREACHABLE),
        (nobody, Problem.EMPTY),
    ],
)
def test_a_roster_that_is_read_in_part_removes_nobody(
    home: Site,
    course: Any,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[Iterator[RosterPage]], Iterator[RosterPage]],
    problem: Problem,
) -> None:
    home.lms.state.faults.page_size = 1
    instructor = teacher(home)
    work(home)
    before = statuses(home), state(home).read_at
    read = refresh.roster_pages
    monkeypatch.setattr(refresh, "roster_pages", lambda *given: fault(read(*given)))
    instructor.post("participants")
    assert work(home) == 1
    assert (statuses(home), state(home).read_at) == before
    assert state(home).problem == problem
    monkeypatch.undo()
    instructor.post("participants")
    work(home)
    assert state(home).problem is None


@pytest.mark.parametrize("after", ["-1", "x", "99999999999999999999", "-99999999999999999999"])
def test_a_page_that_nobody_linked_to(home: Site, course: Any, after: str) -> None:
    assert teacher(home).get(f"participants?after={after}").status_code == 200


def delete_tokens() -> Any:
    from lti_tool.directory.cache_model import AccessTokenCacheEntry

    return delete(AccessTokenCacheEntry)


def test_without_names_and_addresses(home: Site, course: Any) -> None:
    tool = next(iter(home.lms.state.tools.values()))
    tool.shares_names = tool.shares_email = False
    instructor = teacher(home)
    work(home)
    with home.tool.database.read() as session:
        people = session.execute(select(User.name, User.email))
        assert {(row.name, row.email) for row in people} == {(None, None)}
    assert "Name not sent by the LMS" in instructor.get("participants").text


@pytest.mark.both_engines
def test_the_groups_of_the_lms(home: Site, course: Any) -> None:
    joao, maria = subject(home, "joao"), subject(home, "maria")
    course.groups[:] = [Group("g1", "Grupo ñ", (joao,)), Group("g2", "B", (joao, maria))]
    instructor = teacher(home)
    work(home)

    def stored() -> tuple[dict[str, str | None], dict[str, tuple[str, ...]]]:
        with home.tool.database.read() as session:
            course_id = session.scalars(select(Course.id)).one()
            found = groups.groups_of(session, course_id)
            names = {group.id: group.name for group in found}
            of = {
                handle: tuple(
                    names[group] for group in groups.groups_of_user(session, course_id, user)
                )
                for handle, user in (
                    (each, session.scalars(select(User.id).where(User.subject == sub)).one())
                    for each, sub in (("joao", joao), ("maria", maria))
                )
            }
            return {group.name: group.lti_group_id for group in found}, of

    assert stored() == (
        {"B": "g2", "Grupo ñ": "g1"},
        {"joao": ("Grupo ñ", "B"), "maria": ("B",)},
    )
    course.groups[:] = [replace(course.groups[1], name="Bee", subjects=(maria,))]
    instructor.post("participants")
    work(home)
    assert stored() == ({"Bee": "g2"}, {"joao": (), "maria": ("Bee",)})
    with home.tool.database.read() as session:
        kept = session.scalars(select(CourseGroup.name).order_by(CourseGroup.id)).all()
        assert kept == ["Grupo ñ", "Bee"], "posts refer to a deleted group"


@pytest.mark.both_engines
def test_old_rosters_of_courses_in_use_are_requested_by_the_worker(home: Site, course: Any) -> None:
    database = home.tool.database
    student(home)
    assert service.request_old_rosters(database) == 1
    assert service.request_old_rosters(database) == 0
    work(home)
    assert service.request_old_rosters(database) == 0
    for age, in_use, requested in (
        (service.DAILY * 2, timedelta(days=1), 1),
        (service.DAILY * 2, service.IN_USE * 2, 0),
        (service.DAILY / 2, timedelta(days=1), 0),
    ):
        with database.write() as session:
            old = now() - age
            session.execute(
                update(CourseRoster).values(read_at=old, tried_at=old, requested_at=None)
            )
            session.execute(update(Membership).values(seen_at=now() - in_use))
        assert service.request_old_rosters(database) == requested


def test_the_page_of_participants(home: Site, course: Any) -> None:
    instructor = teacher(home)
    waiting = instructor.get("participants")
    assert "The list was requested" in waiting.text
    work(home)
    with statements.counted(home.tool.database) as sent:
        page = instructor.get("participants")
    assert page.status_code == 200
    assert len(sent) <= 6, sent
    users = [home.lms.state.users[each] for each in course.members]
    assert all(user.name in page.text for user in users)
    assert "The LMS sent this list on" in page.text
    assert student(home).get("participants").status_code == 403


def test_the_list_goes_on_on_another_page(
    home: Site, course: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    instructor = teacher(home)
    work(home)
    first = instructor.get("participants")
    with home.tool.database.read() as session:
        second = session.scalars(select(User.id).order_by(User.id).offset(1)).first()
    assert f'href="{instructor.path}participants?after={second}"' in first.text
    rest = instructor.get(f"participants?after={second}")
    names = {home.lms.state.users[each].name for each in course.members}
    listed = (
        [name for name in names if name in first.text],
        [name for name in names if name in rest.text],
    )
    assert len(listed[0]) == 2
    assert not set(listed[0]) & set(listed[1]) - {"María"}
