"""The tool's signing keys in the database, their private parts encrypted with the secret key."""

import json
from datetime import UTC, datetime
from pathlib import Path

from cryptography.fernet import InvalidToken
from sqlalchemy import String, Text, delete, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_tool.lti.signing_keys import Change, KeyTimes, NewKey, Rule, SigningKeys
from lti_tool.settings import Settings, SettingsError
from lti_tool.storage.database import Base, Database, Moment
from lti_tool.storage.encryption import fernet

_LOCK = 0x6D696E67616B  # "mingak"

_WRONG_KEY = (
    "MINGA_SECRET_KEY: the signing keys in the database were encrypted with another secret key. "
    "Restore that one, or make new signing keys: lti-tool keys rotate --at-once"
)


class SigningKeyRow(Base):
    """A signing key: ``sealed`` is its private key (PEM, PKCS #8), encrypted."""

    __tablename__ = "signing_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(String(64), unique=True)
    sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    signs_from: Mapped[datetime] = mapped_column(Moment)
    gone_from: Mapped[datetime | None] = mapped_column(Moment)


class DatabaseKeyStorage:
    """The storage behind :class:`lti_tool.lti.signing_keys.SigningKeys`."""

    def __init__(
        self, database: Database, secret_key: str, former_folder: Path | None = None
    ) -> None:
        """``former_folder`` holds the key files of version 0.1's first builds, if any."""
        self._database = database
        self._fernet = fernet(secret_key, "signing keys")
        self._former_folder = former_folder

    def load(self) -> tuple[KeyTimes, ...]:
        """The stored keys, oldest first."""
        with self._database.read() as session:
            return _load(session)

    def private_key(self, kid: str) -> bytes:
        """The private key in PEM; raise SettingsError if the secret key has changed."""
        with self._database.read() as session:
            sealed = session.scalars(
                select(SigningKeyRow.sealed).where(SigningKeyRow.kid == kid)
            ).one()
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise SettingsError(_WRONG_KEY) from None

    def change(self, rule: Rule) -> tuple[KeyTimes, ...]:
        """Apply a rule to the keys while no other process can; return the new ones.

        The first time, the keys of the former folder are there for the rule to see.
        """
        with self._database.write() as session:
            if not self._database.is_sqlite:
                session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            before = _load(session)
            if not before:
                for key in _read_folder(self._former_folder):
                    self._add(session, key)
                session.flush()
                before = _load(session)
            self._apply(session, before, rule(before))
            session.flush()
            return _load(session)

    def _apply(self, session: Session, before: tuple[KeyTimes, ...], change: Change) -> None:
        kept = {key.kid: key for key in change.kept}
        dropped = [key.kid for key in before if key.kid not in kept]
        session.execute(delete(SigningKeyRow).where(SigningKeyRow.kid.in_(dropped)))
        for key in kept.values():
            session.execute(
                update(SigningKeyRow)
                .where(SigningKeyRow.kid == key.kid)
                .values(gone_from=_moment(key.gone_from))
            )
        if change.made is not None:
            self._add(session, change.made)

    def _add(self, session: Session, key: NewKey) -> None:
        session.add(
            SigningKeyRow(
                kid=key.times.kid,
                sealed=self._fernet.encrypt(key.pem).decode(),
                created_at=_moment(key.times.created_at),
                signs_from=_moment(key.times.signs_from),
                gone_from=_moment(key.times.gone_from),
            )
        )


def signing_keys(settings: Settings, database: Database) -> SigningKeys:
    """The tool's signing keys."""
    folder = settings.data_dir / "keys"
    return SigningKeys(DatabaseKeyStorage(database, settings.secret_key, folder))


def _load(session: Session) -> tuple[KeyTimes, ...]:
    rows = session.execute(
        select(
            SigningKeyRow.kid,
            SigningKeyRow.created_at,
            SigningKeyRow.signs_from,
            SigningKeyRow.gone_from,
        ).order_by(SigningKeyRow.id)
    )
    return tuple(
        KeyTimes(
            row.kid,
            int(row.created_at.timestamp()),
            int(row.signs_from.timestamp()),
            int(row.gone_from.timestamp()) if row.gone_from is not None else None,
        )
        for row in rows
    )


def _read_folder(folder: Path | None) -> list[NewKey]:
    """The keys that an earlier version stored in files: ``keys.json`` and ``<kid>.pem``."""
    if folder is None or not (folder / "keys.json").is_file():
        return []
    try:
        entries = json.loads((folder / "keys.json").read_bytes())["keys"]
        return [
            NewKey(KeyTimes(**entry), (folder / f"{entry['kid']}.pem").read_bytes())
            for entry in entries
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"MINGA_DATA_DIR: the signing keys in {folder} cannot be read "
            f"({type(error).__name__}). Make them readable, or move the folder away: new keys are "
            "made then."
        ) from None


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
