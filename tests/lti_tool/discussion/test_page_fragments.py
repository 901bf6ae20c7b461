"""Fragments of pages are cached for all readers, and nothing of one reader reaches another."""

import re
from datetime import timedelta

import pytest

from courseware.fragment_cache import FragmentCache
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import now
from lti_tool.web.templates import ANY_NONCE, ANY_SESSION, ANY_TOKEN, FRAGMENT_CACHE_SIZE
from tests.lti_tool.discussion.pages import Browser, app_client
from tests.lti_tool.discussion.scene import Scene

_DIFFERENT_EACH_TIME = re.compile(r'nonce="[^"]+"|name="draft_key" value="[^"]+"')

PATHS = ("", "?posts=es", "?question=who-buys", "?sort=oldest&lang=es", "?lang=ar", "?by=me")


def readers(scene: Scene) -> list[CurrentSession]:
    """Readers who see different things in the same discussion, with posts of each."""
    ana, bo = scene.launch_session("Ana <Quispe>"), scene.launch_session("Bo")
    prof = scene.launch_session("Élodie N’Diaye", instructor=True)
    first = scene.post(ana, "Hola", language="es", question_id="who-buys")
    scene.post(bo, "Bonjour", language="fr", reply_to_id=first.id)
    scene.post(prof, "Good morning", language="en")
    return [ana, bo, prof, scene.launch_session("Somebody who has not written")]


def page(browser: Browser, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 200
    return _DIFFERENT_EACH_TIME.sub("", response.text)


@pytest.mark.parametrize("path", PATHS)
def test_each_reader_gets_the_page_that_is_rendered_without_a_cache(
    scene: Scene, path: str
) -> None:
    sessions = readers(scene)
    with app_client(scene.settings) as client:
        browsers = [Browser(client, session) for session in sessions]
        browsers[0].send("draft", text="Ana's draft", draft_key="d1")
        app = client.application
        app.extensions["minga.fragments"] = FragmentCache(0)
        without = [page(browser, path) for browser in browsers]
        app.extensions["minga.fragments"] = FragmentCache(FRAGMENT_CACHE_SIZE)
        for _ in range(2):
            assert [page(browser, path) for browser in browsers] == without
        assert len(app.extensions["minga.fragments"]) > 20
    for session, text in zip(sessions, without, strict=True):
        for other in sessions:
            assert (other.path in text) == (other is session)
            assert (other.token in text) == (other is session)
        assert ("Ana&#39;s draft" in text) == (session is sessions[0] and "question" not in path)
        assert "\0" not in text


def test_a_text_with_a_placeholder_does_not_get_what_it_stands_for(scene: Scene) -> None:
    ana, bo = scene.launch_session("Ana\0"), scene.launch_session("Bo")
    with app_client(scene.settings) as client:
        hostile = f"[here](https://example.org/{ANY_TOKEN}{ANY_NONCE}{ANY_SESSION}x)\0"
        assert Browser(client, ana).write(hostile).status_code == 303
        text = Browser(client, bo).get().text
    assert "example.org" in text
    assert not re.search(rf"example\.org[^<]*({re.escape(bo.token)}|{re.escape(bo.path)})", text)


def test_the_form_of_a_discussion_that_closes_is_not_the_cached_one(scene: Scene) -> None:
    ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
    scene.post(ana, "Hola")
    with app_client(scene.settings) as client:
        before = Browser(client, ana).get().text
        scene.settings_are(closes_at=now() - timedelta(hours=1))
        after = Browser(client, bo).get().text
    assert "data-composer " in before
    assert "data-composer " not in after
    assert "data-question-target" not in after
