"""Creating posts and replies: validation, idempotency, order and rate limit."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from courseware.characters import is_blank
from courseware.markdown import RENDERER
from lti_tool.directory.model import User
from lti_tool.discussion import discussions
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.model import Discussion, Post
from lti_tool.discussion.text import clean_text
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import now
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.discussion.scene import Scene

pytestmark = pytest.mark.both_engines


def rejected(
    scene: Scene, launch_session: CurrentSession, text: str = "Hola", **draft: Any
) -> DiscussionError:
    with pytest.raises(DiscussionError) as caught:
        scene.post(launch_session, text, **draft)
    return caught.value


class TestPosting:
    def test_a_post_stores_its_source_and_its_html(self, scene: Scene) -> None:
        post = scene.read(
            scene.post(scene.launch_session(), "**Hola**\r\na todas", language="es").id
        )
        assert post.source == "**Hola**\na todas"
        assert "<strong>Hola</strong>" in post.html
        assert (post.language, post.language_source) == ("es", "author")
        assert (post.thread_id, post.reply_to_id, post.status) == (None, None, "published")

    def test_the_author_name_is_that_at_the_time_of_writing(self, scene: Scene) -> None:
        launch_session = scene.launch_session("Ana Quispe")
        post = scene.post(launch_session)
        with scene.database.write() as session:
            session.get_one(User, launch_session.user_id).name = "Ana Paz"
        assert scene.read(post.id).author_name == "Ana Quispe"
        assert scene.post(launch_session).author_name == "Ana Paz"

    def test_a_user_without_a_name_has_a_stable_code(self, scene: Scene) -> None:
        launch_session, other = scene.launch_session(None), scene.launch_session(None)
        codes = [scene.post(each).author_code for each in (launch_session, launch_session, other)]
        assert codes[0] == codes[1] != codes[2]
        with scene.database.write() as session:
            session.get_one(User, launch_session.user_id).name = "Ana Quispe"
        with scene.database.read() as session:
            first = session.scalars(select(Post).order_by(Post.id)).first()
        assert first is not None
        assert (first.author_name, first.author_code) == (None, codes[0])

    @pytest.mark.parametrize(
        ("launch_session", "role"),
        [
            ({}, "participant"),
            ({"instructor": True}, "instructor"),
            ({"kind": "guest", "name": None}, "guest"),
            ({"kind": "guest", "name": None, "instructor": True}, "guest"),
        ],
    )
    def test_the_author_role_is_that_at_the_time_of_writing(
        self, scene: Scene, launch_session: dict[str, Any], role: str
    ) -> None:
        assert scene.post(scene.launch_session(**launch_session)).author_role == role

    def test_an_answer_has_its_question_and_a_reply_has_none(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        answer = scene.post(launch_session, question_id="who-buys")
        assert answer.question_id == "who-buys"
        reply = scene.post(launch_session, question_id="who-sells", reply_to_id=answer.id)
        assert reply.question_id is None

    def test_each_module_of_a_resource_link_has_its_own_discussion(self, scene: Scene) -> None:
        with scene.database.write() as session:
            one = discussions.find_or_create(session, scene.resource_link_id, "market").id
            two = discussions.find_or_create(session, scene.resource_link_id, "other").id
            again = discussions.find_or_create(session, scene.resource_link_id, "market").id
        assert one == again != two

    @pytest.mark.parametrize(
        ("draft", "reason"),
        [
            ({"text": ""}, Reason.BLANK),
            ({"text": " \r\n\t "}, Reason.BLANK),
            ({"text": "\u200b\u2060"}, Reason.BLANK),
            ({"text": "\x00\ud800"}, Reason.BLANK),
            ({"text": "a" * 20_001}, Reason.TOO_LONG),
            ({"language": "not a tag"}, Reason.UNKNOWN_LANGUAGE),
            ({"language": "x" * 36}, Reason.UNKNOWN_LANGUAGE),
            ({"question_id": "who-else"}, Reason.UNKNOWN_QUESTION),
            ({"reply_to_id": 0}, Reason.UNKNOWN_POST),
            ({"reply_to_id": 999_999}, Reason.UNKNOWN_POST),
        ],
    )
    def test_a_rejected_post_writes_nothing(
        self, scene: Scene, draft: dict[str, Any], reason: Reason
    ) -> None:
        assert rejected(scene, scene.launch_session(), **draft).reason is reason
        assert scene.count(Post) == scene.count(OutboxRow) == scene.count(Discussion) == 0

    @pytest.mark.parametrize(
        "text", ["a" * 20_000, "\r\n".join(["a" * 99] * 200) + "a", "👩" * 20_000]
    )
    def test_twenty_thousand_characters_are_accepted(self, scene: Scene, text: str) -> None:
        source = scene.read(scene.post(scene.launch_session(), text).id).source
        assert source == text.replace("\r\n", "\n")

    @pytest.mark.parametrize(
        ("submitted", "stored"),
        [("ar", "ar"), ("tlh", "tlh"), ("es-pe", "es-PE"), ("zh_hant", "zh-Hant"), ("sw", "sw"),
         ("de-CH-1996", "de-CH-1996"), ("qu-x-ayacucho", "qu-x-ayacucho")],
    )  # fmt: skip
    def test_any_language_is_accepted(self, scene: Scene, submitted: str, stored: str) -> None:
        post = scene.post(scene.launch_session(), language=submitted)
        assert (post.language, post.language_source) == (stored, "author")


class TestReplies:
    def test_replies_to_posts_and_to_replies_are_in_the_thread(self, scene: Scene) -> None:
        ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
        first = scene.post(ana)
        reply = scene.post(bo, reply_to_id=first.id)
        second = scene.post(ana, reply_to_id=reply.id)
        assert (reply.thread_id, reply.reply_to_id) == (first.id, first.id)
        assert (second.thread_id, second.reply_to_id) == (first.id, reply.id)
        assert scene.read(first.id).reply_count == 2
        assert scene.read(reply.id).reply_count == 0

    def test_a_reply_to_a_post_of_another_discussion_is_rejected(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        post = scene.post(launch_session)
        with scene.database.write() as session:
            other = discussions.find_or_create(session, scene.resource_link_id, "other")
            session.execute(update(Post).where(Post.id == post.id).values(discussion_id=other.id))
        assert rejected(scene, launch_session, reply_to_id=post.id).reason is Reason.UNKNOWN_POST

    def test_a_reply_to_a_deleted_post_is_rejected(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        post = scene.post(launch_session)
        scene.delete(launch_session, post)
        assert rejected(scene, launch_session, reply_to_id=post.id).reason is Reason.DELETED_POST

    def test_concurrent_replies_are_all_counted(self, scene: Scene) -> None:
        first = scene.post(scene.launch_session())
        launch_sessions = [scene.launch_session(f"P{number}") for number in range(6)]
        concurrently(
            lambda launch_session: scene.post(launch_session, reply_to_id=first.id), launch_sessions
        )
        assert scene.read(first.id).reply_count == 6


class TestDraftKey:
    def test_a_repeated_key_returns_the_first_post(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        first = scene.posted(launch_session, "Hola", draft_key="k1")
        tasks = scene.count(OutboxRow)
        again = scene.posted(launch_session, "Hola", draft_key="k1")
        assert (first.repeated, again.repeated) == (False, True)
        assert first.post.id == again.post.id
        assert scene.count(Post) == 1
        assert scene.count(OutboxRow) == tasks

    def test_a_key_belongs_to_its_author(self, scene: Scene) -> None:
        scene.post(scene.launch_session("Ana"), draft_key="k1")
        assert not scene.posted(scene.launch_session("Bo"), draft_key="k1").repeated

    def test_a_deleted_post_is_not_published_again(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        post = scene.post(launch_session, draft_key="k1")
        scene.delete(launch_session, post)
        assert rejected(scene, launch_session, draft_key="k1").reason is Reason.FORM_USED
        assert scene.count(Post) == 1

    def test_another_text_with_a_used_key_is_rejected(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        post = scene.post(launch_session, "one", draft_key="k1")
        scene.edit(launch_session, post, "two")
        assert rejected(scene, launch_session, "two", draft_key="k1").reason is Reason.FORM_USED
        assert scene.posted(launch_session, "one\r\n", draft_key="k1").repeated
        assert scene.count(Post) == 1

    def test_eight_concurrent_requests_make_one_post(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        posts = concurrently(lambda _: scene.posted(launch_session, draft_key="k1"), range(8))
        assert len({posted.post.id for posted in posts}) == 1
        assert sum(not posted.repeated for posted in posts) == 1
        assert scene.count(Post) == 1

    def test_eight_concurrent_first_posts_of_a_guest_make_one_user_and_one_post(
        self, scene: Scene
    ) -> None:
        launch_session = scene.launch_session(kind="guest")
        posts = concurrently(lambda _: scene.posted(launch_session, draft_key="k1"), range(8))
        assert len({posted.post.id for posted in posts}) == 1
        assert scene.count(User) == 1

    def test_the_database_constraint(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        with pytest.raises(IntegrityError):
            scene.many(launch_session, [{"draft_key": "k1"}, {"draft_key": "k1"}])


class TestRateLimit:
    @pytest.fixture
    def slow(self, database: Any, tmp_path: Any) -> Scene:
        return scenes.make(database, tmp_path, MINGA_POSTS_PER_MINUTE="3")

    def test_the_limit_of_a_minute(self, slow: Scene) -> None:
        launch_session = slow.launch_session()
        for _ in range(3):
            slow.post(launch_session)
        error = rejected(slow, launch_session)
        assert error.reason is Reason.TOO_FAST
        assert error.retry_after is not None
        assert 0 < error.retry_after <= 60
        slow.post(slow.launch_session("Another"))

    def test_posting_again_a_minute_later(self, slow: Scene) -> None:
        launch_session = slow.launch_session()
        posts = [slow.post(launch_session) for _ in range(3)]
        with slow.database.write() as session:
            session.execute(
                update(Post)
                .where(Post.id == posts[0].id)
                .values(created_at=now() - timedelta(seconds=61))
            )
        slow.post(launch_session)
        assert rejected(slow, launch_session).reason is Reason.TOO_FAST

    def test_the_limit_holds_for_concurrent_posts(self, slow: Scene) -> None:
        launch_session = slow.launch_session()

        def attempt(_: int) -> bool:
            try:
                slow.post(launch_session)
            except DiscussionError:
                return False
            return True

        assert sum(concurrently(attempt, range(8))) == 3

    def test_a_repeated_form_is_not_counted(self, slow: Scene) -> None:
        launch_session = slow.launch_session()
        for _ in range(5):
            slow.post(launch_session, draft_key="k1")

    def test_deleted_posts_count(self, slow: Scene) -> None:
        launch_session = slow.launch_session()
        for _ in range(3):
            slow.delete(launch_session, slow.post(launch_session))
        assert rejected(slow, launch_session).reason is Reason.TOO_FAST

    def test_edits_have_the_same_limit(self, slow: Scene) -> None:
        launch_session = slow.launch_session()
        post = slow.post(launch_session)
        for turn in range(3):
            slow.edit(launch_session, post, f"Hola {turn}")
        with pytest.raises(DiscussionError) as caught:
            slow.edit(launch_session, post, "Hola otra vez")
        assert caught.value.reason is Reason.TOO_FAST


class TestOrder:
    def test_ids_grow_in_the_order_in_which_posts_become_visible(self, scene: Scene) -> None:
        ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
        scene.post(ana)
        posted: list[Post] = []
        with scene.database.write() as session:
            discussion = discussions.find_or_create(
                session, scene.resource_link_id, scene.module.id
            )
            other = threading.Thread(target=lambda: posted.append(scene.post(bo)))
            other.start()
            other.join(0.4)
            assert not posted
            mine = Post(
                discussion_id=discussion.id,
                author_id=ana.user_id,
                draft_key="k",
                created_at=now(),
                renderer=RENDERER,
                source="Hola",
                html="<p>Hola</p>",
            )
            session.add(mine)
            session.flush()
        other.join()
        assert posted[0].id > mine.id


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt&#58;alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://evil.example/track.gif)",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>body{display:none}</style>",
    "<iframe src=https://evil.example></iframe>",
    '"><svg/onload=alert(1)>',
    "[x]: javascript:alert(1)\n\n[x]",
    "`<script>`" * 500,
    "[" * 5000,
    "> " * 3000 + "x",
    "*" * 20_000,
]


class TestHostileText:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_no_script_and_no_remote_content(self, scene: Scene, text: str) -> None:
        html = scene.read(scene.post(scene.launch_session(), text).id).html.lower()
        for danger in (
            "<script",
            "<img",
            "<svg",
            "<style",
            "<iframe",
            'href="javascript',
            'href="data',
        ):
            assert danger not in html

    def test_links_are_nofollow_ugc(self, scene: Scene) -> None:
        html = scene.post(scene.launch_session(), "[x](https://example.org/)").html
        assert "nofollow" in html
        assert "ugc" in html

    def test_directional_overrides_are_removed(self, scene: Scene) -> None:
        post = scene.post(scene.launch_session(), "factura\u202egpj.exe")
        assert "\u202e" not in post.source + post.html

    @settings(
        max_examples=40,
    )
    @given(text=st.text(st.characters(), min_size=1, max_size=200))
    def test_any_text_is_stored_or_rejected(self, scene: Scene, text: str) -> None:
        launch_session = scene.launch_session()
        if is_blank(clean_text(text)):
            assert rejected(scene, launch_session, text).reason is Reason.BLANK
        else:
            post = scene.post(launch_session, text)
            stored = scene.read(post.id)
            assert (stored.source, stored.html) == (post.source, post.html)


def concurrently(act: Any, arguments: Any) -> list[Any]:
    """Return the results of concurrent calls, started together by a barrier."""
    arguments = list(arguments)
    barrier = threading.Barrier(len(arguments))
    results: list[Any] = [None] * len(arguments)

    def run(index: int, argument: Any) -> None:
        barrier.wait()
        try:
            results[index] = act(argument)
        except Exception as error:
            results[index] = error

    threads = [
        threading.Thread(target=run, args=(index, argument))
        for index, argument in enumerate(arguments)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results
