"""What a guest writes waits for approval, regardless of the settings of the discussion."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from lti_tool.discussion.model import PendingEdit
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.discussion.scene import Scene
from tests.support import databases


@pytest.fixture(scope="module")
def guests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder: Path = tmp_path_factory.mktemp("guests")
    with databases.sqlite_database(folder) as url, databases.opened(url) as database:
        yield scenes.make(databases.emptied(database), folder)


@pytest.mark.parametrize("moderation", ["none", "reported", "first_post", "all"])
def test_posts_of_guests_are_held(guests: Scene, moderation: str) -> None:
    guests.settings_are(moderation=moderation)
    guest = guests.launch_session(kind="guest")
    first = guests.post(guest, "Soy visita")
    assert first.status == "held"
    guest = guests.reload(guest.id)
    assert guests.state(guest).own_held
    guests.set(first.id, status="published")
    assert guests.post(guest, "Otra vez", reply_to_id=first.id).status == "held"
    guests.edit(guest, first, "Cambiado")
    assert guests.read(first.id).source == "Soy visita"
    with guests.database.read() as session:
        waiting = session.scalars(select(PendingEdit).where(PendingEdit.post_id == first.id)).one()
    assert waiting.source == "Cambiado"
    person = guests.post(guests.launch_session("Ana"), "Hola")
    assert person.status == ("held" if moderation in ("first_post", "all") else "published")
