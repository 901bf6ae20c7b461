from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from lti_tool.discussion import events
from lti_tool.storage.database import Database
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.discussion.pages import Browser, app_client
from tests.lti_tool.discussion.scene import Scene


@pytest.fixture
def scene(database: Database, tmp_path: Path) -> Scene:
    return scenes.make(database, tmp_path)


@pytest.fixture
def client(scene: Scene) -> Iterator[FlaskClient]:
    structure = Path(scene.settings.content_dir) / "market" / "module.toml"
    structure.write_text(structure.read_text() + '\n[discussion]\nguests = "post"\n')
    with app_client(scene.settings) as client:
        yield client


@pytest.fixture
def ana(scene: Scene, client: FlaskClient) -> Browser:
    return Browser(client, scene.launch_session("Ana Quispe"))


@pytest.fixture
def bo(scene: Scene, client: FlaskClient) -> Browser:
    return Browser(client, scene.launch_session("Bo Castro"))


@pytest.fixture
def pilar(scene: Scene, client: FlaskClient) -> Browser:
    return Browser(client, scene.launch_session("Pilar Mamani", instructor=True))


@pytest.fixture
def heard() -> Any:
    """The events of posts, as (kind, post, reason)."""
    found: list[tuple[str, int, str]] = []

    def hear(_session: Any, event: events.Event) -> None:
        found.append((event.kind, event.post_id, event.reason))

    events.subscribe(hear)
    yield found
    events.unsubscribe(hear)
