"""Discussions that nobody uses are deleted, or lose their authors, as the institution says."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from lti_tool.attachments import service as attachments
from lti_tool.attachments.model import Attachment
from lti_tool.directory import registrations as directory
from lti_tool.directory.model import ActivityOpening, Course
from lti_tool.discussion import discussions, recount, retention
from lti_tool.discussion.model import (
    Discussion,
    DiscussionCount,
    DiscussionReader,
    Post,
    ThreadRead,
)
from lti_tool.storage.database import now
from tests.lti_tool.attachments.files import PDF
from tests.lti_tool.discussion.scene import Scene

pytestmark = pytest.mark.both_engines

MONTH = timedelta(days=31)
KEY = re.compile(r"[0-9a-f]{32}")


def rule(scene: Scene, months: int | None = 6, action: str = "delete") -> None:
    values: dict[str, Any] = {"retention_months": months, "retention_action": action}
    directory.change_registration(scene.database, scene.registration_id, **values)


def aged(scene: Scene, months: float) -> None:
    """Let everything have happened some months earlier."""
    before = months * MONTH
    with scene.database.write_core() as connection:
        for table, names in (
            (Discussion, ("created_at", "archived_at")),
            (Post, ("created_at",)),
            (DiscussionReader, ("visited_at",)),
            (ActivityOpening, ("first_at", "latest_at")),
        ):
            for name in names:
                column = table.__table__.c[name]
                rows = connection.execute(
                    table.__table__.select().where(column.is_not(None))
                ).mappings()
                for row in rows.all():
                    key = [each == row[each.name] for each in table.__table__.primary_key]
                    connection.execute(update(table).where(*key).values({name: row[name] - before}))
    for discussion_id in recount.discussion_ids(scene.database):
        with scene.database.write_core() as connection:
            recount.recount(connection, discussion_id)


def open_activity(scene: Scene, user_id: int | None) -> None:
    with scene.database.write() as session:
        key = {"resource_link_id": scene.resource_link_id, "user_id": user_id}
        session.add(ActivityOpening(**key, first_at=now(), latest_at=now()))


def test_nothing_happens_by_default(scene: Scene) -> None:
    scene.post(scene.launch_session())
    aged(scene, 200)
    assert retention.apply(scene.database) == 0
    assert scene.count(Post) == 1


@pytest.mark.parametrize(("age", "left"), [(5.5, 2), (6.5, 0)])
def test_an_unused_discussion_is_deleted(scene: Scene, age: float, left: int) -> None:
    rule(scene)
    ana = scene.launch_session()
    first = scene.post(ana)
    scene.post(ana, reply_to_id=first.id)
    aged(scene, age)
    retention.apply(scene.database)
    assert scene.count(Post) == left
    assert scene.count(Discussion) == (1 if left else 0)
    assert scene.count(DiscussionCount) == (scene.count(DiscussionCount) if left else 0)


@pytest.mark.parametrize("use", ["open", "read", "write"])
def test_any_use_begins_the_time_again(scene: Scene, use: str) -> None:
    rule(scene)
    ana = scene.launch_session()
    scene.post(ana)
    aged(scene, 10)
    if use == "open":
        open_activity(scene, ana.user_id)
    elif use == "read":
        with scene.database.write() as session:
            [discussion_id] = recount.discussion_ids(scene.database)
            key = {"user_id": ana.user_id, "discussion_id": discussion_id}
            session.add(DiscussionReader(**key, visited_at=now()))
    else:
        scene.post(ana)
    assert retention.due(scene.database) == []
    assert retention.apply(scene.database) == 0
    assert scene.count(Post) >= 1


def test_an_archived_discussion_is_not_kept_by_the_next_cohort(scene: Scene) -> None:
    rule(scene)
    ana, teacher = scene.launch_session(), scene.launch_session("Pilar", instructor=True)
    scene.post(ana, "Of last year")
    with scene.database.write() as session:
        discussions.start_afresh(session, teacher, scene.module)
    aged(scene, 10)
    scene.post(ana, "Of this year")
    open_activity(scene, ana.user_id)
    retention.apply(scene.database)
    with scene.database.read() as session:
        assert [post.source for post in session.query(Post)] == ["Of this year"]


def test_a_course_decides_otherwise(scene: Scene) -> None:
    rule(scene)
    scene.post(scene.launch_session())
    aged(scene, 10)
    course = scene.database, scene.registration_id, "c1"
    assert retention.set_course_rule(*course, months=None, action="delete")
    assert retention.due(scene.database) == []
    assert retention.set_course_rule(*course, months=24, action="delete")
    assert retention.due(scene.database) == []
    assert retention.set_course_rule(*course, months=3, action="anonymise")
    assert [each.action for each in retention.due(scene.database)] == ["anonymise"]
    assert retention.set_course_rule(*course, months=None, action=None)
    assert [each.action for each in retention.due(scene.database)] == ["delete"]
    assert not retention.set_course_rule(
        scene.database, scene.registration_id, "x", months=1, action="delete"
    )
    assert scene.count(Course) == 1


def test_authors_become_anonymous(scene: Scene) -> None:
    rule(scene, action="anonymise")
    ana, luis = scene.launch_session("Ana Quispe"), scene.launch_session("Luis Paz")
    first = scene.post(ana, "First")
    reply = scene.post(luis, "Second", reply_to_id=first.id)
    third = scene.post(ana, "Third")
    removed = scene.post(luis, "Removed")
    scene.delete(luis, removed)
    scene.many(luis, [{"author_id": None, "author_name": "Imported", "origin": "archive"}] * 2)
    with scene.database.write() as session:
        key = {"user_id": ana.user_id, "discussion_id": first.discussion_id}
        session.add(DiscussionReader(**key, visited_at=now()))
        session.add(ThreadRead(**key, thread_id=first.id, read_up_to=1))
    aged(scene, 10)
    retention.apply(scene.database)
    posts = [scene.read(each.id) for each in (first, reply, third, removed)]
    assert {(post.author_id, post.author_name) for post in posts} == {(None, None)}
    codes = [post.author_code for post in posts]
    assert codes[0] == codes[2] != codes[1]
    assert all(code and len(code) == 6 for code in codes[:3])
    assert codes[3] is None
    imported = [scene.read(removed.id + number) for number in (1, 2)]
    assert [post.author_name for post in imported] == [None, None]
    assert imported[0].author_code == imported[1].author_code not in (None, codes[0])
    assert [post.source for post in posts] == ["First", "Second", "Third", ""]
    assert (scene.count(DiscussionReader), scene.count(ThreadRead)) == (0, 0)
    assert recount.wrong_discussions(scene.database) == {}
    assert retention.due(scene.database) == []


@pytest.mark.parametrize("action", retention.ACTIONS)
def test_what_is_too_much_for_one_time_is_done_later(scene: Scene, action: str) -> None:
    rule(scene, action=action)
    users = [scene.launch_session(f"Learner {number}") for number in range(5)]
    scene.many(users[0], [{"author_id": user.user_id} for user in users])
    aged(scene, 10)
    assert retention.apply(scene.database, most_posts=3) == 3
    # A discussion that is half deleted is not shown, and is deleted even if it is opened again.
    open_activity(scene, users[0].user_id)
    if action == "delete":
        assert scene.state(users[0]).id is None
        assert recount.wrong_discussions(scene.database) == {}
        retention.apply(scene.database)
        assert scene.count(Discussion) == 0
    else:
        assert scene.state(users[0]).id is not None
        assert recount.wrong_discussions(scene.database) == {}


def test_a_rule_is_tried_before_it_is_stored(scene: Scene) -> None:
    scene.post(scene.launch_session())
    aged(scene, 10)
    tried = retention.due(
        scene.database, registration_id=scene.registration_id, months=6, action="delete"
    )
    assert [(each.posts, each.begun) for each in tried] == [(1, False)]
    longer = retention.due(
        scene.database, registration_id=scene.registration_id, months=12, action="delete"
    )
    assert longer == []
    assert scene.count(Post) == 1


def with_file(scene: Scene) -> Path:
    """Publish a post with a file, which nobody has used for seven months; return the file."""
    ana = scene.launch_session()
    assert ana.user_id is not None
    attachments.add(
        scene.database,
        scene.settings,
        user_id=ana.user_id,
        draft_key="key",
        name="house.pdf",
        content=PDF,
    )
    scene.post(ana, draft_key="key")
    aged(scene, 7)
    [file] = [path for path in scene.settings.data_dir.rglob("*") if KEY.fullmatch(path.name)]
    old = (now() - timedelta(days=2)).timestamp()
    os.utime(file, (old, old))
    return file


def test_files_are_deleted_with_the_posts(scene: Scene) -> None:
    file = with_file(scene)
    attachments.purge(scene.settings, scene.database)
    assert file.exists()
    rule(scene)
    retention.apply(scene.database)
    assert scene.count(Attachment) == 0
    attachments.purge(scene.settings, scene.database)
    assert not file.exists()


def test_files_of_anonymous_posts_tell_no_author(scene: Scene) -> None:
    file = with_file(scene)
    rule(scene, action="anonymise")
    retention.apply(scene.database)
    with scene.database.read() as session:
        [found] = session.scalars(select(Attachment)).all()
    assert (found.name, found.user_id) == ("house.pdf", None)
    attachments.purge(scene.settings, scene.database)
    assert file.exists()
