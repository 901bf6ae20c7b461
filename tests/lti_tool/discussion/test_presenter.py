"""Views of the discussion for a reader, and the number of SQL statements."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import update

from courseware import page as pages
from courseware.i18n import interface
from lti_tool.discussion import presenter, service
from lti_tool.discussion.model import Post
from lti_tool.discussion.view_models import DiscussionView
from lti_tool.sessions.current import CurrentSession
from lti_tool.web.templates import ANY_SESSION
from tests.lti_tool.discussion.scene import Scene, statements_of

ENGLISH = interface("en")


def view_of(
    scene: Scene, launch_session: CurrentSession, arguments: Mapping[str, str] | None = None
) -> DiscussionView:
    page = pages.build(scene.module, "en", media=lambda path: f"/media/{path}")
    with scene.database.read_core() as connection:
        view = presenter.present(
            connection, scene.settings, launch_session, scene.module, page, ENGLISH, arguments or {}
        )
    assert view is not None
    return view


def query_of(href: str | None) -> dict[str, list[str]]:
    assert href is not None
    return parse_qs(urlsplit(href).query)


class TestPosts:
    def test_a_post_and_its_author(self, scene: Scene) -> None:
        prof = scene.launch_session("Élodie N’Diaye", instructor=True)
        scene.post(prof, "**Bonjour**", language="fr", question_id="who-sells")
        (post,) = view_of(scene, scene.launch_session()).threads
        assert (post.author, post.initials) == ("Élodie N’Diaye", "ÉN")
        assert post.role_label == "Instructor"
        assert (post.lang, post.dir, post.lang_name) == ("fr", "ltr", "Français")
        assert "<strong>Bonjour</strong>" in post.html
        assert post.question == (2, f"{ANY_SESSION}#q-who-sells")
        assert post.created.tzinfo is not None
        assert post.edited is None

    def test_the_direction_is_that_of_the_language_if_known(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        scene.post(launch_session, "COVID هو مرض", language="ar")
        scene.post(launch_session, "COVID")
        unknown, arabic = view_of(scene, launch_session).threads
        assert (arabic.lang, arabic.dir) == ("ar", "rtl")
        assert (unknown.lang, unknown.dir, unknown.lang_name) == ("", "auto", "")

    def test_only_own_posts_can_be_edited(self, scene: Scene) -> None:
        ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
        scene.post(ana)
        (mine,), (others,) = view_of(scene, ana).threads, view_of(scene, bo).threads
        assert mine.mine
        assert mine.edit_href == f"{ANY_SESSION}post/{mine.id}/edit"
        assert mine.delete_href == f"{ANY_SESSION}post/{mine.id}/delete"
        assert (others.mine, others.edit_href, others.delete_href) == (False, None, None)
        assert others.reply_href == f"{ANY_SESSION}compose?reply_to={mine.id}"

    def test_a_deleted_post_has_no_content(self, scene: Scene) -> None:
        ana = scene.launch_session("Ana", instructor=True)
        first = scene.post(ana, "secreto", question_id="who-buys")
        scene.post(scene.launch_session("Bo"), reply_to_id=first.id)
        service.delete_post(scene.database, ana, scene.module, first.id)
        (post,) = view_of(scene, ana).threads
        assert post.deleted
        assert (post.author, post.initials, post.html, post.lang) == ("", "", "", "")
        assert (post.reply_href, post.edit_href, post.delete_href) == (None, None, None)
        assert post.question is None
        assert [reply.author for reply in post.replies] == ["Bo"]

    def test_a_reply_to_a_reply_names_the_answered_author(self, scene: Scene) -> None:
        ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
        first = scene.post(ana)
        reply = scene.post(bo, reply_to_id=first.id)
        second = scene.post(ana, reply_to_id=reply.id)
        (thread,) = view_of(scene, ana).threads
        assert [post.in_reply_to for post in thread.replies] == [None, ("Bo", f"#p{reply.id}")]
        assert [thread.depth, *(post.depth for post in thread.replies)] == [0, 1, 1]
        service.delete_post(scene.database, bo, scene.module, reply.id)
        (thread,) = view_of(scene, ana).threads
        assert thread.replies[1].id == second.id
        assert thread.replies[1].in_reply_to == ("a deleted post", f"#p{reply.id}")

    def test_users_without_a_name_are_distinct(self, scene: Scene) -> None:
        launch_sessions = [
            scene.launch_session(None),
            scene.launch_session(None),
            scene.launch_session(None, kind="guest"),
        ]
        for launch_session in launch_sessions:
            scene.set(scene.post(launch_session).id, status="published")  # a guest's is held
        names = [post.author for post in view_of(scene, scene.launch_session()).threads]
        assert len(set(names)) == 3
        assert [name.split()[0] for name in names] == ["Guest", "Participant", "Participant"]
        again = [post.author for post in view_of(scene, scene.launch_session()).threads]
        assert again == names

    def test_long_threads_link_to_their_own_page(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        (first,) = scene.many(launch_session, [{}])
        scene.many(launch_session, [{"thread_id": first, "reply_to_id": first}] * 12)
        (thread,) = view_of(scene, launch_session).threads
        assert len(thread.replies) == 10
        assert thread.reply_total == 12
        assert thread.more_replies_href == f"{ANY_SESSION}thread/{first}"


class TestPages:
    @pytest.mark.both_engines
    def test_links_between_pages(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        posts = scene.many(launch_session, [{}] * 45)[::-1]
        first = view_of(scene, launch_session)
        assert [post.id for post in first.threads] == posts[:20]
        assert first.newer_href is None
        second = view_of(scene, launch_session, {"after": query_of(first.more_href)["after"][0]})
        assert [post.id for post in second.threads] == posts[20:40]
        back = view_of(scene, launch_session, {"before": query_of(second.newer_href)["before"][0]})
        assert [post.id for post in back.threads] == posts[:20]
        assert str(first.more_href).endswith("#post_list")
        assert str(second.newer_href).endswith("#post_list")

    def test_links_keep_the_filter(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        scene.many(launch_session, [{"language": tag} for tag in ["es", "fr"] * 25])
        view = view_of(scene, launch_session, {"posts": "fr"})
        assert {post.lang for post in view.threads} == {"fr"}
        assert view.hidden == 25
        assert query_of(view.more_href)["posts"] == ["fr"]
        assert query_of(view.composer.action)["posts"] == ["fr"]
        assert query_of(view.poll_href)["posts"] == ["fr"]

    @pytest.mark.both_engines
    def test_chips(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        scene.many(launch_session, [{"language": tag} for tag in ["es", "fr", "es", None]])
        chips = view_of(scene, launch_session, {"posts": "es"}).chips
        assert [(chip.tag, chip.name, chip.count, chip.current) for chip in chips] == [
            (None, "All", 4, False),
            ("es", "Español", 2, True),
            ("fr", "Français", 1, False),
            ("und", "Unknown language", 1, False),
        ]
        unknown = view_of(scene, launch_session, {"posts": "und"})
        assert (len(unknown.threads), unknown.hidden) == (1, 3)
        assert [chip.tag for chip in unknown.chips if chip.current] == ["und"]
        assert chips[0].href == f"{ANY_SESSION}#discussion"
        empty = view_of(scene, launch_session, {"posts": "gn"}).chips
        assert [(chip.tag, chip.count) for chip in empty if chip.current] == [("gn", 0)]

    @pytest.mark.both_engines
    @pytest.mark.parametrize(
        "arguments",
        [
            {"posts": "not a tag"},
            {"posts": "ES"},
            {"posts": ""},
            {"after": "x", "before": "-1"},
            {"after": "99999999999999999999"},
            {"before": "٣"},
            {"question": "no-such", "reply_to": "0"},
            {"reply_to": "1' OR 1=1"},
        ],
    )
    def test_invalid_parameters_are_ignored(self, scene: Scene, arguments: dict[str, str]) -> None:
        launch_session = scene.launch_session()
        post = scene.post(launch_session)
        view = view_of(scene, launch_session, arguments)
        assert [each.id for each in view.threads] == [post.id]
        assert (view.composer.question, view.composer.reply_to) == (None, None)

    def test_polling_starts_at_the_newest_post(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        first = scene.post(launch_session)
        reply = scene.post(launch_session, reply_to_id=first.id)
        latest = str(scene.read(reply.id).sequence)
        assert query_of(view_of(scene, launch_session).poll_href)["after"] == [latest]

    def test_answers_by_question(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        scene.post(launch_session, question_id="who-buys")
        assert view_of(scene, launch_session).answers == {"who-buys": (1, True)}

    def test_an_empty_discussion(self, scene: Scene) -> None:
        view = view_of(scene, scene.launch_session())
        assert (view.total, list(view.threads), view.more_href) == (0, [], None)
        assert query_of(view.poll_href)["after"] == ["0"]

    def test_a_module_without_a_discussion_has_none(self, scene: Scene) -> None:
        sections = tuple(each for each in scene.module.sections if each.kind.name != "discussion")
        module = replace(scene.module, sections=sections)
        page = pages.build(module, "en", media=str)
        with scene.database.read_core() as connection:
            view = presenter.present(
                connection, scene.settings, scene.launch_session(), module, page, ENGLISH, {}
            )
        assert view is None


class TestComposer:
    def test_the_target_of_the_composer(self, scene: Scene) -> None:
        launch_session = scene.launch_session("Ana Quispe")
        post = scene.post(launch_session)
        view = view_of(scene, launch_session, {"question": "who-sells"})
        assert view.composer.question is not None
        assert view.composer.question.title == "Who sells?"
        view = view_of(scene, launch_session, {"question": "who-sells", "reply_to": str(post.id)})
        assert view.composer.reply_to is not None
        assert view.composer.reply_to.id == post.id
        assert view.composer.question is None
        assert view.composer.author_name == "Ana Quispe"

    def test_draft_keys_differ_and_the_draft_scope_is_stable(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        one, two = view_of(scene, launch_session).composer, view_of(scene, launch_session).composer
        assert one.draft_key != two.draft_key
        again = view_of(scene, scene.launch_session(user_id=launch_session.user_id)).composer
        assert one.draft_scope == again.draft_scope
        assert one.draft_scope != view_of(scene, scene.launch_session("Bo")).composer.draft_scope

    @pytest.mark.parametrize(
        ("guests", "closed", "threads", "can_post"),
        [("none", True, 0, False), ("read", False, 1, False), ("post", False, 1, True)],
    )
    def test_guests(
        self, scene: Scene, guests: str, closed: bool, threads: int, can_post: bool
    ) -> None:
        scene.post(scene.launch_session())
        view = view_of(scene, scene.launch_session(kind="guest", guests=guests))
        assert (view.closed, len(view.threads)) == (closed, threads)
        assert view.composer.can_post is can_post
        assert (view.composer.why_not is None) is can_post
        assert view.composer.author_name == "Guest"
        assert all(post.reply_href is None for post in view.threads) or can_post
        if closed:
            assert (view.total, view.poll_href, list(view.chips)) == (0, None, [])


SIZES = [(0, 0), (1, 0), (30, 0), (30, 12)]
"""Threads that are added, and replies to each of them; a page has 20 threads of 10 replies."""
LIMITS = [({}, 5), ({"posts": "es"}, 5), ({"question": "who-buys"}, 5), ({"before": "1"}, 6)]


def test_the_number_of_statements_does_not_grow(scene: Scene) -> None:
    launch_session = scene.launch_session()
    for threads, each in SIZES:
        posts = scene.many(
            launch_session, [{"language": ["es", "fr"][n % 2]} for n in range(threads)]
        )
        answers: list[dict[str, Any]] = [
            {"thread_id": post, "reply_to_id": post} for post in posts for _ in range(each)
        ]
        scene.many(launch_session, answers)
        for arguments, limit in LIMITS:
            with statements_of(scene.database) as recorded:
                view_of(scene, launch_session, arguments)
            assert len(recorded) <= limit, (arguments, threads, each)


def test_a_reply_takes_one_more_statement(scene: Scene) -> None:
    launch_session = scene.launch_session()
    first = scene.post(launch_session)
    scene.post(launch_session, reply_to_id=first.id)
    with statements_of(scene.database) as recorded:
        view_of(scene, launch_session, {"reply_to": str(first.id)})
    assert len(recorded) == 6


def test_rerendering_takes_one_statement_for_each_query(scene: Scene) -> None:
    launch_session = scene.launch_session()
    first = scene.post(launch_session)
    for _ in range(5):
        scene.post(launch_session, reply_to_id=first.id)
    with scene.database.write() as session:
        session.execute(update(Post).values(renderer="0"))
    with statements_of(scene.database) as recorded:
        view_of(scene, launch_session)
    assert len(recorded) == 7
