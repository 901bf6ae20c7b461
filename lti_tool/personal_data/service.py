"""Export and erase what all features store about a user."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from lti_tool.directory import audit, erasures
from lti_tool.directory.model import User
from lti_tool.feature import Category, NamedText, PersonalData, Rows
from lti_tool.personal_data import export_store
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now

Declarations = Sequence[PersonalData]
_NUMBERS = 40
"""Row numbers in one entry of the audit log: they have ten digits at most."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The rows of one category."""

    category: Category
    rows: Rows


@dataclass(frozen=True, slots=True)
class FoundUser:
    """A user as an operator finds it."""

    id: int
    kind: str
    name: str | None
    email: str | None
    lms_user_id: str | None


class UnknownUserError(Exception):
    """There is no user with this ID."""


def export(database: Database, declarations: Declarations, user_id: int) -> list[Exported]:
    """Return everything that is stored about a user. Raises :class:`UnknownUserError`."""
    with database.read() as session:
        if session.get(User, user_id) is None:
            raise UnknownUserError
        return [
            Exported(category, category.export(session, user_id))
            for declaration in declarations
            for category in declaration.categories
        ]


def as_json(exported: Sequence[Exported]) -> dict[str, Any]:
    """Return an export as values of JSON: moments become texts of ISO 8601."""
    return {each.category.key: _plain(each.rows) for each in exported}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def erase(
    database: Database,
    settings: Settings,
    declarations: Declarations,
    user_id: int,
    *,
    erased_at: datetime | None = None,
    actor: audit.Actor | None = None,
) -> None:
    """Erase a user in one transaction, and remember that it was erased.

    The numbers of the texts of others in which the user is named go to the audit log, for the
    administrators: those that the erasure changes, and those that it leaves as they are.

    ``erased_at``: of an earlier erasure that is applied again. ``actor``: who erased, for the audit
    log, if neither the user nor an administrator did. Raises :class:`UnknownUserError`.
    """
    moment = erased_at or now()
    with database.write() as session:
        user = session.get(User, user_id, with_for_update=True)
        if user is None:
            raise UnknownUserError
        key = erasures.record(session, settings.secret_key, user, moment)
        if actor is not None:
            audit.record(
                session,
                audit.Place(user.registration_id),
                "people.erase",
                actor=actor,
                object_id=user_id,
            )
        session.flush()
        _report(session, user, named_in(session, declarations, user_id))
        for declaration in declarations:
            declaration.erase(session, user_id)
        session.flush()
        session.execute(delete(User).where(User.id == user_id))
        files = export_store.withdraw(session, key[0])
    erasures.append(erasure_file(settings), key, moment)
    export_store.delete_files(settings, files)


def named(database: Database, declarations: Declarations, user_id: int) -> list[NamedText]:
    """Return the texts of others in which a user is named. Raises :class:`UnknownUserError`."""
    with database.read() as session:
        if session.get(User, user_id) is None:
            raise UnknownUserError
        return named_in(session, declarations, user_id)


def named_in(session: Session, declarations: Declarations, user_id: int) -> list[NamedText]:
    """Return the texts of others in which a user is named, those that stay as they are first."""
    found = [text for each in declarations for text in each.named(session, user_id)]
    return sorted(found, key=lambda text: text.removed)


def _report(session: Session, user: User, found: Sequence[NamedText]) -> None:
    """Record which texts of others an erasure changes, and which still name the user.

    By kind and number: the log holds no personal data.
    """
    for removed, action in ((True, "people.unnamed"), (False, "people.named")):
        rows: dict[str, list[int]] = {}
        for text in found:
            if text.removed == removed:
                rows.setdefault(text.kind, []).append(text.row)
        for kind, numbers in rows.items():
            for detail in _details(kind, list(dict.fromkeys(numbers))):
                place = audit.Place(user.registration_id)
                audit.record(session, place, action, actor="worker", detail=detail)


def _details(kind: str, numbers: Sequence[int]) -> Iterator[str]:
    """Yield ``kind=1, 2, 3``, no longer than the details of an entry."""
    for start in range(0, len(numbers), _NUMBERS):
        yield f"{kind}={', '.join(map(str, numbers[start : start + _NUMBERS]))}"


def reapply_erasures(
    database: Database, settings: Settings, declarations: Declarations, file: Path | None = None
) -> int:
    """Erase the users that a restored backup brought back; return their number.

    The file of the data folder, or another ``file``, and the table get what the other one has.
    """
    own_file = erasure_file(settings)
    listed = erasures.read_file(own_file)
    for key, erased_at in (erasures.read_file(file) if file else {}).items():
        if key not in listed:
            listed[key] = erased_at
            erasures.append(own_file, key, erased_at)
    stored = erasures.stored(database)
    for key, erased_at in stored.items():
        if key not in listed:
            erasures.append(own_file, key, erased_at)
    missing = {key: moment for key, moment in listed.items() if key not in stored}
    if not missing:
        return 0
    returned = erasures.returned_users(database, settings.secret_key, missing)
    for user in returned:
        erase(database, settings, declarations, user.user_id, erased_at=user.erased_at)
    erasures.insert(database, missing)
    return len(returned)


def erasure_file(settings: Settings) -> Path:
    """Return the path of the file with all erasures."""
    return settings.data_dir / erasures.FILE_NAME


def find_users(
    database: Database, registration_id: int, text: str, *, most: int = 100
) -> list[FoundUser]:
    """Return the users of a registration with a text in name, e-mail address or LMS user ID."""
    condition = User.registration_id == registration_id
    return find_people(database, condition, text, most=most)[::-1]


def find_people(
    database: Database,
    condition: ColumnElement[bool],
    text: str,
    *,
    before: int | None = None,
    most: int,
) -> list[FoundUser]:
    """Return users that meet a condition, with a text as in :func:`find_users`, newest first."""
    query = select(User).where(condition).order_by(User.id.desc()).limit(most)
    if before is not None:
        query = query.where(User.id < before)
    if text:
        fields = (User.name, User.email, User.subject)
        query = query.where(or_(*(each.icontains(text, autoescape=True) for each in fields)))
    with database.read() as session:
        return [
            FoundUser(user.id, user.kind, user.name, user.email, user.subject)
            for user in session.scalars(query)
        ]
