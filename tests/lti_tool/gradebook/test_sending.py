"""Grades on their way to a platform: what it holds at the end, and what it was told."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from lti_tool.directory.model import (
    ActivityOpening,
    Membership,
    RegistrationRow,
    User,
)
from lti_tool.directory.registrations import change_registration
from lti_tool.gradebook import commands, grading, sending, tasks
from lti_tool.gradebook.model import Grade, GradeRule
from lti_tool.gradebook.problems import Problem
from lti_tool.storage.database import Database, now
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.gradebook.conftest import Gradebook, make_book
from tests.lti_tool.lti.local_server import Asked, LocalServer, Reply, serving
from tests.support import databases

Fault = Callable[[Asked, str], Reply | None]


def answers(what: str, status: int, body: Any = None, **headers: str) -> Fault:
    """Refuse every request for something."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = Reply(body if body is not None else {}, status, names)
    return lambda asked, asked_for: reply if what in (asked_for, "all") else None


def once(fault: Fault) -> Fault:
    done: list[int] = []

    def fail(asked: Asked, what: str) -> Reply | None:
        reply = None if done else fault(asked, what)
        done.extend([1] if reply else [])
        return reply

    return fail


def healthy(asked: Asked, what: str) -> Reply | None:
    return None


@pytest.mark.both_engines
def test_a_grade_arrives_once_and_the_newest_wins(database: Database, tmp_path: Path) -> None:
    with serving() as server:
        book = make_book(server, database, tmp_path)
        ana, bo = book.join("ana"), book.join("bo")
        book.give(ana, 7)
        book.give(ana, 8, "Good")
        book.give(bo, 1)
        book.work()
        assert book.platform.sent("ana") == [8]
        assert book.grade(ana).state == "sent"
        [item] = book.platform.items.values()
        assert (item["resourceId"], item["tag"], item["label"]) == (
            "minga-rl1",
            "activity",
            "Module 4",
        )
        book.give(ana, 9, "Good")
        book.work()
        assert book.platform.sent("ana") == [8, 9]
        assert book.platform.sent("bo") == [1]
        assert not book.open_tasks()


def test_a_new_grade_while_an_older_one_is_sent(book: Gradebook) -> None:
    ana = book.join("ana")
    book.platform.after = once(
        lambda asked, what: book.give(ana, 9) or Reply(b"") if what == "scores" else None
    )
    book.give(ana, 7)
    book.work()
    assert book.platform.sent("ana") == [7, 9]
    assert book.grade(ana).state == "sent"


@pytest.mark.parametrize("product", ["moodle", "canvas", ""])
def test_a_grade_that_a_person_gave_in_the_lms_stays(
    platform_server: LocalServer, sqlite: Database, tmp_path: Path, product: str
) -> None:
    book = make_book(platform_server, databases.emptied(sqlite), tmp_path, product)
    ana, bo = book.join("ana"), book.join("bo")
    book.give(ana, 5)
    book.work()
    book.platform.grade("made1", "ana", 0.9)
    book.platform.grade("made1", "bo", 0.2)
    book.give(ana, 6)
    book.give(bo, 10)
    book.work()
    assert (book.platform.share("made1", "ana"), book.platform.share("made1", "bo")) == (0.9, 0.2)
    assert (book.grade(ana).state, book.grade(bo).state) == ("kept", "kept")
    assert book.grade(ana).result_points == 9
    book.platform.grade("made1", "ana", None)
    book.later(timedelta(seconds=2))
    book.platform.cells.pop(("made1", "ana"))
    book.give(ana, 7)
    book.work()
    assert book.platform.share("made1", "ana") == 0.7


def test_an_answer_that_is_lost_doubles_nothing(book: Gradebook) -> None:
    ana = book.join("ana")
    book.platform.after = answers("scores", 502)
    book.give(ana, 7)
    book.work()
    book.give(ana, 8)
    book.platform.after = healthy
    book.pass_time(1)
    assert book.platform.sent("ana") == [7, 8], "7 is not taken for the grade of a person"
    book.platform.after = once(answers("scores", 502))
    book.give(ana, 9)
    book.work()
    book.pass_time(1)
    assert book.platform.sent("ana") == [7, 8, 9]
    assert book.grade(ana).state == "sent"


def test_a_line_item_whose_creation_was_not_heard_of(book: Gradebook) -> None:
    book.platform.after = once(
        lambda asked, what: Reply({}, 504) if (asked.method, what) == ("POST", "items") else None
    )
    people = [book.join(f"p{number}") for number in range(10)]
    for each in people:
        book.give(each, 5)
    book.work()
    book.pass_time(1)
    assert len(book.platform.items) == 1
    assert len(book.platform.scores) == 10


@pytest.mark.parametrize(
    "fault",
    [
        answers("all", 500),
        answers("scores", 500),
        answers("scores", 429, Retry_After="7200"),
        answers("token", 400, {"error": "invalid_client"}),
        answers("scores", 401),
        answers("scores", 404),
        lambda asked, what: Reply({}, 404) if what in ("item", "scores", "results") else None,
    ],
    ids=[
        *("down", "scores", "throttled", "invalid_client", "401", "404"),
        "404 of all but the list",
    ],
)
def test_a_day_s_outage(book: Gradebook, fault: Fault) -> None:
    people = {name: book.join(name) for name in ("ana", "bo", "cy")}
    book.give(people["ana"], 1)
    book.work()
    book.platform.fail = fault
    book.later(timedelta(hours=25))  # the token expires
    for number in (7, 8, 9):
        for user in people.values():
            book.give(user, number)
        book.pass_time(8, step=timedelta(hours=2))
    calls = sum(book.platform.calls.values())
    assert calls < 200, "nothing is hammered"
    book.platform.fail = healthy
    book.pass_time(26, step=timedelta(hours=2))
    assert book.platform.sent("ana") == [1, 9]
    assert book.platform.sent("bo") == book.platform.sent("cy") == [9]
    assert {book.grade(user).state for user in people.values()} == {"sent"}
    assert book.column().problem is None
    assert not book.open_tasks()


def test_while_a_limit_holds_nobody_calls(book: Gradebook) -> None:
    ana, bo = book.join("ana"), book.join("bo")
    book.give(ana, 5)
    book.platform.fail = answers("scores", 429, Retry_After="60")
    book.work()
    before = sum(book.platform.calls.values())
    book.give(bo, 5)
    book.later(timedelta(seconds=30))
    book.work()
    assert sum(book.platform.calls.values()) == before
    book.platform.fail = healthy
    book.later(timedelta(seconds=31))
    book.work()
    assert len(book.platform.scores) == 2


def test_a_token_that_expires_early_is_renewed_once(book: Gradebook) -> None:
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    tokens = book.platform.calls["POST token"]
    book.platform.revoked = {f"Bearer t{number}" for number in range(tokens + 1)}
    book.give(ana, 6)
    book.work()
    assert book.platform.sent("ana") == [5, 6]
    assert book.platform.calls["POST token"] == tokens + 1


NOT_A_STUDENT = Reply({"errors": {"message": "User not found or is not a student"}}, 422)


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (NOT_A_STUDENT, Problem.NOT_A_LEARNER),
        (Reply({"errors": {"message": "Maximum number of allowed attempts"}}, 422), "attempts"),
        (Reply({}, 400), Problem.REFUSED),
        (Reply({}, 403), Problem.REFUSED),
        (Reply({}, 409), Problem.OUTDATED),
        (Reply({"message": "This course has concluded"}, 422), Problem.CONCLUDED),
        (Reply({"message": "is still unpublished"}, 422), Problem.UNPUBLISHED),
    ],
)
def test_a_refusal_loses_no_grade(book: Gradebook, reply: Reply, problem: str) -> None:
    ana, bo = book.join("ana"), book.join("bo")
    of_ana = answers("scores", reply.status, reply.body)

    def fail(asked: Asked, what: str) -> Reply | None:
        about_ana = what == "scores" and asked.json()["userId"] == "ana"
        return of_ana(asked, what) if about_ana else None

    book.platform.fail = fail
    book.give(ana, 5)
    book.give(bo, 6)
    book.work()
    assert problem in (book.grade(ana).problem, book.column().problem)
    book.pass_time(12, step=timedelta(hours=2))
    assert book.grade(ana).due_at is not None, "it is tried again"
    if problem not in (Problem.CONCLUDED, Problem.UNPUBLISHED):
        assert book.platform.sent("bo") == [6]
    book.platform.fail = healthy
    book.pass_time(26, step=timedelta(hours=2))
    assert book.platform.sent("ana") == [5]
    assert book.platform.sent("bo") == [6]


def test_a_course_that_is_not_published_yet(book: Gradebook) -> None:
    people = [book.join(f"p{number}") for number in range(30)]
    book.platform.fail = answers("scores", 422, NOT_A_STUDENT.body)
    for each in people:
        book.give(each, 5)
    book.work()
    assert book.column().problem == Problem.NOT_A_LEARNER, "one explanation"
    assert book.platform.calls["POST scores"] == sending.MOST_REFUSED
    book.platform.fail = healthy
    book.pass_time(2)
    assert len(book.platform.scores) == 30
    assert book.column().problem is None


def test_one_person_for_whom_the_lms_fails_does_not_stop_the_others(book: Gradebook) -> None:
    ana = book.join("ana")
    others = [book.join(f"p{number}") for number in range(5)]

    def fail(asked: Asked, what: str) -> Reply | None:
        mine = what == "scores" and asked.json()["userId"] == "ana"
        return Reply({}, 500) if mine else None

    book.platform.fail = fail
    for each in (ana, *others):
        book.give(each, 5)
    book.pass_time(1, step=timedelta(minutes=1))
    assert len(book.platform.scores) == 5
    assert book.grade(ana).state == "waiting"


@pytest.mark.parametrize(("product", "minutes"), [("moodle", -4), ("canvas", -4), ("", 5)])
def test_clocks_that_differ(
    platform_server: LocalServer, sqlite: Database, tmp_path: Path, product: str, minutes: int
) -> None:
    book = make_book(platform_server, databases.emptied(sqlite), tmp_path, product)
    ana = book.join("ana")
    book.platform.clock = timedelta(minutes=minutes)
    for number in range(1, 4):  # within one second
        book.give(ana, number)
        with book.database.write() as session:
            grade = session.merge(book.grade(ana))
            grade.submitted_at = now()
        book.later(timedelta(seconds=2))
        book.work()
    book.pass_time(0.1, step=timedelta(minutes=1))
    assert book.platform.share("made1", "ana") == 0.3
    moments = [score["timestamp"] for _, score in book.platform.scores]
    assert moments == sorted(set(moments))


def test_comments(platform_server: LocalServer, sqlite: Database, tmp_path: Path) -> None:
    for product, expected in (("canvas", ["Good"]), ("", ["Good", "Good"])):
        book = make_book(platform_server, databases.emptied(sqlite), tmp_path, product)
        ana = book.join("ana")
        book.give(ana, 5, "Good")
        book.work()
        book.give(ana, 6, "Good")
        book.platform.fail = once(answers("scores", 500))
        book.work()
        book.pass_time(1)
        assert book.platform.sent("ana") == [5, 6]
        assert book.platform.cells["made1", "ana"].comments == expected


@pytest.mark.parametrize(
    ("product", "told"), [("canvas", 1), ("blackboardlearn", 1), ("moodle", 0)]
)
def test_something_to_grade_is_announced_once(
    platform_server: LocalServer, sqlite: Database, tmp_path: Path, product: str, told: int
) -> None:
    book = make_book(platform_server, databases.emptied(sqlite), tmp_path, product)
    ana = book.join("ana")
    write = book.contribute
    write(ana)
    book.work()
    assert [score["gradingProgress"] for _, score in book.platform.scores] == (
        ["PendingManual"] * told
    )
    book.platform.grade("made1", "ana", 0.75)
    write(ana)
    book.work()
    assert book.platform.share("made1", "ana") == 0.75
    assert len(book.platform.scores) == told


def test_who_gets_no_scores(book: Gradebook) -> None:
    people = {
        "teacher": book.join("teacher", "instructor"),
        "mentor": book.join("mentor", "other"),
        "preview": book.join("preview", "test", "test"),
        "gone": book.join("gone"),
    }
    for each in people.values():
        book.give(each, 5)
    with book.database.write() as session:
        ended = update(Membership).where(Membership.user_id == people["gone"])
        session.execute(ended.values(ended_at=now()))
    book.work()
    assert not book.platform.scores
    assert not book.open_tasks()
    with book.database.write() as session:
        session.execute(ended.values(ended_at=None))
    book.later(timedelta(hours=2))
    tasks.purge(book.settings, book.database)
    book.work()
    assert book.platform.sent("gone") == [5], "who comes back is graded again"


def test_a_person_who_was_erased(book: Gradebook) -> None:
    ana = book.join("ana")
    book.give(ana, 5)
    with book.database.write() as session:
        session.delete(session.get_one(User, ana))
    book.work()
    assert not book.platform.scores


def test_sending_all_again_repeats_nothing_that_the_lms_has(book: Gradebook) -> None:
    people = [book.join(f"p{number}") for number in range(3)]
    for number, each in enumerate(people):
        book.give(each, number)
    book.join("never began")
    book.work()
    for _ in range(2):
        grading.send_all_again(book.database, book.link_id)
        book.work()
    assert len(book.platform.scores) == 3
    book.platform.cells.clear()
    grading.send_all_again(book.database, book.link_id)
    book.work()
    assert len(book.platform.scores) == 6


def test_a_task_that_was_lost_is_put_again(book: Gradebook) -> None:
    ana = book.join("ana")
    book.give(ana, 5)
    with book.database.write() as session:
        for row in session.scalars(select(OutboxRow)):
            session.delete(row)
    book.later(timedelta(hours=2))
    tasks.purge(book.settings, book.database)
    book.work()
    assert book.platform.sent("ana") == [5]


def test_a_registration_that_was_disabled(book: Gradebook) -> None:
    ana = book.join("ana")
    book.give(ana, 5)
    change_registration(book.database, book.registration_id, status="disabled")
    book.work()
    assert not book.platform.calls
    change_registration(book.database, book.registration_id, status="active")
    book.later(timedelta(hours=2))
    tasks.purge(book.settings, book.database)
    book.work()
    assert book.platform.sent("ana") == [5]


def test_an_unused_activity_loses_its_grades(book: Gradebook) -> None:
    ana = book.join("ana")
    book.give(ana, 5)
    for months, opened_ago, left in ((None, 400, 1), (12, 300, 1), (12, 400, 0)):
        with book.database.write() as session:
            row = session.get_one(RegistrationRow, book.registration_id)
            row.retention_months = months
            moment = now() - timedelta(days=opened_ago)
            session.merge(
                ActivityOpening(
                    resource_link_id=book.link_id, user_id=ana, first_at=moment, latest_at=moment
                )
            )
        tasks.purge(book.settings, book.database)
        with book.database.read() as session:
            assert len(session.scalars(select(Grade)).all()) == left


def test_the_command_says_which_grades_wait(book: Gradebook) -> None:
    ana = book.join("ana")
    book.platform.fail = answers("all", 500)
    book.give(ana, 5)
    book.work()
    with book.database.read_core() as connection:
        [column] = commands.waiting_columns(connection)
    assert (column["waiting"], column["problem"]) == (1, "unreachable")
    book.platform.fail = healthy
    book.pass_time(0.2)
    with book.database.read_core() as connection:
        assert commands.waiting_columns(connection) == []


def test_two_grades_of_one_person_are_joined() -> None:
    earlier, later = now() - timedelta(days=1), now()
    computed = Grade(points=5, maximum=10, state="sent", tried_at=later)
    manual = Grade(points=8, maximum=10, state="sent", graded_at=earlier, tried_at=earlier)
    empty = Grade(points=None, maximum=None, state="none", tried_at=None)
    assert Grade.merged_values(computed, manual)["points"] == 8
    assert "points" not in Grade.merged_values(manual, computed)
    assert Grade.merged_values(empty, computed)["points"] == 5
    assert Grade.merged_values(computed, empty) == {"tried_at": later}
    assert Grade.merged_values(manual, computed)["tried_at"] == later


def test_the_later_decision_about_what_counts_stays() -> None:
    """After a registration is joined to a newer one, whose rule says only what the link says."""
    earlier, later = now() - timedelta(days=1), now()
    link = GradeRule(settings="link", settings_at=earlier)
    decided = GradeRule(settings="decided", settings_at=later)
    unknown = GradeRule(settings="unknown", settings_at=None)
    assert GradeRule.merged_values(link, decided)["settings"] == "decided"
    assert GradeRule.merged_values(decided, link) == {}
    assert GradeRule.merged_values(unknown, decided) == {}


def test_a_person_who_is_no_participant_ends_the_problem_of_the_column(
    platform_server: LocalServer, sqlite: Database, tmp_path: Path
) -> None:
    """Moodle refuses a score for somebody whom a reset of the course unenrolled."""
    book = make_book(platform_server, databases.emptied(sqlite), tmp_path, "moodle")
    ana = book.join("ana")
    book.platform.fail = answers("results", 403)
    book.give(ana, 5)
    book.work()
    assert book.column().problem == Problem.SCOPE
    book.platform.fail = answers("scores", 400, [])
    book.pass_time(2)
    assert (book.grade(ana).state, book.grade(ana).problem) == ("refused", "not_a_learner")
    assert book.column().problem is None
