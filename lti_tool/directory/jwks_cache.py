"""The database cache of platforms' key sets, shared by every process."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lti_tool.directory.model import JwksCacheEntry
from lti_tool.lti.jwks import StoredKeys
from lti_tool.storage.database import Database


class DatabaseJwksStorage:
    """Stores key sets for ``lti.jwks.KeySets``; implements its ``KeyStorage``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, registration_id: int) -> StoredKeys | None:
        """Return the stored key set of a registration, or None."""
        with self._database.read_core() as connection:
            row = connection.execute(
                select(
                    JwksCacheEntry.raw,
                    JwksCacheEntry.fetched_at,
                    JwksCacheEntry.tried_at,
                    JwksCacheEntry.finished_at,
                ).where(JwksCacheEntry.registration_id == registration_id)
            ).first()
        return StoredKeys(row.raw, row.fetched_at, row.tried_at, row.finished_at) if row else None

    def reserve(self, registration_id: int, now: float, not_since: float) -> bool:
        """Reserve a fetch; False if another process reserved one after ``not_since``.

        Times are in seconds since 1970.
        """
        with self._database.write() as session:
            reserved = session.execute(
                update(JwksCacheEntry)
                .where(
                    JwksCacheEntry.registration_id == registration_id,
                    JwksCacheEntry.tried_at <= not_since,
                )
                .values(tried_at=now)
            )
            if reserved.rowcount:  # type: ignore[attr-defined]
                return True
        try:
            with self._database.write() as session:
                session.add(JwksCacheEntry(registration_id=registration_id, tried_at=now))
        except (
            IntegrityError
        ):  # inserted by another process in the meantime, or the registration was removed
            return False
        return True

    def save(self, registration_id: int, raw: str | None, now: float) -> None:
        """Store the end of a fetch; ``raw`` None (it failed) keeps the previous key set."""
        values: dict[str, object] = {"finished_at": now}
        if raw is not None:
            values |= {"raw": raw, "fetched_at": now}
        with self._database.write() as session:
            session.execute(
                update(JwksCacheEntry)
                .where(JwksCacheEntry.registration_id == registration_id)
                .values(**values)
            )
