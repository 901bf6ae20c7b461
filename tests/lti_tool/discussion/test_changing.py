"""Editing and deleting posts: complete, and by their author only."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from lti_tool.directory.model import User
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.model import Discussion, Post, PostVersion
from tests.lti_tool.discussion.scene import Scene

pytestmark = pytest.mark.both_engines


class TestEditing:
    def test_earlier_versions_are_stored(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        post = scene.post(launch_session, "uno", language="es")
        scene.edit(launch_session, post, "dois", "pt")
        scene.edit(launch_session, post, "trois", "fr")
        edited = scene.read(post.id)
        assert (edited.source, edited.language, edited.revision) == ("trois", "fr", 2)
        assert "trois" in edited.html
        assert edited.edited_at is not None
        with scene.database.read() as session:
            versions = session.execute(
                select(PostVersion.source, PostVersion.language).order_by(PostVersion.id)
            ).all()
        assert [tuple(version) for version in versions] == [("uno", "es"), ("dois", "pt")]

    def test_saving_without_a_change_writes_nothing(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        post = scene.post(launch_session, "uno", language="es")
        scene.edit(launch_session, post, "uno\r\n", "es")
        assert scene.read(post.id).edited_at is None
        assert scene.count(PostVersion) == 0

    def test_a_new_language_alone_does_not_mark_the_text_as_edited(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        post = scene.post(launch_session, "uno", language="es")
        scene.edit(launch_session, post, "uno", "pt")
        after = scene.read(post.id)
        assert (after.language, after.edited_at) == ("pt", None)

    @pytest.mark.parametrize(
        ("text", "language", "reason"),
        [
            ("  ", None, Reason.BLANK),
            ("a" * 20_001, None, Reason.TOO_LONG),
            ("a", "not a tag", Reason.UNKNOWN_LANGUAGE),
        ],
    )
    def test_the_same_validation_as_for_a_post(
        self, scene: Scene, text: str, language: str | None, reason: Reason
    ) -> None:
        launch_session = scene.launch_session()
        post = scene.post(launch_session, "uno")
        with pytest.raises(DiscussionError) as caught:
            scene.edit(launch_session, post, text, language)
        assert caught.value.reason is reason
        assert scene.read(post.id).source == "uno"

    def test_only_by_the_author(self, scene: Scene) -> None:
        post = scene.post(scene.launch_session("Ana"))
        for other in (scene.launch_session("Bo"), scene.launch_session("Prof", instructor=True)):
            for act in (lambda v: scene.edit(v, post, "x"), lambda v: scene.delete(v, post)):
                with pytest.raises(DiscussionError) as caught:
                    act(other)
                assert caught.value.reason is Reason.NOT_YOURS

    def test_guests_are_distinct(self, scene: Scene) -> None:
        launch_session = scene.launch_session(kind="guest")
        post = scene.post(launch_session)
        with pytest.raises(DiscussionError) as caught:
            scene.edit(scene.launch_session(kind="guest"), post, "x")
        assert caught.value.reason is Reason.NOT_YOURS
        scene.edit(scene.reload(launch_session.id), post, "y")
        assert scene.read(post.id).source == "y"

    def test_not_from_another_resource_link(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        post = scene.post(launch_session)
        elsewhere = replace(launch_session, resource_link_id=scene.resource_link_id + 1)
        with pytest.raises(DiscussionError) as caught:
            scene.delete(elsewhere, post)
        assert caught.value.reason is Reason.UNKNOWN_POST


class TestDeleting:
    def test_the_texts_are_removed_and_the_replies_stay(self, scene: Scene) -> None:
        ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
        first = scene.post(ana, "secreto uno")
        scene.edit(ana, first, "secreto dos")
        reply = scene.post(bo, "respuesta", reply_to_id=first.id)
        scene.delete(ana, first)
        deleted = scene.read(first.id)
        assert (deleted.status, deleted.source, deleted.html, deleted.language) == (
            "deleted",
            "",
            "",
            None,
        )
        assert scene.count(PostVersion) == 0
        stored = scene.read(reply.id)
        assert (stored.source, stored.thread_id, stored.reply_to_id) == (
            "respuesta",
            first.id,
            first.id,
        )
        assert deleted.reply_count == 1

    def test_a_deleted_reply_is_not_counted(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        first = scene.post(launch_session)
        reply = scene.post(launch_session, reply_to_id=first.id)
        scene.delete(launch_session, reply)
        scene.delete(launch_session, reply)
        assert scene.read(first.id).reply_count == 0

    def test_a_deleted_post_cannot_be_edited(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        post = scene.post(launch_session)
        scene.delete(launch_session, post)
        with pytest.raises(DiscussionError) as caught:
            scene.edit(launch_session, post, "x")
        assert caught.value.reason is Reason.DELETED_POST

    def test_authors_may_delete_without_the_permission_to_post(self, scene: Scene) -> None:
        launch_session = scene.launch_session(kind="guest")
        post = scene.post(launch_session)
        later = replace(scene.reload(launch_session.id), guests="read")
        assert scene.delete(later, post).status == "deleted"

    def test_removing_a_discussion_removes_its_posts(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        first = scene.post(launch_session)
        reply = scene.post(launch_session, reply_to_id=first.id)
        scene.post(launch_session, reply_to_id=reply.id)
        with scene.database.write() as session:
            session.delete(session.scalars(select(Discussion)).one())
        assert scene.count(Post) == 0

    def test_posts_of_a_removed_user_have_no_author(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        post = scene.post(launch_session)
        with scene.database.write() as session:
            session.delete(session.get_one(User, launch_session.user_id))
        assert scene.read(post.id).author_id is None
