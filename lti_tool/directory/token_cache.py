"""The database cache of platforms' access tokens, encrypted, shared by every process."""

import hashlib
from datetime import UTC, datetime

from cryptography.fernet import InvalidToken
from sqlalchemy import ColumnElement, delete, select

from lti_tool.directory.cache_model import AccessTokenCacheEntry
from lti_tool.lti.tokens import AccessToken
from lti_tool.storage.database import Database
from lti_tool.storage.encryption import fernet


class DatabaseTokenStorage:
    """Stores access tokens for ``lti.tokens.AccessTokens``; implements its ``TokenStorage``.

    A token gives access to gradebooks, so it is encrypted with a key derived from the tool's
    secret key (Fernet): a copy of the database alone is not enough to use it.
    """

    def __init__(self, database: Database, secret_key: str) -> None:
        self._database = database
        self._fernet = fernet(secret_key, "access tokens")

    def load(self, registration_id: int, scopes: str) -> AccessToken | None:
        """Return the stored token for these scopes, or None."""
        with self._database.read() as session:
            row = session.scalars(
                select(AccessTokenCacheEntry).where(*_matches(registration_id, scopes))
            ).first()
        if row is None:
            return None
        try:
            granted, _, value = self._fernet.decrypt(row.sealed).decode().partition("\n")
        except InvalidToken:  # encrypted with another secret key
            return None
        return AccessToken(value, tuple(granted.split()), row.expires_at.timestamp())

    def save(self, registration_id: int, scopes: str, token: AccessToken) -> None:
        """Store a token, replacing the previous one for these scopes."""
        sealed = self._fernet.encrypt(f"{' '.join(token.scopes)}\n{token.value}".encode()).decode()
        with self._database.write() as session:
            session.execute(delete(AccessTokenCacheEntry).where(*_matches(registration_id, scopes)))
            session.add(
                AccessTokenCacheEntry(
                    registration_id=registration_id,
                    scopes_hash=_hash(scopes),
                    sealed=sealed,
                    expires_at=datetime.fromtimestamp(token.expires_at, UTC),
                )
            )


def _matches(registration_id: int, scopes: str) -> tuple[ColumnElement[bool], ...]:
    return (
        AccessTokenCacheEntry.registration_id == registration_id,
        AccessTokenCacheEntry.scopes_hash == _hash(scopes),
    )


def _hash(scopes: str) -> str:
    return hashlib.sha256(scopes.encode()).hexdigest()
