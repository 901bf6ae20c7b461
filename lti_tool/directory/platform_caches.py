"""What every process of the tool shares about platforms: their key sets, and our access tokens."""

import hashlib
from datetime import UTC, datetime

from cryptography.fernet import InvalidToken
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError

from lti_tool.directory.registration_model import AccessTokenCacheEntry, JwksCacheEntry
from lti_tool.lti.jwks import StoredKeys
from lti_tool.lti.tokens import AccessToken
from lti_tool.storage.database import Database
from lti_tool.storage.encryption import fernet


class DatabaseKeySets:
    """The storage behind ``lti.key_sets.KeySets``; see ``KeyStorage`` there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, registration_id: int) -> StoredKeys | None:
        """What is known of a registration's key set."""
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
        """Take the right to fetch, unless somebody took it after ``not_since``."""
        with self._database.write() as session:
            taken = session.execute(
                update(JwksCacheEntry)
                .where(
                    JwksCacheEntry.registration_id == registration_id,
                    JwksCacheEntry.tried_at <= not_since,
                )
                .values(tried_at=now)
            )
            if taken.rowcount:  # type: ignore[attr-defined]
                return True
        try:
            with self._database.write() as session:
                session.add(JwksCacheEntry(registration_id=registration_id, tried_at=now))
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
                update(JwksCacheEntry)
                .where(JwksCacheEntry.registration_id == registration_id)
                .values(**values)
            )


class DatabaseTokens:
    """The storage behind ``lti.tokens.AccessTokens``; see ``TokenStorage`` there.

    A token opens gradebooks, so it is sealed with the tool's secret key (Fernet): whoever reads the
    database alone has nothing.
    """

    def __init__(self, database: Database, secret_key: str) -> None:
        self._database = database
        self._seal = fernet(secret_key, "access tokens")

    def load(self, registration_id: int, scopes: str) -> AccessToken | None:
        """The token that was kept for these scopes, if any."""
        with self._database.read() as session:
            row = session.scalars(
                select(AccessTokenCacheEntry).where(*_at(registration_id, scopes))
            ).first()
        if row is None:
            return None
        try:
            granted, _, value = self._seal.decrypt(row.sealed).decode().partition("\n")
        except InvalidToken:  # the secret key is another now
            return None
        return AccessToken(value, tuple(granted.split()), row.expires_at.timestamp())

    def save(self, registration_id: int, scopes: str, token: AccessToken) -> None:
        """Keep a token instead of the previous one."""
        sealed = self._seal.encrypt(f"{' '.join(token.scopes)}\n{token.value}".encode()).decode()
        with self._database.write() as session:
            session.execute(delete(AccessTokenCacheEntry).where(*_at(registration_id, scopes)))
            session.add(
                AccessTokenCacheEntry(
                    registration_id=registration_id,
                    scopes_hash=_hash(scopes),
                    sealed=sealed,
                    expires_at=datetime.fromtimestamp(token.expires_at, UTC),
                )
            )

    def forget(self, registration_id: int, scopes: str) -> None:
        """Drop a token that the platform did not take."""
        with self._database.write() as session:
            session.execute(delete(AccessTokenCacheEntry).where(*_at(registration_id, scopes)))


def _at(registration_id: int, scopes: str) -> tuple[ColumnElement[bool], ...]:
    return (
        AccessTokenCacheEntry.registration_id == registration_id,
        AccessTokenCacheEntry.scopes_hash == _hash(scopes),
    )


def _hash(scopes: str) -> str:
    return hashlib.sha256(scopes.encode()).hexdigest()
