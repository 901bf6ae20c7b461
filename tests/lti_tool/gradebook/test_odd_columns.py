"""Columns of other platforms: without points, with a maximum, made before any score.

Each table has one row for each way in which a platform was seen to differ, and its neighbours.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from lti_tool.directory.model import ResourceLink
from lti_tool.gradebook import tasks
from lti_tool.gradebook.model import GradeColumn
from lti_tool.gradebook.problems import Problem
from lti_tool.gradebook.settings import GradeSettings
from lti_tool.storage.database import Database, now
from tests.lti_tool.gradebook.conftest import MANUAL, REPLIES, Gradebook, make_book
from tests.lti_tool.lti.local_server import Asked, LocalServer, Reply
from tests.support import databases

# Points of the column in the LMS


@pytest.mark.parametrize(
    ("maximum", "points"),
    [
        (0, None),
        (0.0, None),
        (None, None),
        ("absent", None),
        ("", None),
        ("none", None),
        ("NaN", None),
        ("Infinity", None),
        (True, None),
        ([10], None),
        (-5, None),
        ("0", None),
        (20, 20),
        ("20", 20),
        (0.5, 0.5),
    ],
)
@pytest.mark.parametrize("named", [True, False], ids=["in the claim", "found in the list"])
def test_what_a_column_is_worth_in_the_lms(
    book: Gradebook, maximum: Any, points: float | None, named: bool
) -> None:
    url = book.platform.add("own", resourceLinkId="rl1", scoreMaximum=maximum)
    if maximum == "absent":
        del book.platform.items["own"]["scoreMaximum"]
    if named:
        with book.database.write() as session:
            session.execute(update(ResourceLink).values(line_item_url=url))
    ana = book.join("ana")
    book.give(ana, 5)
    before = dict(book.platform.items["own"])
    book.platform.fail = lambda asked, what: Reply([]) if what == "results" else None
    book.work()
    book.set(replace(MANUAL, due_at=now() + timedelta(days=2)))
    book.work()
    assert list(book.platform.items) == ["own"], "no other column is made beside it"
    if points is None:
        assert not book.platform.scores
        assert book.column().problem == Problem.UNGRADED
        assert book.platform.items["own"] == before, "a line item without points is refused"
        assert book.platform.calls["PUT item"] == 0
        book.platform.items["own"]["scoreMaximum"] = 5
        book.platform.fail = lambda asked, what: None
        book.pass_time(26, step=timedelta(hours=2))
        assert book.platform.share("own", "ana") == 0.5
        assert "endDateTime" in book.platform.items["own"], "what was changed meanwhile"
    else:
        assert book.platform.scores
        assert book.column().line_item_maximum == points
        assert "endDateTime" in book.platform.items["own"]


def test_an_instructor_gives_points_to_a_column_that_has_none(book: Gradebook) -> None:
    book.platform.add("own", resourceLinkId="rl1", scoreMaximum=0)
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    assert book.column().problem == Problem.UNGRADED
    book.set(replace(MANUAL, maximum=8))
    book.pass_time(26, step=timedelta(hours=2))
    assert book.platform.items["own"]["scoreMaximum"] == 8
    assert book.platform.sent("ana") == [5]


# More than the maximum


def cut_off(asked: Asked, what: str) -> Reply | None:
    """Brightspace takes the score, and cuts it off at the maximum, unless exceeding is allowed."""
    return None


def refused_above_one(asked: Asked, what: str) -> Reply | None:
    """Coursera: https://github.com/PrairieLearn/PrairieLearn/issues/15643."""
    if what != "scores" or asked.json()["scoreGiven"] <= asked.json()["scoreMaximum"]:
        return None
    return Reply({"message": "Invalid grade: 2.0"}, 403)


@pytest.mark.parametrize("platform", [cut_off, refused_above_one])
@pytest.mark.parametrize(("given", "maximum"), [(12, 10), (1e9, 3), (10, 10), (10.0000001, 10)])
@pytest.mark.parametrize("product", ["", "desire2learn"])
def test_no_more_than_the_maximum_is_sent(
    platform_server: LocalServer,
    sqlite: Database,
    tmp_path: Path,
    platform: Any,
    given: float,
    maximum: float,
    product: str,
) -> None:
    book = make_book(platform_server, databases.emptied(sqlite), tmp_path, product)
    book.platform.fail = platform
    ana = book.join("ana")
    book.give(ana, given, maximum=maximum)
    book.work()
    assert book.platform.sent("ana") == [maximum]
    assert book.grade(ana).state == "sent"
    assert book.grade(ana).result_points == 10
    book.give(ana, given + 1, maximum=maximum)
    book.work()
    assert book.platform.sent("ana") == [maximum], "the LMS has it already"
    book.give(ana, maximum / 2, maximum=maximum)
    book.work()
    assert book.platform.share("made1", "ana") == 0.5, "and it came from here"
    assert not book.open_tasks()


@pytest.mark.parametrize("share", [1.0, 0.8, 0.5004, 0.0])
def test_a_grade_that_the_lms_changes_when_it_takes_it_came_from_here(
    book: Gradebook, share: float
) -> None:
    """It may cut off, round or scale: what it holds right after a score is ours."""
    ana = book.join("ana")
    book.platform.fail = lambda asked, what: None

    def changed(asked: Asked, what: str) -> Reply | None:
        if what == "scores":
            book.platform.cells["made1", "ana"].share = share
        return None

    book.platform.after = changed
    book.give(ana, 5)
    book.work()
    book.platform.after = lambda asked, what: None
    assert book.grade(ana).result_points == pytest.approx(share * 10)
    book.give(ana, 9)
    book.work()
    assert book.grade(ana).state == "sent"
    assert book.platform.share("made1", "ana") == 0.9


# The column that is made


@pytest.mark.parametrize(
    ("chosen", "members"),
    [
        (MANUAL, {"scoreMaximum": 10, "gradesReleased": None}),
        (replace(MANUAL, released=False), {"gradesReleased": False}),
        (replace(MANUAL, maximum=None), {"scoreMaximum": 100}),
        (replace(MANUAL, due_at=now()), {"endDateTime": True}),
    ],
)
def test_the_column_exists_before_any_score(
    book: Gradebook, chosen: GradeSettings, members: dict[str, Any]
) -> None:
    """Brightspace 1.3 makes none for a link: https://github.com/hypothesis/lms/issues/4726."""
    book.set(chosen)
    book.work()
    [item] = book.platform.items.values()
    assert item["resourceLinkId"] == "rl1"
    for name, value in members.items():
        assert (bool(item.get(name)) if value is True else item.get(name)) == value
    assert not book.platform.scores


def test_a_release_later_changes_nothing_else(book: Gradebook) -> None:
    book.set(replace(MANUAL, released=False))
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    before = dict(book.platform.items["made1"])
    assert before["gradesReleased"] is False
    assert book.platform.sent("ana") == [5]
    book.set(MANUAL)
    book.work()
    assert book.platform.items["made1"] == {**before, "gradesReleased": True}
    assert book.platform.sent("ana") == [5]


def test_a_column_made_without_its_link_is_found_again(book: Gradebook) -> None:
    """Canvas does not know the resource link of a module item; see canvas-lms, issue 1944."""
    book.platform.known_links.clear()
    book.work()
    with book.database.write() as session:
        session.execute(update(GradeColumn).values(line_item_url=None))
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    assert len(book.platform.items) == 1
    assert book.platform.sent("ana") == [5]


# Who has done nothing


@pytest.mark.parametrize(("zeros", "sent"), [(False, 3), (True, 30)])
def test_zeros_come_after_the_end_and_only_if_asked_for(
    book: Gradebook, zeros: bool, sent: int
) -> None:
    chosen = replace(REPLIES, method="none", first_post=5, zero_after_due=zeros)
    book.set(replace(chosen, first_post_due_at=now() + timedelta(days=1)))
    people = [book.join(f"p{number}") for number in range(30)]
    for each in people[:3]:
        book.contribute(each)
    book.work()
    book.set(replace(chosen, first_post_due_at=now() + timedelta(hours=1)))
    book.work()
    assert len(book.platform.scores) == 3
    with book.database.write() as session:  # an hour and a half later
        past = now() - timedelta(minutes=30)
        session.execute(update(GradeColumn).values(due_at=past))
    tasks.purge(book.settings, book.database)
    book.work()
    book.work()
    tasks.purge(book.settings, book.database)
    book.work()
    assert len(book.platform.scores) == sent
    assert {score["scoreGiven"] for _, score in book.platform.scores} == ({5, 0} if zeros else {5})
