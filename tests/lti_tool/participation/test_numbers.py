"""The numbers of participation: who is counted, what is counted, and what is never shown."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.directory.model import ActivityOpening, Membership
from lti_tool.discussion import participation
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.participation import Day, Participation, Person, QuestionTotal, Totals
from lti_tool.discussion.people_list import people_page
from lti_tool.participation import charts
from lti_tool.participation import totals as totals_
from lti_tool.participation.totals import Numbers
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import now
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.discussion.scene import Scene, statements_of

pytestmark = pytest.mark.both_engines


def scope_of(scene: Scene) -> Participation:
    teacher = scene.launch_session("Pilar", instructor=True)
    return Participation.of(teacher, scene.state(teacher))


def totals(scene: Scene) -> Totals:
    with scene.database.read_core() as connection:
        return participation.totals(connection, scope_of(scene))


def people(scene: Scene, **options: object) -> list[Person]:
    given_ = {"limit": 100} | options
    with scene.database.read_core() as connection:
        return people_page(connection, scope_of(scene), **given_).people  # type: ignore[arg-type]


def opened(scene: Scene, user: CurrentSession) -> None:
    with scene.database.write() as session:
        key = {"resource_link_id": scene.resource_link_id, "user_id": user.user_id}
        session.add(ActivityOpening(**key, first_at=now(), latest_at=now()))


def test_twenty_five_of_twenty_seven(scene: Scene) -> None:
    """Staff and test users are neither above nor below the fraction line."""
    learners = [scene.launch_session(f"Learner {number}") for number in range(27)]
    staff = [scene.launch_session(f"Teacher {number}", instructor=True) for number in range(2)]
    scene.launch_session("Test user", kind="test")
    scene.many(learners[0], [{"author_id": each.user_id} for each in learners[:25]])
    scene.many(
        staff[0], [{"author_id": each.user_id, "author_role": "instructor"} for each in staff]
    )
    for each in (*learners[:26], *staff):
        opened(scene, each)
    found = totals(scene)
    assert (found.wrote, found.opened, found.people) == (25, 26, 27)
    assert (found.threads, found.replies) == (25, 0)
    assert len(people(scene)) == 27
    assert len(people(scene, stage="wrote")) == 25
    assert [each.name for each in people(scene, stage="not_opened")] == ["Learner 26"]
    assert {each.name for each in people(scene, stage="not_written")} == {
        "Learner 25",
        "Learner 26",
    }


@pytest.mark.parametrize(
    ("role", "counts"),
    [("learner", True), ("instructor", False), ("test", False), ("other", False)],
)
def test_who_is_a_participant(scene: Scene, role: str, counts: bool) -> None:
    """The same people as ``Course.learner_count``: the highest role of a membership decides."""
    user = scene.launch_session("Somebody")
    with scene.database.write() as session:
        session.query(Membership).filter_by(user_id=user.user_id).update({"role": role})
    assert [each.name for each in people(scene)] == (["Somebody"] if counts else [])
    with scene.database.write() as session:
        session.query(Membership).filter_by(user_id=user.user_id).update({"ended_at": now()})
    assert people(scene) == [], "a person who left the course"


def test_a_large_course_is_counted_by_the_worker(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals_, "LIVE_UP_TO", 1)
    learners = [scene.launch_session(f"Learner {number}") for number in range(3)]
    scene.post(learners[0], question_id="who-buys")
    scope, module = scope_of(scene), scene.module.id

    def numbers() -> Numbers:
        with scene.database.read_core() as connection, statements_of(scene.database) as seen:
            found = totals_.numbers(connection, scope, module)
        assert len(seen) == 2, "the stored numbers, and nothing that is counted"
        return found

    def requests() -> list[dict]:
        with scene.database.read() as session:
            rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == totals_.COUNT))
            return [json.loads(row.payload) for row in rows]

    assert numbers() == Numbers(3, is_old=True)
    for _ in range(2):
        with scene.database.write_core() as connection:
            totals_.request_count(connection, scope, module)
    [payload] = requests()
    totals_.handlers[totals_.COUNT](scene.database, payload)
    found = numbers()
    assert found.totals == Totals(3, 0, 0, 1, 1, 0)
    assert (found.questions, found.is_old) == ({"who-buys": QuestionTotal(1, 1)}, False)
    scene.launch_session("Learner 4")
    assert numbers().people == 4
    monkeypatch.setattr(totals_, "MAX_AGE", timedelta(0))
    assert numbers().is_old
    with scene.database.write_core() as connection:
        totals_.request_count(connection, scope, module)
    assert len(requests()) == 2
    scope = replace(scope, count_anonymous=True)
    assert numbers().totals is None, "counted by another rule"


def test_what_one_person_did(scene: Scene) -> None:
    ana, luis = scene.launch_session("Ana"), scene.launch_session("Luis")
    first = scene.post(ana, question_id="who-buys")
    scene.post(luis, reply_to_id=first.id)
    later = scene.post(ana, reply_to_id=first.id)
    removed = scene.post(ana)
    held = scene.post(ana)
    scene.set(held.id, status="held")
    scene.delete(ana, removed)
    [found] = [each for each in people(scene) if each.name == "Ana"]
    assert (found.threads, found.replies, found.posts) == (1, 1, 2)
    assert (found.first_post_at, found.latest_post_at) == (first.created_at, later.created_at)
    with scene.database.read_core() as connection:
        scope = scope_of(scene)
        assert participation.by_question(connection, scope) == {"who-buys": (1, 1)}
        asked = [ana.user_id, luis.user_id]
        assert participation.answers(connection, scope, asked) == {ana.user_id: {"who-buys": 1}}
        [day] = participation.days(connection, scope)
    assert (day.threads, day.replies, day.staff) == (1, 2, 0)
    assert day.day == f"{now():%Y-%m-%d}"


def test_the_order_of_the_list(scene: Scene) -> None:
    users = [scene.launch_session(name) for name in ("Carla", "ana", None, "Benito")]
    scene.many(users[3], [{}, {}])
    scene.many(users[0], [{"created_at": now() + timedelta(minutes=1)}])
    names = [each.name for each in people(scene)]
    assert names == ["ana", "Benito", "Carla", None]
    assert [each.name for each in people(scene, order="posts")][:2] == ["Benito", "Carla"]
    assert [each.name for each in people(scene, order="latest")][:2] == ["Carla", "Benito"]


def test_anonymous_posts_count_for_nobody(scene: Scene) -> None:
    scene.settings_are(anonymous=True)
    ana = scene.launch_session("Ana")
    scene.post(ana, question_id="who-buys")
    found = totals(scene)
    assert (found.wrote, found.threads) == (0, 0)
    [person] = people(scene)
    assert (person.posts, person.latest_post_at) == (0, None)
    with scene.database.read_core() as connection:
        scope = scope_of(scene)
        assert participation.by_question(connection, scope) == {}
        assert participation.answers(connection, scope, [ana.user_id]) == {}
        assert participation.days(connection, scope) == [Day(f"{now():%Y-%m-%d}", 1, 0, 0)]
    # The authors were not told that posts would be counted under their names.
    with pytest.raises(DiscussionError) as refused:
        scene.settings_are(count_anonymous=True)
    assert refused.value.reason is Reason.ANONYMOUS_UNCOUNTED


def test_anonymous_posts_count_if_it_was_decided_before(scene: Scene) -> None:
    scene.settings_are(anonymous=True, count_anonymous=True)
    ana = scene.launch_session("Ana")
    scene.post(ana)
    assert totals(scene).wrote == 1
    assert [each.posts for each in people(scene)] == [1]
    scene.settings_are(count_anonymous=False)
    assert totals(scene).wrote == 0


def test_the_statements_do_not_grow_with_the_people(scene: Scene) -> None:
    numbers = []
    for more in (1, 30):
        for number in range(more):
            scene.post(scene.launch_session(f"Learner {more} {number}"), question_id="who-buys")
        scope = scope_of(scene)
        with scene.database.read_core() as connection, statements_of(scene.database) as seen:
            participation.totals(connection, scope)
            found = people_page(connection, scope, limit=50).people
            participation.answers(connection, scope, [each.user_id for each in found])
            participation.by_question(connection, scope)
            participation.days(connection, scope)
        numbers.append(len(seen))
    assert numbers == [6, 6]


DAYS = st.dates(min_value=now().date() - timedelta(days=4000), max_value=now().date())


@given(st.lists(st.tuples(DAYS, *[st.integers(0, 50)] * 3), max_size=60), st.booleans())
def test_the_timeline_has_every_post(rows: list[tuple[object, int, int, int]], rtl: bool) -> None:
    by_day = {f"{day}": numbers for day, *numbers in rows}
    days = [Day(day, *by_day[day]) for day in sorted(by_day)]
    chart = charts.timeline(days, rtl=rtl)
    if not days:
        assert chart is None
        return
    assert chart is not None
    assert sum(column.total for column in chart.columns) == sum(sum(day[1:]) for day in days)
    assert [column.x for column in chart.columns][:: -1 if rtl else 1] == list(range(chart.width))
    for before, after in zip(chart.columns, chart.columns[1:], strict=False):
        assert before.end + timedelta(days=1) == after.start
    assert len(chart.columns) <= max(charts.MOST_COLUMNS + 1, 4000 // 28)
    for column in chart.columns:
        assert all(y >= -0.01 and y + height <= 100.01 for _, y, height in column.parts)


def test_a_bar_begins_where_the_text_begins() -> None:
    assert charts.bar(1, 4, rtl=False) == charts.Bar(0, 25)
    assert charts.bar(1, 4, rtl=True) == charts.Bar(75, 25)
    assert charts.bar(0, 0, rtl=False) == charts.Bar(0, 0)
