"""The database cache of platforms' key sets, shared by every process."""

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from lti_tool.directory.cache_model import JwksCacheEntry
from lti_tool.lti.jwks import CLOCK_TOLERANCE, StoredJwks
from lti_tool.storage.database import Database


class DatabaseJwksStorage:
    """Stores key sets for ``lti.jwks.JwksCache``; implements its ``JwksStorage``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, registration_id: int) -> StoredJwks | None:
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
        return StoredJwks(row.raw, row.fetched_at, row.tried_at, row.finished_at) if row else None

    def reserve(self, registration_id: int, now: float, not_since: float) -> bool:
        """Reserve a fetch; False if another process reserved one after ``not_since``.

        Times are in seconds since 1970.
        """
        with self._database.write() as session:
            reserved = session.execute(
                update(JwksCacheEntry)
                .where(
                    JwksCacheEntry.registration_id == registration_id,
                    or_(
                        JwksCacheEntry.tried_at <= not_since,
                        # written by a clock that ran ahead
                        JwksCacheEntry.tried_at > now + CLOCK_TOLERANCE,
                    ),
                )
                .values(tried_at=now)
            )
            if reserved.rowcount:  # type: ignore[attr-defined]
                return True
        try:
            with self._database.write() as session:
                session.add(JwksCacheEntry(registration_id=registration_id, tried_at=now))
        except IntegrityError:  # inserted by another process meanwhile, or the registration is gone
            return False
        return True

    def save(self, registration_id: int, raw: str | None, now: float) -> None:
        """Store the outcome of a fetch; ``raw`` None (it failed) keeps the previous key set."""
        values: dict[str, object] = {"finished_at": now}
        if raw is not None:
            values |= {"raw": raw, "fetched_at": now}
        with self._database.write() as session:
            session.execute(
                update(JwksCacheEntry)
                .where(JwksCacheEntry.registration_id == registration_id)
                .values(**values)
            )
