"""All filters and orders of threads give slices of the whole list."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.discussion import counts as counted
from lti_tool.discussion import queries
from lti_tool.discussion.model import Post
from lti_tool.discussion.queries import Filters
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import now
from tests.lti_tool.discussion.scene import Scene
from tests.lti_tool.discussion.test_queries import Read, ids, read

__all__ = ["read"]

FILTERS = [
    Filters(order=order, **chosen)
    for order in ("activity", "newest", "oldest")
    for chosen in (
        {},
        {"languages": ("es",)},
        {"languages": ("es", "fr", "und")},
        {"question": "who-buys"},
        {"unanswered": True},
        {"staff": True},
        {"mine": True},
        {"languages": ("fr", "es"), "question": "who-buys", "unanswered": True},
        {"mine": True, "languages": ("es",)},
    )
]

pytestmark = pytest.mark.both_engines


@pytest.fixture
def mixed(scene: Scene) -> CurrentSession:
    """A discussion with all kinds of threads; replies come long after their threads."""
    ana, teacher = scene.launch_session("Ana"), scene.launch_session("Pilar", instructor=True)
    threads = scene.many(
        ana,
        [
            {
                "language": ("es", "fr", "pt", None)[n % 4],
                "question_id": ("who-buys", None, "who-sells")[n % 3],
                "author_id": (ana.user_id, teacher.user_id)[n % 5 == 0],
                "author_role": ("participant", "instructor")[n % 5 == 0],
                "status": "deleted" if n % 11 == 10 else "published",
                "anonymous": n % 7 == 0,
            }
            for n in range(40)
        ],
    )
    replies = [threads[(7 * n) % 40] for n in range(30)]
    scene.many(
        teacher,
        [
            {
                "thread_id": thread,
                "reply_to_id": thread,
                "language": ("fr", "es", None)[n % 3],
                "status": ("published", "held", "hidden")[n % 6 == 5],
                "author_role": "instructor",
            }
            for n, thread in enumerate(replies)
        ],
    )
    return ana


def expected(scene: Scene, reader: CurrentSession, filters: Filters) -> list[int]:
    """The ids of the threads that are listed, computed from all posts in memory."""
    with scene.database.read() as session:
        posts = session.scalars(select(Post).order_by(Post.id)).all()
    found = []
    for first in posts:
        if first.thread_id is not None:
            continue
        members = [
            post
            for post in posts
            if post.status == "published" and first.id in (post.id, post.thread_id)
        ]
        own = [post for post in members if post.author_id == reader.user_id]
        published = first.status == "published"
        kept = (
            bool(members)
            and (
                not filters.languages
                or any((post.language or "und") in filters.languages for post in members)
            )
            and (filters.question is None or (published and first.question_id == filters.question))
            and (not filters.unanswered or (published and len(members) == 1))
            and (not filters.staff or any(post.author_role == "instructor" for post in members))
            and (not filters.mine or bool(own))
        )
        if kept:
            newest = max(post.sequence for post in (own if filters.mine else members))
            found.append((newest if filters.order == "activity" else first.id, first.id))
    return [each[1] for each in sorted(found, reverse=filters.order != "oldest")]


def test_all_filters_in_all_orders_give_slices_of_the_whole_list(
    scene: Scene, mixed: CurrentSession
) -> None:
    scope = scene.scope(mixed)
    for filters in FILTERS:
        with scene.database.read_core() as connection:
            pages = [queries.thread_page(connection, scope, filters, limit=4)]
            while pages[-1].older is not None:
                after = pages[-1].older
                pages.append(queries.thread_page(connection, scope, filters, limit=4, after=after))
            visited = [each for page in pages for each in ids(page)]
            assert visited == expected(scene, mixed, filters), filters
            for earlier, later in pairwise(pages):
                back = queries.thread_page(connection, scope, filters, limit=4, before=later.newer)
                assert ids(back) == ids(earlier), filters


def test_a_reply_moves_its_thread_to_the_front(scene: Scene, read: Read) -> None:
    ana = scene.launch_session()
    one, two = scene.post(ana), scene.post(ana)
    assert ids(read(queries.thread_page, filters=Filters())) == [two.id, one.id]
    reply = scene.post(ana, reply_to_id=one.id)
    assert ids(read(queries.thread_page, filters=Filters())) == [one.id, two.id]
    scene.delete(ana, reply)
    assert ids(read(queries.thread_page, filters=Filters())) == [two.id, one.id]


def test_pinned_threads_come_first_on_the_first_page_only(scene: Scene) -> None:
    ana = scene.launch_session()
    posts = scene.many(ana, [{"language": ("es", "fr")[n % 2]} for n in range(9)])
    scene.set(posts[0], pinned_at=now())
    scope = scene.scope(ana)
    with scene.database.read_core() as connection:
        first = queries.thread_page(connection, scope, limit=5)
        assert [thread.first.id for thread in first.pinned] == [posts[0]]
        assert ids(first) == posts[:3:-1]
        second = queries.thread_page(connection, scope, limit=5, after=first.older)
        assert second.pinned == ()
        assert ids(second) == posts[3:0:-1]
        french = queries.thread_page(connection, scope, Filters(languages=("fr",)))
        assert french.pinned == ()


def test_groups_see_their_own_threads_and_those_of_everybody(scene: Scene) -> None:
    ana = scene.launch_session()
    for_all, of_seven, of_eight = scene.many(
        ana, [{}, {"group_id": 7, "language": "fr"}, {"group_id": 8, "language": "fr"}]
    )
    scope = scene.scope(ana)
    with scene.database.read_core() as connection:

        def seen(groups: tuple[int, ...] | None, **chosen: Any) -> list[int]:
            where = replace(scope, groups=groups)
            return ids(queries.thread_page(connection, where, Filters(**chosen)))

        assert seen((0,)) == [for_all]
        assert seen((0, 7)) == [of_seven, for_all]
        assert seen(None) == [of_eight, of_seven, for_all]
        assert seen((0, 7), languages=("fr", "es")) == [of_seven, for_all]
        here = replace(scope, groups=(0, 7))
        assert queries.find_post(connection, here, of_eight) is None
        assert queries.reply_page(connection, here, of_eight) is None
        assert counted.count_posts(connection, scope.discussion_id, None, (0, 7)).total == 2
        new = {"user_id": None, "groups": (0, 7)}
        assert counted.count_new(connection, scope.discussion_id, 0, **new) == 2
