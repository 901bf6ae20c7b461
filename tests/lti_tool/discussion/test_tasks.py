"""The worker tells the language of what people wrote without saying it."""

import pytest
from sqlalchemy import select

from lti_tool.discussion import languages, service, tasks
from lti_tool.discussion.model import Post
from lti_tool.tasks import outbox
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.discussion.scene import Scene


def drain(scene: Scene) -> int:
    return outbox.drain(scene.database, tasks.handlers)


def edit(
    scene: Scene, launch_session: object, post: Post, text: str, language: str | None = None
) -> None:
    service.edit(
        scene.database,
        scene.settings,
        launch_session,
        scene.module,
        post.id,
        new_text=text,
        language=language,
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Estoy de acuerdo con la propuesta", "es"),
        ("I agree with the proposal", "en"),
        ("Je suis d'accord avec la proposition", "fr"),
        ("Não sei, mas concordo com a proposta", "pt"),
        ("أنا أوافق على الاقتراح", "ar"),
    ],
)
def test_short_posts_are_told(scene: Scene, text: str, language: str) -> None:
    post = scene.post(scene.launch_session(), text)
    drain(scene)
    told = scene.read(post.id)
    assert (told.language, told.language_source) == (language, "detected")


def test_until_then_the_language_is_unknown(scene: Scene) -> None:
    post = scene.post(scene.launch_session(), "Estoy de acuerdo con la propuesta")
    assert (post.language, post.language_source) == (None, None)


def test_the_authors_choice_is_not_questioned(scene: Scene) -> None:
    post = scene.post(scene.launch_session(), "I agree with the proposal", language="es")
    assert drain(scene) == 0
    assert scene.read(post.id).language == "es"


def test_what_the_letters_settle_needs_no_worker(scene: Scene) -> None:
    post = scene.post(scene.launch_session(), "شكرا جزيلا لكم")
    assert (post.language, post.language_source) == ("ar", "detected")
    assert drain(scene) == 0


def test_a_doubtful_post_stays_without_and_is_done(scene: Scene) -> None:
    post = scene.post(scene.launch_session(), "ok 👍")
    assert drain(scene) == 1
    assert scene.read(post.id).language is None


def test_a_post_deleted_meanwhile_is_left_alone(scene: Scene) -> None:
    launch_session = scene.launch_session()
    post = scene.post(launch_session, "Estoy de acuerdo con la propuesta")
    service.delete(scene.database, launch_session, scene.module, post.id)
    assert drain(scene) == 1
    assert scene.read(post.id).language is None


def test_an_edited_post_is_told_by_its_last_text(scene: Scene) -> None:
    launch_session = scene.launch_session()
    post = scene.post(launch_session, "Estoy de acuerdo con la propuesta")
    edit(scene, launch_session, post, "I agree with the proposal")
    assert drain(scene) == 2
    assert scene.read(post.id).language == "en"


def test_an_edit_while_the_worker_thinks_is_not_overtaken(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch_session = scene.launch_session()
    post = scene.post(launch_session, "Estoy de acuerdo con la propuesta")

    def thinks_long(text: str, among: object) -> str:
        edit(scene, launch_session, post, "I agree with the proposal", "en")
        return "es"

    monkeypatch.setattr(languages, "detect", thinks_long)
    assert drain(scene) == 1
    told = scene.read(post.id)
    assert (told.language, told.language_source) == ("en", "author")


def test_a_choice_made_meanwhile_wins(scene: Scene) -> None:
    launch_session = scene.launch_session()
    post = scene.post(launch_session, "Estoy de acuerdo con la propuesta")
    edit(scene, launch_session, post, "Estoy de acuerdo con la propuesta", "pt")
    drain(scene)
    assert scene.read(post.id).language == "pt"


def test_taking_the_choice_back_asks_the_worker_again(scene: Scene) -> None:
    launch_session = scene.launch_session()
    post = scene.post(launch_session, "Estoy de acuerdo con la propuesta", language="pt")
    edit(scene, launch_session, post, "Estoy de acuerdo con la propuesta", None)
    drain(scene)
    told = scene.read(post.id)
    assert (told.language, told.language_source) == ("es", "detected")


def test_a_row_that_comes_twice_does_no_harm(scene: Scene) -> None:
    post = scene.post(scene.launch_session(), "Estoy de acuerdo con la propuesta")
    payload = {"post": post.id, "revision": 0, "among": ["es", "en"]}
    for _ in range(2):
        tasks.tell_language(scene.database, payload)
    assert scene.read(post.id).language == "es"


def test_what_is_to_be_told_waits_in_the_outbox(scene: Scene) -> None:
    scene.post(scene.launch_session(), "Estoy de acuerdo con la propuesta")
    with scene.database.read() as session:
        row = session.scalars(select(OutboxRow)).one()
    assert (row.kind, row.done_at) == ("discussion.language", None)
