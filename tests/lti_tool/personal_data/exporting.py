"""An institution whose administrator wants a file with everything."""

import io
import json
import stat
import zipfile
from typing import Any

from sqlalchemy import select

from lti_tool.features import FEATURES
from lti_tool.personal_data import export_store, exports
from lti_tool.personal_data.export_store import EXPORT, Export
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.discussion.scene import Scene

DECLARATIONS = tuple(each.personal_data for each in FEATURES if each.personal_data)


class Exporting:
    """Requests, makes and reads the file."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.settings, self.database = scene.settings, scene.database

    def request(self) -> bool:
        with self.database.write() as session:
            return export_store.request(session, self.scene.registration_id, None)

    @property
    def latest(self) -> Export | None:
        with self.database.read() as session:
            return export_store.find(session, self.scene.registration_id, None)

    def build(self) -> None:
        with self.database.read() as session:
            row = session.scalars(
                select(OutboxRow).where(OutboxRow.kind == EXPORT).order_by(OutboxRow.id.desc())
            ).first()
        assert row is not None
        exports.build(self.settings, DECLARATIONS, self.database, json.loads(row.payload))

    @property
    def files(self) -> list[str]:
        folder = export_store.folder(self.settings)
        return sorted(each.suffix for each in folder.glob("*"))

    def content(self) -> dict[str, bytes]:
        assert self.latest is not None
        file = export_store.file_of(self.settings, self.latest)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.stat().st_size == self.latest.size
        with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            assert len(names) == len(set(names))
            return {name: archive.read(name) for name in names}

    def data(self) -> list[dict[str, Any]]:
        """The people, as they are in the file."""
        return [json.loads(line) for line in self.content()["people.jsonl"].splitlines()]

    def people(self) -> list[str]:
        return [each["identity"][0]["name"] for each in self.data()]
