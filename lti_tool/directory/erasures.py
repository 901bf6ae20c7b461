"""Remember which users were erased, without naming them.

The rows of ``erasures`` hold against the roster of a course, which still lists an erased user. A
restored backup has the erased users again and lacks the rows, so they are also in a file of the
data folder, ``erasures.jsonl``, which only grows: keep the newest one when restoring.

A user who launches the tool after an erasure begins a new record; it is newer than the erasure, so
it is not touched.
"""

import hmac
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from lti_tool.directory.model import Erasure, RegistrationRow, User
from lti_tool.storage.database import Database, now

FILE_NAME = "erasures.jsonl"


@dataclass(frozen=True, slots=True)
class ErasedUser:
    """A user to erase once more, because a backup was restored."""

    user_id: int
    erased_at: datetime


Key = tuple[int, str]
"""Registration ID and hash of the user."""


def user_hash(secret_key: str, registration_id: int, subject: str) -> str:
    """Return the hash of an LTI subject. Without the key, nobody can try out subjects."""
    text = f"minga erasure\n{registration_id}\n{subject}"
    return hmac.digest(secret_key.encode(), text.encode("utf-8", "replace"), "sha256").hex()


def erased_among(
    connection: Connection | Session,
    secret_key: str,
    registration_id: int,
    subjects: Iterable[str],
) -> set[str]:
    """Return those subjects that were erased, and that a roster must not add again.

    One who launched the tool afterwards has a user row, and is not to be asked about. The hashes of
    a registration that was joined to this one have its own ID.
    """
    former = select(RegistrationRow.former_ids).where(RegistrationRow.id == registration_id)
    registrations = [registration_id, *map(int, (connection.scalar(former) or "").split())]
    given = list(subjects)
    hashes = {
        user_hash(secret_key, each, subject): subject for each in registrations for subject in given
    }
    found = connection.scalars(
        select(Erasure.user_hash).where(
            Erasure.registration_id == registration_id, Erasure.user_hash.in_(hashes)
        )
    )
    return {hashes[each] for each in found}


def record(session: Session, secret_key: str, user: User, erased_at: datetime | None = None) -> Key:
    """Store that a user is erased; ``append`` must follow the commit."""
    key = user.registration_id, _hash_of(secret_key, user)
    row = session.get(Erasure, key)
    if row is None:
        session.add(Erasure(registration_id=key[0], user_hash=key[1], erased_at=erased_at or now()))
    else:
        row.erased_at = max(row.erased_at, erased_at or now())
    return key


def append(file: Path, key: Key, erased_at: datetime) -> None:
    """Add an erasure to the file, and wait until it is stored."""
    row = {"registration": key[0], "user": key[1], "erased_at": erased_at.isoformat()}
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, (json.dumps(row) + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_file(file: Path) -> dict[Key, datetime]:
    """Return the latest erasure of each user; lines that are not whole are skipped."""
    found: dict[Key, datetime] = {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            row = json.loads(line)
            key = int(row["registration"]), str(row["user"])
            erased_at = datetime.fromisoformat(row["erased_at"])
        except (ValueError, KeyError, TypeError):
            continue
        if erased_at.tzinfo is not None:
            found[key] = max(erased_at, found.get(key, erased_at))
    return found


def stored(database: Database) -> dict[Key, datetime]:
    """Return the erasures of the database."""
    with database.read() as session:
        rows = session.scalars(select(Erasure)).all()
    return {(row.registration_id, row.user_hash): row.erased_at for row in rows}


def returned_users(
    database: Database, secret_key: str, missing: dict[Key, datetime]
) -> list[ErasedUser]:
    """Return the users whose erasure the database lost: those older than their erasure."""
    found = []
    with database.read() as session:
        for registration_id in sorted({key[0] for key in missing}):
            users = session.scalars(
                select(User)
                .where(User.registration_id == registration_id)
                .execution_options(yield_per=1000)
            )
            for user in users:
                erased_at = missing.get((registration_id, _hash_of(secret_key, user)))
                if erased_at is not None and user.created_at <= erased_at:
                    found.append(ErasedUser(user.id, erased_at))
    return found


def insert(database: Database, erasures: dict[Key, datetime]) -> None:
    """Store erasures that the database lacks; those of registrations that it lacks are left."""
    with database.write() as session:
        registrations = set(session.scalars(select(RegistrationRow.id)))
        for (registration_id, hash_), erased_at in erasures.items():
            if registration_id in registrations:
                session.merge(
                    Erasure(registration_id=registration_id, user_hash=hash_, erased_at=erased_at)
                )


def _hash_of(secret_key: str, user: User) -> str:
    """Return the hash of a user; a guest has no subject, and is known by the row."""
    subject = user.subject if user.subject is not None else f"guest\n{user.id}"
    return user_hash(secret_key, user.registration_id, subject)
