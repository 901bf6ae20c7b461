from pathlib import Path

import pytest

from lti_tool.storage.database import Database
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.discussion.scene import Scene


@pytest.fixture
def scene(database: Database, tmp_path: Path) -> Scene:
    return scenes.make(database, tmp_path)
