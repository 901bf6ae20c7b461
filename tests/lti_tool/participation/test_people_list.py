"""The pages of the list of participants are, one after another, the whole list in its order."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from lti_tool.directory.model import ActivityOpening, Membership
from lti_tool.directory.sort_names import sort_name
from lti_tool.discussion import people_list
from lti_tool.discussion.participation import Participation, Person
from lti_tool.discussion.people_list import Order, Stage, people_page
from tests.lti_tool.discussion.scene import Scene
from tests.lti_tool.participation.test_numbers import scope_of
from tests.support.statements import counted

ORDERS: tuple[Order, ...] = ("name", "posts", "latest", "opened")
STAGES: tuple[Stage, ...] = ("all", "not_opened", "opened", "wrote", "not_written")
DAY = datetime(2026, 11, 30, tzinfo=UTC)


def fill(scene: Scene) -> None:
    """Fourteen people, some with the same name or the same times; two have left."""
    choose = random.Random(4)
    names = ["Éva", "eva", "Ana", "Zoë", None, "Bo", "Bo", "ana", None, "Dé", "Ça", "Al", "X", "Y"]
    users = [scene.launch_session(name).user_id for name in names]
    teacher = scene.launch_session("Pilar", instructor=True)
    posts = [
        {
            "author_id": user,
            "created_at": DAY + timedelta(hours=choose.randrange(4)),
            "question_id": choose.choice(["who-buys", None]),
        }
        for user in [*choose.choices(users[:9], k=20), teacher.user_id]
    ]
    scene.many(teacher, posts)
    opened = [*choose.sample(users, 9), teacher.user_id]
    with scene.database.write() as session:
        for user in opened:
            latest = DAY + timedelta(hours=choose.randrange(3))
            key = {"resource_link_id": scene.resource_link_id, "user_id": user}
            session.execute(insert(ActivityOpening).values(**key, first_at=DAY, latest_at=latest))
        left = update(Membership).where(Membership.user_id.in_(users[-2:]))
        session.execute(left.values(ended_at=DAY))


def sorted_people(people: list[Person], stage: Stage, order: Order) -> list[int]:
    """The list as one sorts it with all people in memory."""
    stages: dict[Stage, Any] = {
        "all": lambda _each: True,
        "not_opened": lambda each: each.opened_at is None and not each.posts,
        "opened": lambda each: each.opened_at is not None,
        "wrote": lambda each: each.posts > 0,
        "not_written": lambda each: each.posts == 0,
    }
    values: dict[Order, Any] = {
        "name": lambda _each: None,
        "posts": lambda each: each.posts or None,
        "latest": lambda each: each.latest_post_at,
        "opened": lambda each: each.latest_opened_at,
    }
    listed = [each for each in people if stages[stage](each)]
    first = [each for each in listed if values[order](each) is not None]
    rest = [each for each in listed if values[order](each) is None]
    first.sort(key=lambda each: (values[order](each), each.user_id), reverse=True)
    rest.sort(key=lambda each: (sort_name(each.name), each.user_id))
    return [each.user_id for each in (*first, *rest)]


@pytest.fixture
def scope(scene: Scene) -> Participation:
    fill(scene)
    return scope_of(scene)


@pytest.mark.both_engines
@pytest.mark.parametrize("scanned", [2000, 4], ids=["at once", "in parts"])
@pytest.mark.parametrize("order", ORDERS)
def test_the_pages_are_the_list(
    scene: Scene, scope: Participation, order: Order, scanned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_list, "MOST_SCANNED", scanned)
    with scene.database.read_core() as connection:
        everyone = people_page(connection, scope, limit=100).people
        assert len(everyone) == 12
        for stage in STAGES:
            expected = sorted_people(everyone, stage, order)
            forwards, page = [], people_page(connection, scope, stage=stage, order=order, limit=3)
            forwards += page.people
            while page.after is not None:
                page = people_page(
                    connection, scope, stage=stage, order=order, after=page.after, limit=3
                )
                forwards += page.people
                assert len(forwards) < 50
            assert [each.user_id for each in forwards] == expected, stage
            backwards = list(page.people)
            while page.before is not None:
                page = people_page(
                    connection, scope, stage=stage, order=order, before=page.before, limit=3
                )
                backwards = page.people + backwards
                assert len(backwards) < 50
            assert {each.user_id for each in backwards} == set(expected), stage


@pytest.mark.both_engines
def test_without_a_course_those_who_opened_are_listed(scene: Scene) -> None:
    fill(scene)
    scope = replace(scope_of(scene), course_id=None)
    with scene.database.read_core() as connection:
        everyone = people_page(connection, scope, limit=100).people
        assert len(everyone) == 10
        for order in ORDERS:
            first = people_page(connection, scope, order=order, limit=6)
            second = people_page(connection, scope, order=order, limit=6, after=first.after)
            found = [each.user_id for each in (*first.people, *second.people)]
            assert sorted(found) == sorted(each.user_id for each in everyone), order


def test_a_page_takes_a_bounded_number_of_statements(scene: Scene, scope: Participation) -> None:
    with scene.database.read_core() as connection:
        edge = people_page(connection, scope, limit=5).after
        for order in ORDERS:
            for stage in STAGES:
                for start in ({}, {"after": edge}, {"before": edge}):
                    with counted(scene.database) as statements:
                        people_page(connection, scope, stage=stage, order=order, limit=3, **start)
                    assert len(statements) <= 9, (order, stage, start, len(statements))


@pytest.mark.parametrize("order", ["name", "latest", "opened"])
def test_nobody_is_sorted(scene: Scene, scope: Participation, order: Order) -> None:
    with scene.database.read_core() as connection:
        with counted(scene.database) as statements:
            page = people_page(connection, scope, order=order, limit=3)
            people_page(connection, scope, order=order, after=page.after, limit=3)
        for statement in statements:
            if " LIMIT " in statement:
                plan = connection.exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {statement}", (1,) * statement.count("?")
                )
                assert "TEMP B-TREE" not in str(plan.all()), statement
