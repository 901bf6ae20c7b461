"""Erasing a user leaves nothing of the user in the database, and holds after a restored backup."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from lti_tool.attachments import service as attachments
from lti_tool.attachments.model import Attachment
from lti_tool.directory import erasures
from lti_tool.directory.model import ActivityOpening, Erasure, Membership, User
from lti_tool.discussion import drafts, quotes, reactions, recount
from lti_tool.discussion.model import (
    PendingEdit,
    Post,
    PostMention,
    PostReaction,
    PostVersion,
    ReactionCount,
)
from lti_tool.features import FEATURES
from lti_tool.models import METADATA
from lti_tool.personal_data import service
from lti_tool.sessions.current import CurrentSession, session_token
from lti_tool.sessions.service import load_session
from lti_tool.storage.database import Database, now
from tests.lti_tool.attachments.files import PDF
from tests.lti_tool.discussion.scene import Scene

pytestmark = pytest.mark.both_engines

DECLARATIONS = tuple(each.personal_data for each in FEATURES if each.personal_data)
NAME = "Ana Quispe"
SECRET = "secret of the mountain"


def everything(database: Database) -> str:
    """All values of all tables, as one text."""
    with database.read() as session:
        rows = [session.execute(select(table)).all() for table in METADATA.sorted_tables]
    return "\n".join(str(tuple(row)) for each in rows for row in each)


def erase(scene: Scene, user: CurrentSession) -> None:
    assert user.user_id is not None
    service.erase(scene.database, scene.settings, DECLARATIONS, user.user_id)


def open_activity(scene: Scene, user: CurrentSession) -> None:
    with scene.database.write() as session:
        key = {"resource_link_id": scene.resource_link_id, "user_id": user.user_id}
        session.add(ActivityOpening(**key, first_at=now(), latest_at=now()))


def test_nothing_of_an_erased_user_is_left(scene: Scene) -> None:
    ana, luis = scene.launch_session(NAME), scene.launch_session("Luis Paz")
    open_activity(scene, ana)
    first = scene.post(ana, f"I keep the {SECRET} in my house.")
    scene.edit(ana, first, f"Now the {SECRET} is in the market.")
    reply = scene.post(
        luis,
        f"@{NAME} wrote:\n\n> Now the **{SECRET}** is in the market.\n\nThank you, {NAME}!",
        reply_to_id=first.id,
    )
    scene.edit(luis, reply, f"> I keep the {SECRET} in my house.\n\nWell said, @{NAME}.")
    elsewhere = scene.post(luis, f"I agree with {NAME} here too.")
    for user, draft in ((ana, f"More of the {SECRET}"), (luis, f"> the {SECRET} is in the market")):
        drafts.save(
            scene.database,
            user,
            scene.module.id,
            drafts.Place(reply_to_id=first.id),
            draft,
            draft_key=f"key {user.user_id}",
        )
    assert NAME in everything(scene.database)

    erase(scene, ana)

    left = everything(scene.database)
    assert NAME not in left
    assert SECRET not in left
    assert (scene.read(first.id).status, scene.read(first.id).author_id) == ("deleted", None)
    assert scene.read(reply.id).thread_id == first.id
    assert scene.read(reply.id).source == "> […]\n\nWell said, @[…]."
    assert "[…]" in scene.read(reply.id).html
    assert scene.read(elsewhere.id).source == "I agree with […] here too."
    with scene.database.read_core() as connection:
        discussion_id = scene.read(first.id).discussion_id
        assert recount.count_differences(connection, discussion_id) == 0


def test_a_quotation_of_the_shown_text_is_removed(scene: Scene) -> None:
    ana, luis = scene.launch_session(NAME), scene.launch_session("Luis Paz")
    first = scene.post(ana, "A se**cret** of the [mountain](https://example.org/) & more")
    text = quotes.quotation(scene.read(first.id).html) + "My opinion"
    assert text.startswith("> A secret of the mountain & more")
    reply = scene.post(luis, text, reply_to_id=first.id)
    erase(scene, ana)
    assert scene.read(reply.id).source == "> […]\n\nMy opinion"


def test_mentions_by_any_name_are_removed_where_she_never_wrote(scene: Scene) -> None:
    ana, eva = scene.launch_session(NAME), scene.launch_session("Eva Luna")
    pilar = scene.launch_session("Pilar", instructor=True)
    post = scene.post(pilar, "@Ana and @Eva Luna, please read this.")
    scene.post(eva, f"Who is {NAME}?")
    erase(scene, ana)
    found = scene.read(post.id)
    assert found.source == "@[…] and @Eva Luna, please read this."
    assert '<bdi class="mention">@Eva Luna</bdi>' in found.html
    with scene.database.read() as session:
        assert session.scalars(select(PostMention.user_id)).all() == [eva.user_id]


def test_an_edit_of_somebody_else_that_waits_has_nothing_either(scene: Scene) -> None:
    ana, luis = scene.launch_session(NAME), scene.launch_session("Luis Paz")
    first = scene.post(ana, f"I keep the {SECRET} in my house.")
    reply = scene.post(luis, "Yes", reply_to_id=first.id)
    scene.settings_are(moderation="all")
    scene.edit(luis, reply, f"> I keep the {SECRET} in my house.\n\nThanks, {NAME}")
    assert scene.count(PendingEdit) == 1
    erase(scene, ana)
    with scene.database.read() as session:
        assert session.scalars(select(PendingEdit.source)).all() == ["> […]\n\nThanks, […]"]


def attach(scene: Scene, user: CurrentSession, draft_key: str, name: str = "my house.pdf") -> None:
    assert user.user_id is not None
    attachments.add(
        scene.database,
        scene.settings,
        user_id=user.user_id,
        draft_key=draft_key,
        name=name,
        content=PDF,
        alt="",
    )


def test_files_and_reactions_of_an_erased_user_are_removed(scene: Scene) -> None:
    ana, luis = scene.launch_session(NAME), scene.launch_session("Luis Paz")
    for key in ("published", "draft"):
        attach(scene, ana, key)
    scene.post(ana, draft_key="published")
    attach(scene, luis, "other", "market.pdf")
    post = scene.post(luis, draft_key="other")
    discussion_id = scene.read(post.id).discussion_id
    for user in (ana, scene.launch_session("Eva")):
        reactions.react(
            scene.database,
            user,
            scene.permissions(user),
            discussion_id,
            post.id,
            "thanks",
            set_=True,
        )
    found = exported(scene, ana)
    assert [(each["file"], each["post"] is None) for each in found["files"]] == [
        ("my house.pdf", False),
        ("my house.pdf", True),
    ]
    assert [(each["post"], each["reaction"]) for each in found["reactions"]] == [
        (post.id, "thanks")
    ]
    erase(scene, ana)
    with scene.database.read() as session:
        assert session.scalars(select(Attachment.name)).all() == ["market.pdf"]
        assert session.scalars(select(ReactionCount.count)).all() == [1]
        assert ana.user_id not in session.scalars(select(PostReaction.user_id)).all()


def exported(scene: Scene, user: CurrentSession) -> dict[str, Any]:
    assert user.user_id is not None
    return service.as_json(service.export(scene.database, DECLARATIONS, user.user_id))


def test_the_export_tells_where_a_user_is_mentioned(scene: Scene) -> None:
    ana, pilar = scene.launch_session(NAME), scene.launch_session("Pilar", instructor=True)
    post = scene.post(pilar, "@Ana, please read this.")
    assert exported(scene, ana)["mentions"] == [{"post": post.id, "shown_name": "Ana"}]


def test_others_keep_their_texts(scene: Scene) -> None:
    ana, luis = scene.launch_session(NAME), scene.launch_session("Luis Paz")
    first = scene.post(ana, "The market opens on Monday.")
    source = "> Somebody else said this in a book.\n\nAnaquispe is a town; Monday is a day."
    reply = scene.post(luis, source, reply_to_id=first.id)
    erase(scene, ana)
    assert scene.read(reply.id).source == source
    assert scene.read(reply.id).author_name == "Luis Paz"
    assert scene.count(User) == 1


def test_a_deleted_post_keeps_no_name(scene: Scene) -> None:
    ana = scene.launch_session(NAME)
    post = scene.post(ana)
    scene.delete(ana, post)
    assert (scene.read(post.id).author_name, scene.read(post.id).author_code) == (None, None)


def test_the_sessions_of_an_erased_user_are_over(scene: Scene) -> None:
    ana = scene.launch_session(NAME)
    scene.post(ana)
    erase(scene, ana)
    key = scene.settings.secret_key
    token = session_token(key, ana.id)
    assert load_session(scene.database, key, ana.id, cookie=token, token=token) is None
    # The row stays until the purge: the nonce of the launch cannot be used again.
    with scene.database.read() as session:
        found = session.execute(text("SELECT user_id FROM launch_sessions")).scalars().all()
    assert found == [None]


def restored(scene: Scene, user: User) -> CurrentSession:
    """The database as it was before the erasure: with the user, and without the erasure."""
    with scene.database.write() as session:
        session.query(Erasure).delete()
        back = User(
            registration_id=user.registration_id,
            subject=user.subject,
            kind=user.kind,
            name=user.name,
            created_at=user.created_at,
        )
        session.add(back)
        session.flush()
        user_id = back.id
    return scene.launch_session(NAME, user_id=user_id)


@pytest.mark.parametrize("lost", ["the table", "the table and the file"])
def test_an_erasure_holds_after_a_restored_backup(scene: Scene, tmp_path: Path, lost: str) -> None:
    ana = scene.launch_session(NAME)
    with scene.database.read() as session:
        user = session.get_one(User, ana.user_id)
    erase(scene, ana)
    back = restored(scene, user)
    scene.post(back, SECRET)
    file, saved = service.erasure_file(scene.settings), None
    if lost == "the table and the file":
        saved = Path(shutil.move(file, tmp_path / "saved.jsonl"))
        assert service.reapply_erasures(scene.database, scene.settings, DECLARATIONS) == 0
    erased = service.reapply_erasures(scene.database, scene.settings, DECLARATIONS, saved)
    assert erased == 1
    assert NAME not in everything(scene.database)
    assert SECRET not in everything(scene.database)
    assert service.reapply_erasures(scene.database, scene.settings, DECLARATIONS) == 0
    assert erasures.read_file(file).keys() == erasures.stored(scene.database).keys()


def test_an_erased_person_who_comes_back_begins_a_new_record(scene: Scene) -> None:
    ana = scene.launch_session(NAME)
    with scene.database.read() as session:
        subject = session.get_one(User, ana.user_id).subject
    assert subject is not None
    erase(scene, ana)
    key = scene.settings.secret_key
    with scene.database.read() as session:
        # The roster of the course still lists her: it must not add her again.
        asked = [subject, "another"]
        assert erasures.erased_among(session, key, scene.registration_id, asked) == {subject}
        other_institution = scene.registration_id + 1
        assert erasures.erased_among(session, key, other_institution, asked) == set()
    with scene.database.write() as session:
        session.add(
            User(
                registration_id=scene.registration_id,
                subject=subject,
                name=NAME,
                created_at=now(),
            )
        )
        session.query(Erasure).delete()  # as after a backup that was made in between
    assert service.reapply_erasures(scene.database, scene.settings, DECLARATIONS) == 0
    assert NAME in everything(scene.database)


def test_lines_that_were_not_written_whole_are_skipped(tmp_path: Path) -> None:
    file = tmp_path / "erasures.jsonl"
    moment = now()
    erasures.append(file, (1, "a"), moment)
    file.write_text(file.read_text() + '{"registration": 1, "us\n[]\n{"registration": "x"}\n')
    erasures.append(file, (1, "b"), moment)
    assert erasures.read_file(file) == {(1, "a"): moment, (1, "b"): moment}
    assert erasures.read_file(tmp_path / "nothing") == {}


def test_a_failed_erasure_changes_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = scene.launch_session(NAME)
    post = scene.post(ana, SECRET)

    def fail(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(service, "delete", fail)
    with pytest.raises(OSError, match="no space"):
        erase(scene, ana)
    assert scene.read(post.id).source == SECRET
    assert scene.count(Erasure) == 0


def test_the_export_has_everything(scene: Scene) -> None:
    ana, luis = scene.launch_session(NAME), scene.launch_session("Luis Paz")
    post = scene.post(ana, "First text")
    scene.edit(ana, post, "Second text")
    scene.post(luis, "Of somebody else", reply_to_id=post.id)
    open_activity(scene, ana)
    assert ana.user_id is not None
    found = service.as_json(service.export(scene.database, DECLARATIONS, ana.user_id))
    assert found["identity"][0]["name"] == NAME
    assert found["courses"][0]["roles"] == ["Learner"]
    assert [each["text"] for each in found["posts"]] == ["Second text"]
    assert found["posts"][0]["earlier_texts"] == ["First text"]
    assert (len(found["openings"]), len(found["sessions"])) == (1, 1)
    assert "Of somebody else" not in str(found)
    assert [each["threads"] for each in found["counts"]] == [1]
    with pytest.raises(service.UnknownUserError):
        service.export(scene.database, DECLARATIONS, 999)
    assert scene.count(Membership) == 2
    assert scene.count(Post) == 2
    assert scene.count(PostVersion) == 1
