"""Pages of threads and of replies: nothing missed, nothing twice, whatever is written meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from lti_tool.discussion import queries, service
from lti_tool.discussion.model import Post
from lti_tool.discussion.queries import Page
from tests.lti_tool.discussion.scene import Scene, statements_of

Look = Callable[..., Any]


@pytest.fixture
def look(scene: Scene) -> Look:
    """Call a function of ``reading`` on the discussion, in a transaction of its own."""

    def call(read: Look, *arguments: Any, **options: Any) -> Any:
        with scene.database.read_core() as connection:
            found = service.find(connection, launch_session, scene.module)
            return read(connection, found, *arguments, **options)

    launch_session = scene.launch_session()
    return call


def ids(page: Page) -> list[int]:
    return [thread.first.id for thread in page.threads]


def replies(page: Page) -> dict[int, list[int]]:
    return {thread.first.id: [reply.id for reply in thread.replies] for thread in page.threads}


class TestThreads:
    def test_the_newest_first_and_replies_the_oldest_first(self, scene: Scene, look: Look) -> None:
        launch_session = scene.launch_session()
        one, two = scene.post(launch_session), scene.post(launch_session)
        answers = [scene.post(launch_session, reply_to_id=one.id).id for _ in range(3)]
        page = look(queries.page)
        assert ids(page) == [two.id, one.id]
        assert replies(page)[one.id] == answers
        assert (page.newer, page.older) == (None, None)

    def test_forth_and_back(self, scene: Scene, look: Look) -> None:
        posts = scene.many(scene.launch_session(), [{}] * 25)[::-1]
        first = look(queries.page, limit=10)
        second = look(queries.page, limit=10, after=first.older)
        third = look(queries.page, limit=10, after=second.older)
        assert [*ids(first), *ids(second), *ids(third)] == posts
        assert (first.newer, third.older) == (None, None)
        assert ids(look(queries.page, limit=10, before=third.newer)) == posts[10:20]
        assert look(queries.page, limit=10, before=second.newer) == first

    @pytest.mark.parametrize(("after", "before"), [(0, None), (None, 10**8), (1, None)])
    def test_beyond_either_end_is_the_first_page(
        self, scene: Scene, look: Look, after: int | None, before: int | None
    ) -> None:
        posts = scene.many(scene.launch_session(), [{}] * 5)
        after = None if after is None else min(after, posts[0])
        page = look(queries.page, after=after, before=before)
        assert ids(page) == posts[::-1]
        assert page.newer is None

    def test_a_deleted_thread_stays_for_its_replies_only(self, scene: Scene, look: Look) -> None:
        launch_session = scene.launch_session()
        lonely, answered = scene.post(launch_session), scene.post(launch_session)
        reply = scene.post(launch_session, reply_to_id=answered.id)
        for post in (lonely, answered):
            service.delete(scene.database, launch_session, scene.module, post.id)
        page = look(queries.page)
        assert replies(page) == {answered.id: [reply.id]}
        assert page.threads[0].first.html == ""

    def test_other_discussions_are_elsewhere(self, scene: Scene, look: Look) -> None:
        post = scene.post(scene.launch_session())
        with scene.database.write() as session:
            other = service.find_or_create(session, scene.resource_link_id, "other").id
        with scene.database.read_core() as connection:
            assert ids(queries.page(connection, other)) == []
            assert queries.one(connection, other, post.id) is None
            assert queries.thread(connection, other, post.id) is None

    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        before=st.integers(1, 12),
        limit=st.integers(1, 4),
        meanwhile=st.lists(st.sampled_from(["thread", "reply", "none"]), max_size=12),
    )
    def test_no_thread_is_missed_or_met_twice_while_others_write(
        self,
        scene: Scene,
        look: Look,
        before: int,
        limit: int,
        meanwhile: list[str],
    ) -> None:
        launch_session = scene.launch_session()
        with scene.database.write() as session:
            session.execute(Post.__table__.delete())
        there = scene.many(launch_session, [{}] * before)
        met: list[int] = []
        after = None
        events = iter(meanwhile)
        while True:
            page = look(queries.page, limit=limit, after=after)
            met += ids(page)
            event = next(events, "none")
            if event == "thread":
                scene.many(launch_session, [{}])
            elif event == "reply":
                scene.many(launch_session, [{"thread_id": there[0], "reply_to_id": there[0]}])
            if page.older is None:
                break
            after = page.older
        assert met == there[::-1]


class TestReplies:
    def test_the_first_ones_of_every_thread(self, scene: Scene, look: Look) -> None:
        launch_session = scene.launch_session()
        one, two, three = scene.many(launch_session, [{}] * 3)
        long = scene.many(launch_session, [{"thread_id": one, "reply_to_id": one}] * 15)
        exact = scene.many(launch_session, [{"thread_id": two, "reply_to_id": two}] * 10)
        page = look(queries.page)
        assert replies(page) == {three: [], two: exact, one: long[:10]}
        assert {thread.first.id: thread.more for thread in page.threads} == {
            one: True,
            two: False,
            three: False,
        }

    def test_a_reply_to_a_reply_tells_whom_it_answers(self, scene: Scene, look: Look) -> None:
        ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
        first = scene.post(ana)
        reply = scene.post(bo, reply_to_id=first.id)
        second = scene.post(ana, reply_to_id=reply.id)
        row = look(queries.one, second.id)
        assert row is not None
        assert (row.answered_name, row.answered_status) == ("Bo", "published")

    def test_a_thread_alone_forth_and_back(self, scene: Scene, look: Look) -> None:
        launch_session = scene.launch_session()
        (first,) = scene.many(launch_session, [{}])
        there = scene.many(launch_session, [{"thread_id": first, "reply_to_id": first}] * 12)

        def page(**edges: int | None) -> queries.Replies:
            shown = look(queries.thread, first, limit=5, **edges)
            assert shown is not None
            return shown

        one, two = page(), page(after=page().later)
        three = page(after=two.later)
        met = [row.id for part in (one, two, three) for row in part.replies]
        assert met == there
        assert (one.earlier, three.later) == (None, None)
        assert page(before=three.earlier).replies == two.replies
        assert page(before=two.earlier) == one

    def test_a_reply_is_not_a_thread(self, scene: Scene, look: Look) -> None:
        launch_session = scene.launch_session()
        first = scene.post(launch_session)
        reply = scene.post(launch_session, reply_to_id=first.id)
        assert look(queries.thread, reply.id) is None

    def test_a_deleted_reply_keeps_its_place(self, scene: Scene, look: Look) -> None:
        launch_session = scene.launch_session()
        first = scene.post(launch_session)
        one, two = (scene.post(launch_session, reply_to_id=first.id) for _ in range(2))
        service.delete(scene.database, launch_session, scene.module, one.id)
        page = look(queries.page)
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

    def test_counts(self, scene: Scene, look: Look, posts: dict[str, int]) -> None:
        counts = look(queries.counts, None)
        assert (counts.total, counts.unknown) == (6, 1)
        assert counts.by_language == {"es": 2, "fr": 3}
        assert counts.latest == posts["fr_reply"]

    def test_a_filter_hides_what_is_known_to_be_in_another_language(
        self, scene: Scene, look: Look, posts: dict[str, int]
    ) -> None:
        page = look(queries.page, language="es")
        assert replies(page) == {
            posts["mixed"]: [posts["es_reply"]],
            posts["unknown"]: [],
            posts["es"]: [],
        }
        assert page.threads[0].more

    @pytest.mark.parametrize("language", ["es", "fr", "pt"])
    def test_what_is_hidden_is_counted(
        self, scene: Scene, look: Look, posts: dict[str, int], language: str
    ) -> None:
        page = look(queries.page, language=language)
        shown = sum(1 + len(thread.replies) for thread in page.threads)
        counts = look(queries.counts, None)
        assert look(queries.hidden, language, counts) == counts.total - shown

    def test_a_deleted_first_post_is_not_among_the_hidden(
        self, scene: Scene, look: Look, posts: dict[str, int]
    ) -> None:
        service.delete(
            scene.database,
            scene.launch_session(user_id=scene.read(posts["mixed"]).author_id),
            scene.module,
            posts["mixed"],
        )
        counts = look(queries.counts, None)
        assert posts["mixed"] in ids(look(queries.page, language="es"))
        assert look(queries.hidden, "es", counts) == 2

    def test_pages_of_a_filter(self, scene: Scene, look: Look) -> None:
        languages = ["es", "fr", None] * 8
        posts = scene.many(scene.launch_session(), [{"language": each} for each in languages])
        wanted = [post for post, each in zip(posts, languages, strict=True) if each != "fr"][::-1]
        met, after = [], None
        while True:
            page = look(queries.page, language="es", limit=5, after=after)
            met += ids(page)
            after = page.older
            if after is None:
                break
        assert met == wanted


class TestCounts:
    def test_answers_by_question_and_mine(self, scene: Scene, look: Look) -> None:
        ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
        scene.post(ana, question_id="who-buys", language="es")
        scene.post(bo, question_id="who-buys", language="en")
        gone = scene.post(bo, question_id="who-sells")
        service.delete(scene.database, bo, scene.module, gone.id)
        assert look(queries.counts, ana.user_id).answers == {"who-buys": (2, True)}
        assert look(queries.counts, None).answers == {"who-buys": (2, False)}

    def test_news_are_what_others_published(self, scene: Scene, look: Look) -> None:
        ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
        old = scene.post(bo, language="es")
        scene.post(ana, language="es")
        gone = scene.post(bo, language="es")
        scene.post(bo, language="fr")
        service.delete(scene.database, bo, scene.module, gone.id)
        assert look(queries.news, old.id, user_id=ana.user_id) == 1
        assert look(queries.news, old.id, user_id=None) == 2
        assert look(queries.news, old.id, user_id=None, language="es") == 1
        assert look(queries.news, 10**9, user_id=None) == 0

    def test_the_posts_of_a_forgotten_person_are_news_too(self, scene: Scene, look: Look) -> None:
        post = scene.post(scene.launch_session("Bo"))
        with scene.database.write() as session:
            session.execute(update(Post).values(author_id=None))
        me = scene.launch_session().user_id
        assert look(queries.news, post.id - 1, user_id=me) == 1


class TestPlace:
    @pytest.mark.parametrize("language", [None, "es"])
    def test_every_thread_is_on_the_page_that_its_place_names(
        self, scene: Scene, look: Look, language: str | None
    ) -> None:
        rows = [{"language": each} for each in ["es", "fr"] * 30]
        posts = scene.many(scene.launch_session(), rows)
        for post in posts if language is None else posts[::2]:
            row = look(queries.one, post)
            assert row is not None
            place = look(queries.place, row, language)
            assert place.thread_id is None
            page = look(queries.page, after=place.after, language=language)
            assert post in ids(page)
        newest = look(queries.one, posts[-2])
        assert newest is not None
        assert look(queries.place, newest, language).after is None

    def test_every_reply_is_on_the_page_that_its_place_names(
        self, scene: Scene, look: Look
    ) -> None:
        launch_session = scene.launch_session()
        first, *_ = scene.many(launch_session, [{}] * 25)
        there = scene.many(launch_session, [{"thread_id": first, "reply_to_id": first}] * 120)
        for number, post in enumerate(there):
            row = look(queries.one, post)
            assert row is not None
            place = look(queries.place, row)
            if number < queries.REPLIES:
                page = look(queries.page, after=place.after)
                assert post in replies(page)[first]
            else:
                assert place.thread_id == first
                alone = look(queries.thread, first, after=place.after)
                assert alone is not None
                assert post in [reply.id for reply in alone.replies]


def test_what_an_older_renderer_made_is_made_again(scene: Scene, look: Look) -> None:
    launch_session = scene.launch_session()
    first = scene.post(launch_session, "**Hola**")
    scene.post(launch_session, "*adiós*", reply_to_id=first.id)
    with scene.database.write() as session:
        session.execute(update(Post).values(renderer="0", html="<script>alert(1)</script>"))
    page = look(queries.page)
    assert "<strong>Hola</strong>" in page.threads[0].first.html
    assert "<em>adiós</em>" in page.threads[0].replies[0].html


@pytest.mark.parametrize("language", [None, "es"])
def test_a_page_takes_two_statements_however_much_there_is(
    scene: Scene, look: Look, language: str | None
) -> None:
    launch_session = scene.launch_session()
    taken = []
    for threads, each in ((1, 0), (50, 0), (50, 40)):
        posts = scene.many(launch_session, [{}] * threads)
        scene.many(
            launch_session,
            [{"thread_id": post, "reply_to_id": post} for post in posts for _ in range(each)],
        )
        with statements_of(scene.database) as seen:
            look(queries.page, language=language)
        taken.append(len(seen) - 1)  # the first finds the discussion
    assert taken == [1, 1, 2]
