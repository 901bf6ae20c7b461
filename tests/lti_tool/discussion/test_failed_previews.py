"""A preview that fails says why and gives the text back, with and without the script.

``preview.js`` shows the ``error`` of a JSON answer, and words of its own where there is none; see
``tests/browser/test_failed_previews.py``.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from lti_tool.discussion import composing, views
from lti_tool.sessions.model import LaunchSession
from lti_tool.storage.database import now
from tests.lti_tool.discussion.pages import FRAGMENT, Browser, newest, tree
from tests.lti_tool.discussion.scene import Scene

TEXT = "Un texto que nadie quiere *perder*"
Arrange = Callable[[Scene, pytest.MonkeyPatch], Any]


def end_session(scene: Scene, _: pytest.MonkeyPatch) -> None:
    with scene.database.write() as session:
        session.execute(update(LaunchSession).values(expires_at=now() - timedelta(seconds=1)))


def close(scene: Scene, _: pytest.MonkeyPatch) -> None:
    scene.settings_are(closes_at=now() - timedelta(hours=1))


def limit(_: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PREVIEWS_PER_MINUTE", 0)


def fails(error: Exception) -> Arrange:
    def arrange(_: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        def failing(*_: object) -> str:
            raise error

        monkeypatch.setattr(composing, "preview", failing)

    return arrange


BUSY = OperationalError("SELECT", {}, Exception("database is locked"))
FAILURES: dict[str, tuple[Arrange, int]] = {
    "the session has ended": (end_session, 403),
    "the discussion has closed": (close, 403),
    "too many previews": (limit, 429),
    "the database is busy": (fails(BUSY), 503),
    "a fault": (fails(ValueError("a fault")), 500),
}
EXPLAINED_BY_THE_SCRIPT = (403, 500, 503)


@pytest.mark.parametrize("form", ["composer", "edit"])
@pytest.mark.parametrize("failure", FAILURES)
def test_the_text_comes_back_with_the_reason(
    scene: Scene, ana: Browser, monkeypatch: pytest.MonkeyPatch, failure: str, form: str
) -> None:
    ana.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    ana.write()
    path = "preview" if form == "composer" else f"post/{newest(scene).id}/edit"
    arrange, status = FAILURES[failure]
    arrange(scene, monkeypatch)
    response = ana.send(path, text=TEXT, draft_key="k2", preview="1")
    assert response.status_code == status
    page = tree(response)
    assert TEXT in [box.text.strip() for box in page.xpath("//textarea")]
    said = page.xpath("string(//main)").replace(TEXT, "").split()
    assert len(said) > 5, "in words"


@pytest.mark.parametrize("failure", FAILURES)
def test_the_script_gets_the_reason_or_a_status_that_it_explains(
    scene: Scene, ana: Browser, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    ana.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    arrange, status = FAILURES[failure]
    arrange(scene, monkeypatch)
    response = ana.send("preview", text=TEXT, draft_key="k2", headers=FRAGMENT)
    assert response.status_code == status
    if failure in ("the discussion has closed", "too many previews"):
        assert response.json["error"]
    else:
        assert status in EXPLAINED_BY_THE_SCRIPT
