"""Pages of threads and replies: nothing is skipped or repeated while others write."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from lti_tool.discussion import counts as counted
from lti_tool.discussion import discussions, queries, service
from lti_tool.discussion.model import Discussion, Post
from lti_tool.discussion.queries import Filters, Scope, ThreadPage
from lti_tool.discussion.selects import row_of_first
from tests.lti_tool.discussion.scene import Scene, statements_of

pytestmark = pytest.mark.both_engines

Read = Callable[..., Any]


@pytest.fixture
def read(scene: Scene) -> Read:
    """Call a function of ``queries`` on the discussion, in a transaction of its own."""

    def call(query: Read, *arguments: Any, **options: Any) -> Any:
        with scene.database.read_core() as connection:
            state = discussions.find(connection, launch_session, scene.module)
            assert state.id is not None
            scope = Scope(state.id, user_id=launch_session.user_id, pinned=state.pinned)
            if "language" in options:
                tag = options.pop("language")
                options["filters"] = Filters(languages=(tag,) if tag else (), order="newest")
            elif query is queries.thread_page:
                options.setdefault("filters", NEWEST)
            where = scope if query.__module__ == queries.__name__ else scope.discussion_id
            return query(connection, where, *arguments, **options)

    launch_session = scene.launch_session()
    return call


NEWEST = Filters(order="newest")


def ids(page: ThreadPage) -> list[int]:
    return [thread.first.id for thread in page.threads]


def replies(page: ThreadPage) -> dict[int, list[int]]:
    return {thread.first.id: [reply.id for reply in thread.replies] for thread in page.threads}


class TestThreads:
    def test_threads_newest_first_and_replies_oldest_first(self, scene: Scene, read: Read) -> None:
        launch_session = scene.launch_session()
        one, two = scene.post(launch_session), scene.post(launch_session)
        answers = [scene.post(launch_session, reply_to_id=one.id).id for _ in range(3)]
        page = read(queries.thread_page)
        assert ids(page) == [two.id, one.id]
        assert replies(page)[one.id] == answers
        assert (page.newer, page.older) == (None, None)

    def test_next_and_previous_page(self, scene: Scene, read: Read) -> None:
        posts = scene.many(scene.launch_session(), [{}] * 25)[::-1]
        first = read(queries.thread_page, limit=10)
        second = read(queries.thread_page, limit=10, after=first.older)
        third = read(queries.thread_page, limit=10, after=second.older)
        assert [*ids(first), *ids(second), *ids(third)] == posts
        assert (first.newer, third.older) == (None, None)
        assert ids(read(queries.thread_page, limit=10, before=third.newer)) == posts[10:20]
        assert read(queries.thread_page, limit=10, before=second.newer) == first

    @pytest.mark.parametrize(("after", "before"), [(0, None), (None, 10**8), (1, None)])
    def test_a_position_beyond_the_ends_gives_the_first_page(
        self, scene: Scene, read: Read, after: int | None, before: int | None
    ) -> None:
        posts = scene.many(scene.launch_session(), [{}] * 5)
        after = None if after is None else min(after, posts[0])
        page = read(queries.thread_page, after=after, before=before)
        assert ids(page) == posts[::-1]
        assert page.newer is None

    def test_a_deleted_first_post_is_shown_only_with_replies(
        self, scene: Scene, read: Read
    ) -> None:
        launch_session = scene.launch_session()
        lonely, answered = scene.post(launch_session), scene.post(launch_session)
        reply = scene.post(launch_session, reply_to_id=answered.id)
        for post in (lonely, answered):
            service.delete_post(scene.database, launch_session, scene.module, post.id)
        page = read(queries.thread_page)
        assert replies(page) == {answered.id: [reply.id]}
        assert page.threads[0].first.html == ""

    def test_other_discussions_are_not_included(self, scene: Scene, read: Read) -> None:
        post = scene.post(scene.launch_session())
        with scene.database.write() as session:
            other = discussions.find_or_create(session, scene.resource_link_id, "other").id
        with scene.database.read_core() as connection:
            assert ids(queries.thread_page(connection, Scope(other))) == []
            assert queries.find_post(connection, Scope(other), post.id) is None
            assert queries.reply_page(connection, Scope(other), post.id) is None

    @settings(
        max_examples=20,
    )
    @given(
        before=st.integers(1, 12),
        limit=st.integers(1, 4),
        meanwhile=st.lists(st.sampled_from(["thread", "reply", "none"]), max_size=12),
    )
    def test_no_thread_is_skipped_or_repeated_while_others_write(
        self,
        scene: Scene,
        read: Read,
        before: int,
        limit: int,
        meanwhile: list[str],
    ) -> None:
        launch_session = scene.launch_session()
        with scene.database.write() as session:
            session.execute(Discussion.__table__.delete())
        existing = scene.many(launch_session, [{}] * before)
        visited: list[int] = []
        after = None
        events = iter(meanwhile)
        while True:
            page = read(queries.thread_page, limit=limit, after=after)
            visited += ids(page)
            event = next(events, "none")
            if event == "thread":
                scene.many(launch_session, [{}])
            elif event == "reply":
                scene.many(launch_session, [{"thread_id": existing[0], "reply_to_id": existing[0]}])
            if page.older is None:
                break
            after = page.older
        assert visited == existing[::-1]


class TestReplies:
    def test_first_replies_of_each_thread(self, scene: Scene, read: Read) -> None:
        launch_session = scene.launch_session()
        one, two, three = scene.many(launch_session, [{}] * 3)
        long = scene.many(launch_session, [{"thread_id": one, "reply_to_id": one}] * 15)
        exact = scene.many(launch_session, [{"thread_id": two, "reply_to_id": two}] * 10)
        page = read(queries.thread_page)
        assert replies(page) == {three: [], two: exact, one: long[:10]}
        assert {thread.first.id: thread.more for thread in page.threads} == {
            one: True,
            two: False,
            three: False,
        }

    def test_a_reply_to_a_reply_has_the_answered_author(self, scene: Scene, read: Read) -> None:
        ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
        first = scene.post(ana)
        reply = scene.post(bo, reply_to_id=first.id)
        second = scene.post(ana, reply_to_id=reply.id)
        row = read(queries.find_post, second.id)
        assert row is not None
        assert (row.answered_name, row.answered_status) == ("Bo", "published")

    def test_pages_of_one_thread(self, scene: Scene, read: Read) -> None:
        launch_session = scene.launch_session()
        (first,) = scene.many(launch_session, [{}])
        existing = scene.many(launch_session, [{"thread_id": first, "reply_to_id": first}] * 12)

        def page(**edges: int | None) -> queries.ReplyPage:
            shown = read(queries.reply_page, first, limit=5, **edges)
            assert shown is not None
            return shown

        one, two = page(), page(after=page().later)
        three = page(after=two.later)
        visited = [row.id for part in (one, two, three) for row in part.replies]
        assert visited == existing
        assert (one.earlier, three.later) == (None, None)
        assert page(before=three.earlier).replies == two.replies
        assert page(before=two.earlier) == one

    def test_a_reply_is_not_a_thread(self, scene: Scene, read: Read) -> None:
        launch_session = scene.launch_session()
        first = scene.post(launch_session)
        reply = scene.post(launch_session, reply_to_id=first.id)
        assert read(queries.reply_page, reply.id) is None

    def test_a_deleted_reply_keeps_its_position(self, scene: Scene, read: Read) -> None:
        launch_session = scene.launch_session()
        first = scene.post(launch_session)
        one, two = (scene.post(launch_session, reply_to_id=first.id) for _ in range(2))
        service.delete_post(scene.database, launch_session, scene.module, one.id)
        page = read(queries.thread_page)
        assert [row.status for row in page.threads[0].replies] == ["deleted", "published"]
        assert not page.threads[0].more
        assert page.threads[0].replies[1].id == two.id


class TestLanguages:
    @pytest.fixture
    def posts(self, scene: Scene) -> dict[str, int]:
        launch_session = scene.launch_session()
        es, fr, unknown, mixed = scene.many(
            launch_session,
            [{"language": "es"}, {"language": "fr"}, {"language": None}, {"language": "fr"}],
        )
        es_reply, fr_reply = scene.many(
            launch_session,
            [
                {"thread_id": mixed, "reply_to_id": mixed, "language": "es"},
                {"thread_id": mixed, "reply_to_id": mixed, "language": "fr"},
            ],
        )
        return {
            "es": es, "fr": fr, "unknown": unknown, "mixed": mixed,
            "es_reply": es_reply, "fr_reply": fr_reply,
        }  # fmt: skip

    def test_counts(self, scene: Scene, read: Read, posts: dict[str, int]) -> None:
        counts = read(counted.count_posts, None)
        assert counts.total == 6
        assert counts.by_language == {"es": 2, "fr": 3, "und": 1}
        assert counts.in_languages(("es", "und")) == 3

    def test_a_filter_hides_posts_in_other_known_languages(
        self, scene: Scene, read: Read, posts: dict[str, int]
    ) -> None:
        page = read(queries.thread_page, language="es")
        assert replies(page) == {
            posts["mixed"]: [posts["es_reply"]],
            posts["es"]: [],
        }
        assert page.threads[0].more

    def test_posts_without_a_language_have_a_filter_of_their_own(
        self, scene: Scene, read: Read, posts: dict[str, int]
    ) -> None:
        assert replies(read(queries.thread_page, language="und")) == {posts["unknown"]: []}

    def test_several_languages(self, scene: Scene, read: Read, posts: dict[str, int]) -> None:
        both = Filters(languages=("es", "und"), order="newest")
        assert ids(read(queries.thread_page, filters=both)) == [
            posts["mixed"],
            posts["unknown"],
            posts["es"],
        ]
        all_four = Filters(languages=("fr", "es", "und", "pt"))
        page = read(queries.thread_page, filters=all_four)
        assert ids(page)[0] == posts["mixed"]
        assert len(page.threads) == 4

    def test_pages_with_a_filter(self, scene: Scene, read: Read) -> None:
        languages = ["es", "fr", None] * 8
        posts = scene.many(scene.launch_session(), [{"language": each} for each in languages])
        expected = [post for post, each in zip(posts, languages, strict=True) if each == "es"][::-1]
        visited, after = [], None
        while True:
            page = read(queries.thread_page, language="es", limit=5, after=after)
            visited += ids(page)
            after = page.older
            if after is None:
                break
        assert visited == expected


class TestCounts:
    def test_answers_by_question(self, scene: Scene, read: Read) -> None:
        ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
        scene.post(ana, question_id="who-buys", language="es")
        scene.post(bo, question_id="who-buys", language="en")
        deleted = scene.post(bo, question_id="who-sells")
        service.delete_post(scene.database, bo, scene.module, deleted.id)
        assert read(counted.count_posts, ana.user_id).answers == {"who-buys": (2, True)}
        assert read(counted.count_posts, None).answers == {"who-buys": (2, False)}

    def test_new_posts_are_those_of_others(self, scene: Scene, read: Read) -> None:
        ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
        old = scene.read(scene.post(bo, language="es").id).sequence
        scene.post(ana, language="es")
        deleted = scene.post(bo, language="es")
        scene.post(bo, language="fr")
        service.delete_post(scene.database, bo, scene.module, deleted.id)
        assert read(counted.count_new, old, user_id=ana.user_id) == 1
        assert read(counted.count_new, old, user_id=None) == 2
        assert read(counted.count_new, old, user_id=None, languages=("es",)) == 1
        assert read(counted.count_new, 10**9, user_id=None) == 0

    def test_posts_without_an_author_count_as_new(self, scene: Scene, read: Read) -> None:
        post = scene.post(scene.launch_session("Bo"))
        with scene.database.write() as session:
            session.execute(update(Post).values(author_id=None))
        me = scene.launch_session().user_id
        assert read(counted.count_new, scene.read(post.id).sequence - 1, user_id=me) == 1


class TestLocate:
    @pytest.mark.parametrize("language", [None, "es"])
    def test_every_thread_is_on_its_located_page(
        self, scene: Scene, read: Read, language: str | None
    ) -> None:
        rows = [{"language": each} for each in ["es", "fr"] * 30]
        posts = scene.many(scene.launch_session(), rows)
        for post in posts if language is None else posts[::2]:
            row = read(queries.find_post, post)
            assert row is not None
            filters = Filters(languages=(language,) if language else (), order="newest")
            location = read(queries.locate, row, filters)
            assert location.thread_id is None
            page = read(queries.thread_page, after=location.after, language=language)
            assert post in ids(page)
        newest = read(queries.find_post, posts[-2])
        assert newest is not None
        filters = Filters(languages=(language,) if language else (), order="newest")
        assert read(queries.locate, newest, filters).after is None

    def test_every_reply_is_on_its_located_page(self, scene: Scene, read: Read) -> None:
        launch_session = scene.launch_session()
        first, *_ = scene.many(launch_session, [{}] * 25)
        existing = scene.many(launch_session, [{"thread_id": first, "reply_to_id": first}] * 120)
        for number, post in enumerate(existing):
            row = read(queries.find_post, post)
            assert row is not None
            location = read(queries.locate, row)
            if number < queries.REPLIES_SHOWN:
                page = read(queries.thread_page, filters=Filters(), after=location.after)
                assert post in replies(page)[first]
            else:
                assert location.thread_id == first
                alone = read(queries.reply_page, first, after=location.after)
                assert alone is not None
                assert post in [reply.id for reply in alone.replies]


def test_html_of_an_older_renderer_is_rendered_again(scene: Scene, read: Read) -> None:
    launch_session = scene.launch_session()
    first = scene.post(launch_session, "**Hola**")
    scene.post(launch_session, "*adiós*", reply_to_id=first.id)
    with scene.database.write() as session:
        session.execute(update(Post).values(renderer="0", html="<script>alert(1)</script>"))
    page = read(queries.thread_page)
    assert "<strong>Hola</strong>" in page.threads[0].first.html
    assert "<em>adiós</em>" in page.threads[0].replies[0].html


def test_a_page_takes_at_most_three_statements(scene: Scene, read: Read) -> None:
    """A page has 20 threads with 10 replies each."""
    launch_session = scene.launch_session()
    statements = []
    for threads, each in ((1, 0), (30, 0), (30, 12)):
        posts = scene.many(launch_session, [{}] * threads)
        scene.many(
            launch_session,
            [{"thread_id": post, "reply_to_id": post} for post in posts for _ in range(each)],
        )
        for language in (None, "es"):
            with statements_of(scene.database) as recorded:
                read(queries.thread_page, language=language)
            statements.append(len(recorded) - 1)  # the first finds the discussion
    assert statements == [2, 2, 2, 2, 3, 3]  # the counts are read first


@pytest.mark.parametrize(
    ("settings", "draft"),
    [
        ({}, {"language": "es"}),
        ({}, {"question_id": "who-buys", "text": "¿Y **hoy**?"}),
        ({"anonymous": True}, {}),
        ({"moderation": "all"}, {}),
    ],
)
def test_the_row_of_a_new_post_is_that_which_is_stored(
    scene: Scene, settings: dict[str, Any], draft: dict[str, Any]
) -> None:
    ana = scene.launch_session()
    scene.post(ana)
    scene.settings_are(**settings)
    post = scene.post(ana, **draft)
    with scene.database.read_core() as connection:
        stored = queries.find_post(connection, scene.scope(ana), post.id)
    assert row_of_first(post) == stored
