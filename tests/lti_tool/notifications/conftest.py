from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.storage.database import Database
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.notifications.scene import Clock, MailScene
from tests.support.mail_server import MailServer, mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def mail(
    database: Database, tmp_path: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> MailScene:
    scene = scenes.make(
        database,
        tmp_path,
        MINGA_SMTP_URL=server.url,
        MINGA_MAIL_FROM="Minga <minga@tool.example>",
        MINGA_PUBLIC_URL="https://minga.example.org",
    )
    return MailScene(scene, server, Clock(monkeypatch))
