"""Files of drafts and posts: stored, bound to the post, deleted when nothing refers to them."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from courseware.i18n import interface
from lti_tool.attachments import service
from lti_tool.attachments.errors import AttachmentError, Reason
from lti_tool.attachments.messages import message_for
from lti_tool.attachments.model import Attachment
from lti_tool.storage.database import now
from tests.lti_tool.attachments import files
from tests.lti_tool.discussion.scene import Scene

pytestmark = pytest.mark.both_engines


@pytest.fixture
def user(scene: Scene) -> int:
    user_id = scene.launch_session().user_id
    assert user_id is not None
    return user_id


def add(scene: Scene, user: int, key: str = "form", **options: object) -> int:
    values = {"name": "photo.jpg", "content": files.picture(), **options}
    return service.add(scene.database, scene.settings, user_id=user, draft_key=key, **values)


def names(scene: Scene, user: int, key: str = "form") -> list[str]:
    with scene.database.read_core() as connection:
        return [each.name for each in service.of_draft(connection, user, key)]


def stored(scene: Scene) -> list[Path]:
    folder = scene.settings.data_dir / "attachments"
    return [each for each in folder.rglob("*") if each.is_file()]


def test_a_file_belongs_to_its_form_until_the_post_is_published(scene: Scene, user: int) -> None:
    add(scene, user, alt="A  market\n")
    add(scene, user, name="notes.pdf", content=files.PDF)
    add(scene, user, key="another form", name="other.pdf", content=files.PDF)
    assert names(scene, user) == ["photo.jpg", "notes.pdf"]
    post = scene.post(scene.launch_session(user_id=user), "See the files.")
    with scene.database.write() as session:
        assert service.publish(session, user, "form", post.id) == 2
    assert names(scene, user) == []
    with scene.database.read_core() as connection:
        found = service.of_posts(connection, [post.id])[post.id]
        first = service.find(connection, found[0].id, None)
    assert (first.alt, first.media_type, first.width) == ("A market", "image/jpeg", 60)
    assert service.read(scene.settings, first).startswith(b"\xff\xd8")


def test_another_user_sees_and_removes_nothing_of_a_draft(scene: Scene, user: int) -> None:
    attached = add(scene, user)
    stranger = scene.launch_session("Bruno").user_id
    assert stranger is not None
    with scene.database.write() as session:
        service.remove(session, stranger, "form", attached)
    with scene.database.write() as session:
        service.describe(session, stranger, "form", {attached: "changed"})
    with scene.database.write() as session:
        assert service.publish(session, stranger, "form", 1) == 0
    with scene.database.read_core() as connection:
        with pytest.raises(AttachmentError):
            service.find(connection, attached, stranger)
        with pytest.raises(AttachmentError):
            service.find(connection, attached, None)
        assert service.find(connection, attached, user).alt == ""


def test_a_published_file_stays_as_it_is(scene: Scene, user: int) -> None:
    attached = add(scene, user, alt="before")
    post = scene.post(scene.launch_session(user_id=user), "See the file.")
    with scene.database.write() as session:
        service.publish(session, user, "form", post.id)
    with scene.database.write() as session:
        service.describe(session, user, "form", {attached: "after"})
    with scene.database.write() as session:
        service.remove(session, user, "form", attached)
    with scene.database.read_core() as connection:
        assert service.find(connection, attached, None).alt == "before"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.EMPTY),
        (files.PDF + b"\0" * service.MAX_SIZE, Reason.TOO_LARGE),
        (b"text", Reason.UNKNOWN_TYPE),
        (files.picture()[:100], Reason.BROKEN_PICTURE),
    ],
)
def test_a_refused_file_leaves_nothing_behind(
    scene: Scene, user: int, content: bytes, reason: Reason
) -> None:
    with pytest.raises(AttachmentError) as raised:
        add(scene, user, content=content)
    assert raised.value.reason is reason
    assert names(scene, user) == []
    assert stored(scene) == []


def test_a_post_has_at_most_five_files(scene: Scene, user: int) -> None:
    attached = [
        add(scene, user, name=f"{n}.pdf", content=files.PDF) for n in range(service.MAX_FILES)
    ]
    with pytest.raises(AttachmentError) as raised:
        add(scene, user, name="6.pdf", content=files.PDF)
    assert raised.value.reason is Reason.TOO_MANY
    with scene.database.write() as session:
        service.remove(session, user, "form", attached[0])
    add(scene, user, name="6.pdf", content=files.PDF)


def test_a_post_that_has_files_gets_only_the_rest_of_five(scene: Scene, user: int) -> None:
    add(scene, user, already=service.MAX_FILES - 1)
    with pytest.raises(AttachmentError) as raised:
        add(scene, user, name="other.jpg", already=service.MAX_FILES - 1)
    assert raised.value.reason is Reason.TOO_MANY


def test_a_file_that_is_sent_twice_is_attached_once(scene: Scene, user: int) -> None:
    assert add(scene, user) == add(scene, user)
    assert names(scene, user) == ["photo.jpg"]


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_a_text(reason: Reason) -> None:
    assert message_for(interface("en"), AttachmentError(reason, "photo.jpg"))


def test_content_is_deleted_when_nothing_refers_to_it_and_it_is_old(
    scene: Scene, user: int
) -> None:
    kept, removed = add(scene, user), add(scene, user, name="other.jpg")
    with scene.database.write() as session:
        service.remove(session, user, "form", removed)
    service.purge(scene.settings, scene.database)
    assert len(stored(scene)) == 2  # a younger file may belong to an open transaction
    for file in stored(scene):
        os.utime(file, (0, 0))
    service.purge(scene.settings, scene.database)
    assert len(stored(scene)) == 1
    with scene.database.write() as session:
        old = now() - service.DRAFT_LIFETIME - timedelta(minutes=1)
        session.execute(update(Attachment).where(Attachment.id == kept).values(created_at=old))
    service.purge(scene.settings, scene.database)
    assert names(scene, user) == []
    assert stored(scene) == []


def test_files_of_deleted_posts_go_with_them(scene: Scene, user: int) -> None:
    attached = add(scene, user)
    post = scene.post(scene.launch_session(user_id=user), "See the file.")
    with scene.database.write() as session:
        service.publish(session, user, "form", post.id)
        service.delete_of_posts(session, [post.id])
    with scene.database.read_core() as connection, pytest.raises(AttachmentError):
        service.find(connection, attached, user)
