"""The pauses in the calls to platforms, in the database that all processes share."""

from sqlalchemy import delete, select

from lti_tool.directory.cache_model import ServicePause
from lti_tool.lti.pauses import Pause
from lti_tool.storage.database import Database


class DatabasePauses:
    """Stores pauses for ``lti.tokens.AccessTokens``; implements ``lti.pauses.PauseStorage``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, registration_id: int) -> Pause | None:
        """Return the latest pause of a registration, or None."""
        query = select(ServicePause.until, ServicePause.reason).where(
            ServicePause.registration_id == registration_id
        )
        with self._database.read_core() as connection:
            row = connection.execute(query).first()
        return None if row is None else Pause(row.until, row.reason)

    def save(self, registration_id: int, pause: Pause) -> None:
        """Store a pause, unless a longer one is stored."""
        with self._database.write() as session:
            row = session.get(ServicePause, registration_id, with_for_update=True)
            if row is None:
                row = ServicePause(registration_id=registration_id, until=0.0, reason="")
                session.add(row)
            if pause.until > row.until:
                row.until, row.reason = pause.until, pause.reason

    def clear(self, registration_id: int, reason: str) -> None:
        """Delete the pause of a registration if it has this reason."""
        stored = self.load(registration_id)
        if stored is None or stored.reason != reason:
            return
        with self._database.write_core() as connection:
            connection.execute(
                delete(ServicePause).where(
                    ServicePause.registration_id == registration_id, ServicePause.reason == reason
                )
            )
