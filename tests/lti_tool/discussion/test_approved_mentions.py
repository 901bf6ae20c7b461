"""Approved texts have their mentions, and the log names settings by their labels."""

from lti_tool.discussion.model import PendingEdit, PostMention
from lti_tool.discussion.moderation.service import Moderator, version_of
from tests.lti_tool.discussion.scene import Scene


def test_approved_texts_have_their_mentions(scene: Scene) -> None:
    ana, bo = scene.launch_session("Ana Quispe"), scene.launch_session("Bo Castro")
    scene.post(bo)
    edited = scene.post(ana, "Hola")
    scene.settings_are(moderation="all")
    scene.edit(ana, edited, "Hola @Bo Castro")
    held = scene.post(ana, "Buenos días")
    teacher = Moderator(
        scene.database, scene.launch_session("Pilar", instructor=True), scene.module
    )
    with scene.database.read() as session:
        version = version_of(session.get_one(PendingEdit, edited.id))
    teacher.approve_edit(edited.id, version)
    teacher.approve(held.id, held.revision, "Buenos días, @Bo Castro")
    for post in (edited, held):
        assert 'class="mention">@Bo Castro<' in scene.read(post.id).html
        with scene.database.read() as session:
            assert session.get_one(PostMention, (post.id, "Bo Castro")).user_id == bo.user_id
