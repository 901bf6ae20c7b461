"""The line items of an activity: found, created, changed, deleted in the LMS."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from lti_tool.directory.model import ResourceLink
from lti_tool.gradebook import rules, tasks
from lti_tool.gradebook.activities import locked_column
from lti_tool.gradebook.problems import Problem
from lti_tool.gradebook.settings import GradeSettings
from lti_tool.storage.database import now
from tests.lti_tool.gradebook.conftest import MANUAL, Gradebook


def link(book: Gradebook, **values: Any) -> None:
    with book.database.write() as session:
        session.execute(
            update(ResourceLink).where(ResourceLink.id == book.link_id).values(**values)
        )


def test_the_line_item_of_the_launch_is_used(book: Gradebook) -> None:
    url = book.platform.add("own", scoreMaximum=20)
    link(book, line_item_url=url)
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    assert list(book.platform.items) == ["own"]
    assert book.platform.share("own", "ana") == 0.5
    assert book.column().line_item_maximum == 20


def test_the_line_item_that_a_deep_link_made(book: Gradebook) -> None:
    book.platform.add("foreign", resourceId="1", resourceLinkId="rl1", readOnly=True)
    book.platform.add("linked", resourceId="minga-module-4", resourceLinkId="rl1")
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    assert book.platform.share("linked", "ana") == 0.5
    assert len(book.platform.items) == 2


def test_the_line_item_of_a_checkpoint_that_came_with_a_copied_course(book: Gradebook) -> None:
    """Moodle copies the resourceId too, which names the activity that was copied."""
    book.platform.add("a", resourceId="minga-rl0", resourceLinkId="rl1", tag="replies")
    book.platform.add("b", resourceId="minga-rl0", resourceLinkId="rl1", tag="first-post")
    book.platform.add("c", resourceId="other", resourceLinkId="rl1", tag="first-post")
    book.set(GradeSettings(first_post=10))
    book.work()
    assert book.column("first_post").line_item_url == book.platform.url("b")
    assert set(book.platform.items) == {"a", "b", "c"}


def test_a_resource_link_that_the_platform_does_not_know(book: Gradebook) -> None:
    book.platform.known_links.clear()
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    assert "resourceLinkId" not in book.platform.items["made1"]
    assert book.platform.sent("ana") == [5]


def test_changes_keep_what_others_wrote(book: Gradebook) -> None:
    book.work()
    item = book.platform.items["made1"]
    extras = {"label": "Renamed", "scoreMaximum": 33, "https://x.example/ext": {"a": 1}}
    item |= extras | {"gradesReleased": True, "submissionReview": {"url": "https://x.example"}}
    book.set(replace(MANUAL, due_at=now() + timedelta(days=3)))
    book.work()
    after = book.platform.items["made1"]
    assert after.pop("endDateTime")
    assert after == item
    book.set(replace(MANUAL, maximum=50, released=False))
    book.work()
    after = book.platform.items["made1"]
    assert (after["scoreMaximum"], after["gradesReleased"]) == (50, False)
    assert after["label"] == "Renamed"
    assert "endDateTime" not in after


def test_a_line_item_that_was_deleted(book: Gradebook) -> None:
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    book.platform.items.clear()
    book.give(ana, 6)
    book.work()
    book.give(ana, 7)
    book.pass_time(48, step=timedelta(hours=4))
    assert book.column().problem == Problem.DELETED
    assert not book.platform.items, "none is made silently"
    assert book.platform.calls["POST scores"] < 4
    assert not book.open_tasks()
    with book.database.write() as session:
        column = locked_column(session, book.column().id)
        assert column is not None
        rules.make_again(session, column)
    book.work()
    assert [score["scoreGiven"] for key, score in book.platform.scores][-1] == 7
    assert book.grade(ana).state == "sent"


def test_a_line_item_that_moved(book: Gradebook) -> None:
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    book.platform.items["moved"] = book.platform.items.pop("made1")
    book.give(ana, 6)
    book.work()
    book.pass_time(0.2)
    assert book.platform.share("moved", "ana") == 0.6


def test_a_launch_brings_the_line_item_back(book: Gradebook) -> None:
    link(book, line_items_url=None)
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    assert book.column().problem == Problem.NOT_OFFERED
    link(book, line_items_url=book.platform.line_items_url)
    tasks.purge(book.settings, book.database)
    book.work()
    assert book.platform.sent("ana") == [5]


@pytest.mark.parametrize(
    ("granted", "problem"),
    [("score lineitem", "scope"), ("result.readonly", "scope"), ("x", "scope")],
)
def test_scopes_that_are_not_granted(book: Gradebook, granted: str, problem: str) -> None:
    book.platform.granted = " ".join(
        f"https://purl.imsglobal.org/spec/lti-ags/scope/{each}" for each in granted.split()
    )
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    assert book.column().problem == problem
    assert not book.platform.scores


def test_a_line_item_without_points(book: Gradebook) -> None:
    link(book, line_item_url=book.platform.add("own", scoreMaximum=0))
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    assert book.column().problem == Problem.UNGRADED
    assert not book.platform.scores
    book.platform.items["own"]["scoreMaximum"] = 5
    book.pass_time(26, step=timedelta(hours=2))
    assert book.platform.share("own", "ana") == 0.5
