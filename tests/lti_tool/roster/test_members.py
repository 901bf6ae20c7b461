"""What a roster changes: who is a member, with which role, and who has left."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from lti_tool.directory.launch_record import SEEN_PRECISION
from lti_tool.lti.nrps import Member
from lti_tool.roster import members, queries
from tests.lti_tool.roster.conftest import COURSE_ROLE, Scene, member
from tests.support import statements

pytestmark = pytest.mark.both_engines

TEACHER = member("teacher", "Instructor")
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
ASSISTANT = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"
OLD = timedelta(days=3)


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (("Learner",), "learner"),
        ((COURSE_ROLE + "Learner",), "learner"),
        (("Instructor", "Learner"), "instructor"),
        (("Learner", COURSE_ROLE + "Instructor"), "instructor"),
        ((COURSE_ROLE + "Instructor", ASSISTANT), "instructor"),
        ((INSTITUTION + "Administrator", "Instructor", "Learner"), "instructor"),
        ((INSTITUTION + "Instructor", "Learner"), "learner"),
        (("Mentor",), "other"),
        ((COURSE_ROLE + "Mentor",), "other"),
        ((COURSE_ROLE + "ContentDeveloper",), "other"),
        (("Wizard",), "other"),
        (("http://evil.example/membership#Learner",), "other"),
        (("",), "other"),
        (("Learner", TEST_USER), "test"),
    ],
)
def test_the_role_of_a_member(scene: Scene, roles: tuple[str, ...], role: str) -> None:
    assert scene.read([TEACHER, member("ana", *roles)])
    assert scene.stored()["ana"] == (role, "active")
    assert scene.learners() == (role == "learner")
    assert scene.user("ana").kind == ("test" if role == "test" else "person")


def test_a_member_listed_twice_has_both_roles(scene: Scene) -> None:
    pages = [member("ana"), member("ana", "Instructor"), member("bo")], [member("bo", "Instructor")]
    scene.read([TEACHER], *pages)
    assert scene.stored()["ana"] == scene.stored()["bo"] == ("instructor", "active")
    scene.read([TEACHER, member("ana", active=False), member("ana")], [member("ana", active=False)])
    assert scene.stored()["ana"] == ("learner", "active")
    assert scene.learners() == 1


def test_an_instructor_whom_the_roster_calls_a_learner_stays_one(scene: Scene) -> None:
    scene.launch("tutor", "Instructor")
    roster = [TEACHER, member("tutor"), member("ana")]
    scene.read(roster, lacks_instructors=True)
    assert scene.stored()["tutor"] == ("instructor", "active")
    assert scene.learners() == 1
    scene.launch("tutor", "Learner")
    scene.read(roster, lacks_instructors=True)
    assert scene.stored()["tutor"] == ("learner", "active")
    scene.launch("tutor", "Instructor")
    scene.read(roster)
    assert scene.stored()["tutor"] == ("learner", "active")


def test_who_left_is_inactive_and_who_comes_back_is_as_before(scene: Scene) -> None:
    scene.launch("ana")
    scene.read([TEACHER, member("ana"), member("bo")])
    scene.launched("ana", OLD)
    scene.read([TEACHER, member("bo")])
    assert scene.stored()["ana"] == ("learner", "inactive")
    assert scene.learners() == 1
    scene.read([TEACHER, member("ana"), member("bo", active=False)])
    assert scene.stored() == {
        "teacher": ("instructor", "active"),
        "ana": ("learner", "active"),
        "bo": ("learner", "inactive"),
    }
    assert scene.learners() == 1


def test_a_launch_brings_a_member_back(scene: Scene) -> None:
    ana = scene.launch("ana")
    scene.read([TEACHER, member("ana", active=False)])
    assert scene.learners() == 0
    assert scene.launch("ana") == ana
    assert scene.stored()["ana"] == ("learner", "active")
    assert scene.learners() == 1


@pytest.mark.parametrize("complete", [True, False])
def test_only_a_complete_roster_removes(scene: Scene, complete: bool) -> None:
    scene.read([TEACHER, member("ana")])
    scene.read([TEACHER], complete=complete)
    assert scene.stored()["ana"][1] == ("inactive" if complete else "active")


def test_an_empty_roster_removes_nobody(scene: Scene) -> None:
    scene.read([TEACHER, member("ana")])
    assert not scene.read([])
    assert scene.stored()["ana"] == ("learner", "active")


@pytest.mark.parametrize(
    ("ago", "status"), [(timedelta(hours=1), "active"), (members.LAUNCH_GRACE * 2, "inactive")]
)
def test_somebody_whom_no_roster_lists(scene: Scene, ago: timedelta, status: str) -> None:
    scene.launch("visitor", SYSTEM + "Administrator")
    scene.launched("visitor", ago)
    scene.read([TEACHER])
    assert scene.stored()["visitor"] == ("other", status)


def test_who_launches_during_the_read_stays(scene: Scene) -> None:
    scene.read([TEACHER, member("ana")])
    scene.launched("ana", SEEN_PRECISION * 2)
    in_an_hour = timedelta(hours=-1)
    scene.launched("ana", in_an_hour)
    scene.read([TEACHER])
    assert scene.stored()["ana"] == ("learner", "active")


def test_an_unknown_person_who_is_not_active_is_not_stored(scene: Scene) -> None:
    scene.read([TEACHER, member("ana", active=False, name="Ana", email="a@example.org")])
    assert set(scene.stored()) == {"teacher"}


def test_who_was_erased_is_not_stored_again(scene: Scene) -> None:
    def excluded(_: Connection, subjects: Sequence[str]) -> set[str]:
        return {"ana", "teacher"} & set(subjects)

    scene.read([TEACHER, member("ana", name="Ana"), member("bo")], excluded=excluded)
    assert set(scene.stored()) == {"teacher", "bo"}, "who launched again is known"
    scene.read([TEACHER, member("ana", name="Ana"), member("bo")], excluded=excluded)
    assert set(scene.stored()) == {"teacher", "bo"}


@pytest.mark.parametrize(
    ("first", "second", "renewed"),
    [
        ("ab", "cd", True),
        ("abcdefghij", "jkl", True),
        ("abcdefghij", "ijkl", False),
        ("ab", "bc", False),
        ("ab", "ab", False),
        ("ab", "a", False),
        ("ab", "", False),
        ("", "ab", False),
    ],
)
def test_a_course_that_was_reset_for_a_new_cohort(
    scene: Scene, first: str, second: str, renewed: bool
) -> None:
    scene.read([TEACHER, *map(member, first)])
    assert not scene.result.renewed
    scene.read([TEACHER, *map(member, second)])
    assert scene.result.renewed is renewed
    scene.read([TEACHER, *map(member, second)])
    assert not scene.result.renewed


def test_absent_fields_erase_nothing(scene: Scene) -> None:
    scene.launch("ana", name="Ana Lima")
    scene.read([TEACHER, member("ana", email="ana@example.org")])
    scene.read([TEACHER, member("ana")])
    ana = scene.user("ana")
    assert (ana.name, ana.email) == ("Ana Lima", "ana@example.org")
    scene.read([TEACHER, member("ana", given_name="Anna", family_name="Lima")])
    assert scene.user("ana").name == "Anna Lima"


def test_an_address_does_not_identify(scene: Scene) -> None:
    same = {"name": "Ana", "email": "family@example.org"}
    scene.read([TEACHER, member("1", **same), member("2", **same)])
    assert scene.user("1").id != scene.user("2").id


@pytest.mark.parametrize(
    ("before", "listed", "after"),
    [
        # Short names and missing sub-roles mean the same: what the launch said stays.
        ((COURSE_ROLE + "Learner",), ("Learner",), COURSE_ROLE + "Learner"),
        ((ASSISTANT,), ("Instructor",), ASSISTANT),
        # Both ways, the roster decides about the course.
        (("Instructor",), ("Learner",), "Learner"),
        (("Learner",), ("Instructor",), "Instructor"),
        (("Learner",), ("",), ""),
        # Of the institution it knows only what it lists.
        (
            ("Learner", SYSTEM + "Administrator"),
            ("Instructor",),
            f"Instructor {SYSTEM}Administrator",
        ),
        (
            ("Learner", SYSTEM + "Administrator"),
            ("Learner", INSTITUTION + "Staff"),
            f"Learner {INSTITUTION}Staff",
        ),
    ],
)
def test_roles_follow_the_roster(
    scene: Scene, before: tuple[str, ...], listed: tuple[str, ...], after: str
) -> None:
    scene.launch("ana", *before)
    scene.read([TEACHER, member("ana", *listed)])
    assert scene.roles("ana") == after


def test_a_preview_counts_nowhere(scene: Scene) -> None:
    for subject in ("preview-1", "preview-2"):
        scene.launch(subject, "Learner", TEST_USER, own_record=False)
    scene.launch("impersonated", own_record=False)
    assert scene.learners() == 0
    scene.read([TEACHER, member("impersonated")])
    assert scene.stored()["impersonated"] == ("learner", "active")
    assert scene.user("impersonated").kind == "person"
    assert scene.learners() == 1


def test_an_impersonation_does_not_bring_back_who_has_left(scene: Scene) -> None:
    scene.read([TEACHER, member("ana")])
    scene.read([TEACHER])
    scene.launch("ana", own_record=False)
    assert scene.stored()["ana"] == ("learner", "inactive")


def test_launches_count_learners(scene: Scene) -> None:
    scene.launch("ana")
    scene.launch("bo")
    assert scene.learners() == 2
    scene.launch("ana", "Instructor")
    assert scene.learners() == 1
    scene.launch("ana")
    scene.launch("ana")
    assert scene.learners() == 2


def test_a_launch_within_a_day_writes_nothing_of_the_membership(scene: Scene) -> None:
    scene.launch("ana")
    with statements.counted(scene.database) as sent:
        scene.launch("ana")
    assert len(sent) == 1
    scene.launched("ana", SEEN_PRECISION)
    with statements.counted(scene.database) as sent:
        scene.launch("ana")
    assert len(sent) == 2


def many(start: int, count: int) -> list[Member]:
    return [member(f"s{number}", name=f"S {number}") for number in range(start, start + count)]


@pytest.mark.parametrize(
    "change",
    [
        lambda page: page,
        lambda page: [member(each.user.subject, "Instructor", name="New") for each in page],
        lambda page: [member(each.user.subject, active=False) for each in page],
    ],
)
def test_the_statements_of_a_page_are_bounded(
    scene: Scene, change: Callable[[list[Member]], list[Member]]
) -> None:
    counts = []
    for size in (1, members.CHUNK):
        page = many(size, size)
        scene.read([TEACHER, *page[:-1]])
        with statements.counted(scene.database) as sent:
            scene.read(change(page), complete=False)
        counts.append(len(sent))
    assert max(counts) <= 11, sent


def test_members_are_listed_in_pages(scene: Scene) -> None:
    scene.launch("preview", "Learner", TEST_USER, own_record=False)
    scene.read([TEACHER, *many(0, 5), member("gone"), member("mentor", "Mentor")])
    scene.read([TEACHER, *many(0, 5), member("mentor", "Mentor")])
    with scene.database.read() as session:
        first = queries.roster_of(session, scene.course_id, limit=3)
        rest = queries.roster_of(session, scene.course_id, after=first[-1].user_id)
        assert (len(first), len(rest)) == (3, 4)
        every = list(queries.every_member(session, scene.course_id))
        assert every == first + rest
        gone = queries.roster_of(session, scene.course_id, active=False)
        assert [(one.role, one.active) for one in gone] == [("learner", False)]
        by_role = {
            role: len(queries.roster_of(session, scene.course_id, role=role))
            for role in ("instructor", "learner", "other", "test")
        }
        assert by_role == {"instructor": 1, "learner": 5, "other": 1, "test": 1}
        users = [one.user_id for one in (*every, *gone)]
        active = {one.user_id for one in every}
        assert queries.active_members(session, scene.course_id, users) == active
        assert [queries.is_active_member(session, scene.course_id, user) for user in users] == [
            user in active for user in users
        ]


def test_launches_while_the_roster_is_read(scene: Scene) -> None:
    """First launches of the same people: nothing is lost, counted twice, or waits for ever."""
    subjects = [f"s{number}" for number in range(24)]

    def launch(subject: str) -> None:
        try:
            scene.launch(subject)
        except IntegrityError:  # the other wrote the user or the membership first
            scene.launch(subject)
        scene.launch(subject, "Instructor")
        scene.launch(subject)

    with ThreadPoolExecutor(5) as threads:
        reads = [
            threads.submit(scene.read, [TEACHER, *map(member, subjects[half:])], complete=False)
            for half in (0, 12)
        ]
        launches = [threads.submit(launch, subject) for subject in subjects]
        for future in (*reads, *launches):
            future.result(timeout=60)
    scene.read([TEACHER, *map(member, subjects)], complete=False)
    assert scene.learners() == len(subjects)


def test_the_names_by_which_members_are_sorted(scene: Scene) -> None:
    scene.launch("ana", name="Ana Quispe")
    scene.read([TEACHER, member("ana", name="Ana Quispe"), member("bo", name="Bo")])
    assert scene.sort_names() == {"teacher": "1", "ana": "0ana quispe", "bo": "0bo"}
    scene.read([TEACHER, member("ana", name="Ana Cruz"), member("bo")])
    scene.launch("bo", name="Bo Castro")
    assert scene.sort_names() == {"teacher": "1", "ana": "0ana cruz", "bo": "0bo castro"}
