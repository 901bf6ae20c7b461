"""The worker detects the language of posts whose author chose none."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from courseware.markdown import RENDERER
from lti_tool.discussion import languages, queries, service, tasks
from lti_tool.discussion.model import Post
from lti_tool.settings import load
from lti_tool.tasks import outbox
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.discussion.scene import Scene

pytestmark = pytest.mark.both_engines


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
        kinds = set(session.scalars(select(OutboxRow.kind)))
    assert kinds == {"discussion.language", "discussion.posted"}


class TestOutdatedHtml:
    @pytest.fixture
    def outdated(self, scene: Scene) -> list[int]:
        author = scene.launch_session()
        texts = ["**Hola**", "1. a\n3. b", "|a" * 2500 + "\n" + "|-" * 2500 + "\n" + "|\n" * 4900]
        rows = [{"source": text, "html": "<p>old</p>", "renderer": "0"} for text in texts]
        return scene.many(author, rows)

    def test_it_is_rendered_once_and_stored(
        self,
        scene: Scene,
        outdated: list[int],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(tasks, "_BATCH", 2)
        settings = load({"MINGA_DATA_DIR": str(tmp_path)})
        tasks.purge(settings, scene.database)  # which the worker does every hour
        assert [scene.read(id_).renderer for id_ in outdated] == [RENDERER] * 3
        first, second, third = (scene.read(id_).html for id_ in outdated)
        assert "<strong>Hola</strong>" in first
        assert '<li value="3">' in second
        assert third.startswith('<p dir="auto">|a|a')
        assert tasks.render_outdated(scene.database) == 0
        monkeypatch.setattr(queries, "render_stored", None)  # reading renders nothing
        scope = scene.scope(scene.launch_session())
        with scene.database.read_core() as connection:
            assert queries.find_post(connection, scope, outdated[0])

    def test_an_edit_meanwhile_stays(
        self, scene: Scene, outdated: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def edit_meanwhile(source: str) -> str:
            with scene.database.write() as session:
                session.execute(
                    update(Post)
                    .where(Post.id == outdated[0])
                    .values(html="<p>new</p>", revision=Post.revision + 1, renderer=RENDERER)
                )
            return f"<p>{source}</p>"

        monkeypatch.setattr(tasks, "render_stored", edit_meanwhile)
        tasks.render_outdated(scene.database)
        assert scene.read(outdated[0]).html == "<p>new</p>"

    def test_deleted_posts_are_left_alone(self, scene: Scene) -> None:
        author = scene.launch_session()
        post = scene.post(author, "Hola")
        scene.delete(author, post)
        with scene.database.write() as session:
            session.execute(update(Post).values(renderer="0"))
        assert tasks.render_outdated(scene.database) == 0
        assert scene.read(post.id).html == ""
