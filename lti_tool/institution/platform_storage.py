"""What every process of the tool shares about platforms: their key sets."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lti_tool.institution.model import KeySet
from lti_tool.lti.key_sets import StoredKeys
from lti_tool.storage.database import Database


class DatabaseKeySets:
    """The storage behind ``lti.key_sets.KeySets``; see ``KeyStorage`` there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, registration_id: int) -> StoredKeys | None:
        """What is known of a registration's key set."""
        with self._database.read_core() as connection:
            row = connection.execute(
                select(KeySet.raw, KeySet.fetched_at, KeySet.tried_at, KeySet.finished_at).where(
                    KeySet.registration_id == registration_id
                )
            ).first()
        return StoredKeys(row.raw, row.fetched_at, row.tried_at, row.finished_at) if row else None

    def reserve(self, registration_id: int, now: float, not_since: float) -> bool:
        """Take the right to fetch, unless somebody took it after ``not_since``."""
        with self._database.write() as session:
            taken = session.execute(
                update(KeySet)
                .where(KeySet.registration_id == registration_id, KeySet.tried_at <= not_since)
                .values(tried_at=now)
            )
            if taken.rowcount:  # type: ignore[attr-defined]
                return True
        try:
            with self._database.write() as session:
                session.add(KeySet(registration_id=registration_id, tried_at=now))
        except IntegrityError:  # the row is there: somebody tried lately, or the registration went
            return False
        return True

    def save(self, registration_id: int, raw: str | None, now: float) -> None:
        """The end of an attempt; without a good set, the previous one stays."""
        values: dict[str, object] = {"finished_at": now}
        if raw is not None:
            values |= {"raw": raw, "fetched_at": now}
        with self._database.write() as session:
            session.execute(
                update(KeySet).where(KeySet.registration_id == registration_id).values(**values)
            )
