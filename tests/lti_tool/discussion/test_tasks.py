"""The worker detects the language of posts whose author chose none."""

import pytest
from sqlalchemy import select

from lti_tool.discussion import languages, service, tasks
from lti_tool.tasks import outbox
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.discussion.scene import Scene


def drain(scene: Scene) -> int:
    return outbox.drain(scene.database, tasks.handlers)


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
def test_short_posts_are_detected(scene: Scene, text: str, language: str) -> None:
    post = scene.post(scene.launch_session(), text)
    drain(scene)
    stored = scene.read(post.id)
    assert (stored.language, stored.language_source) == (language, "detected")


def test_the_language_is_unknown_until_detected(scene: Scene) -> None:
    post = scene.post(scene.launch_session(), "Estoy de acuerdo con la propuesta")
    assert (post.language, post.language_source) == (None, None)


def test_the_authors_choice_is_not_changed(scene: Scene) -> None:
    post = scene.post(scene.launch_session(), "I agree with the proposal", language="es")
    assert drain(scene) == 0
    assert scene.read(post.id).language == "es"


def test_a_language_decided_by_its_script_needs_no_worker(scene: Scene) -> None:
    post = scene.post(scene.launch_session(), "شكرا جزيلا لكم")
    assert (post.language, post.language_source) == ("ar", "detected")
    assert drain(scene) == 0


def test_an_uncertain_language_stays_unknown_and_is_not_retried(scene: Scene) -> None:
    post = scene.post(scene.launch_session(), "ok 👍")
    assert drain(scene) == 1
    assert scene.read(post.id).language is None


def test_a_post_deleted_meanwhile_is_unchanged(scene: Scene) -> None:
    launch_session = scene.launch_session()
    post = scene.post(launch_session, "Estoy de acuerdo con la propuesta")
    service.delete_post(scene.database, launch_session, scene.module, post.id)
    assert drain(scene) == 1
    assert scene.read(post.id).language is None


def test_an_edited_post_is_detected_by_its_latest_text(scene: Scene) -> None:
    launch_session = scene.launch_session()
    post = scene.post(launch_session, "Estoy de acuerdo con la propuesta")
    scene.edit(launch_session, post, "I agree with the proposal")
    assert drain(scene) == 2
    assert scene.read(post.id).language == "en"


def test_an_edit_during_detection_is_not_overwritten(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch_session = scene.launch_session()
    post = scene.post(launch_session, "Estoy de acuerdo con la propuesta")

    def slow_detection(text: str, candidates: object) -> str:
        scene.edit(launch_session, post, "I agree with the proposal", "en")
        return "es"

    monkeypatch.setattr(languages, "detect", slow_detection)
    assert drain(scene) == 1
    stored = scene.read(post.id)
    assert (stored.language, stored.language_source) == ("en", "author")


def test_a_choice_made_meanwhile_wins(scene: Scene) -> None:
    launch_session = scene.launch_session()
    post = scene.post(launch_session, "Estoy de acuerdo con la propuesta")
    scene.edit(launch_session, post, "Estoy de acuerdo con la propuesta", "pt")
    drain(scene)
    assert scene.read(post.id).language == "pt"


def test_removing_the_choice_queues_detection_again(scene: Scene) -> None:
    launch_session = scene.launch_session()
    post = scene.post(launch_session, "Estoy de acuerdo con la propuesta", language="pt")
    scene.edit(launch_session, post, "Estoy de acuerdo con la propuesta", None)
    drain(scene)
    stored = scene.read(post.id)
    assert (stored.language, stored.language_source) == ("es", "detected")


def test_detection_is_idempotent(scene: Scene) -> None:
    post = scene.post(scene.launch_session(), "Estoy de acuerdo con la propuesta")
    payload = {"post": post.id, "revision": 0, "among": ["es", "en"]}
    for _ in range(2):
        tasks.detect_language(scene.database, payload)
    assert scene.read(post.id).language == "es"


def test_the_outbox_kind_is_stable(scene: Scene) -> None:
    scene.post(scene.launch_session(), "Estoy de acuerdo con la propuesta")
    with scene.database.read() as session:
        row = session.scalars(select(OutboxRow)).one()
    assert (row.kind, row.done_at) == ("discussion.language", None)
