"""Changes of an existing registration by dynamic registration.

A registration's endpoints and keys decide who can launch, so an invitation alone must not replace
them. A change is stored until an operator confirms it. It is applied at once only to an active
registration and only if it demonstrably comes from the same platform: its configuration has the
same URL as before, and the new key set shares a key with the old one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.directory import registrations as directory
from lti_tool.directory.audit import Actor, Place, record
from lti_tool.directory.model import Deployment, RegistrationChange, RegistrationRow
from lti_tool.directory.registrations import InstitutionError
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.urls import origin
from lti_tool.storage.database import Database, now

CHANGES_LIMIT = 20
"""Pending changes of one registration; without a limit open registration could fill the table."""
_COMPARED = (
    "authorization_endpoint",
    "token_endpoint",
    "token_audience",
    "jwks_uri",
    "product",
    "scopes",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a dynamic registration.

    ``status`` is that of the registration; ``waits`` means that a change is pending; ``known`` that
    the registration existed before.
    """

    status: str
    waits: bool = False
    known: bool = False


KeyProof = Callable[[Registration], bool]
"""From the registration as it is to whether the new key set shares a key with its key set."""


def register_platform(
    database: Database,
    new: Registration,
    deployment_ids: Sequence[str],
    *,
    code: str,
    shares_a_key: KeyProof,
) -> Outcome:
    """Store the result of a dynamic registration; ``code`` is that of the invitation or "".

    Raises Refused if another issuer has used the invitation in the meantime, or if too many
    changes wait already.
    """
    # Keys are fetched outside of the transaction, which then checks that the row is unchanged.
    with database.read() as session:
        row = directory.find_registration(session, new)
        proven = (
            directory.from_row(row)
            if row and _may_prove(session, row, new, deployment_ids)
            else None
        )
    if proven is not None and not shares_a_key(proven):
        proven = None
    try:
        return _store(database, new, deployment_ids, code, proven)
    except IntegrityError:  # the same registration was added at the same moment
        return _store(database, new, deployment_ids, code, None)


def _may_prove(
    session: Session, row: RegistrationRow, new: Registration, deployment_ids: Sequence[str]
) -> bool:
    return (
        row.status == "active"
        and row.configuration_url is not None
        and row.configuration_url == new.configuration_url
        and bool(_differences(session, row, new, deployment_ids))
    )


def _store(
    database: Database,
    new: Registration,
    deployment_ids: Sequence[str],
    code: str,
    proven: Registration | None,
) -> Outcome:
    with database.write() as session:
        row = directory.find_registration(session, new)
        invitation = _bind(session, code, new) if code else None
        if row is None:
            if not _is_from_the_platform(session, new):
                new = replace(new, status="pending")
            return Outcome(directory.add_registration(session, new, deployment_ids).status)
        changed = _differences(session, row, new, deployment_ids)
        if not changed:
            return Outcome(row.status, known=True)
        if proven == directory.from_row(row) and _may_prove(session, row, new, deployment_ids):
            _apply(session, row, changed)
            return Outcome(row.status, known=True)
        _store_change(session, row, new, changed.get("deployment_id"), invitation)
        return Outcome(row.status, waits=True, known=True)


def _is_from_the_platform(session: Session, new: Registration) -> bool:
    """Whether another client of a known issuer comes from where its active registrations came from.

    Otherwise the configuration may be that of anybody who can publish files on the LMS's host.
    Where institutions share an issuer, each may have a configuration of its own.
    """
    if len(new.profile.configuration_origins(new.issuer)) > 1:
        return True
    active = RegistrationRow.status == "active"
    known = select(RegistrationRow.configuration_url).where(
        RegistrationRow.issuer == new.issuer, active
    )
    urls = session.scalars(known).all()
    return not urls or new.configuration_url in urls


def _bind(session: Session, code: str, new: Registration) -> str:
    issuer = new.issuer
    name = directory.bind_invitation(session, code, origin(issuer) or "")
    if name is None:
        raise Refused(Code.REGISTRATION_OTHER_INVITATION, issuer=issuer)
    return name


def _differences(
    session: Session, row: RegistrationRow, new: Registration, deployment_ids: Sequence[str]
) -> dict[str, Any]:
    """The columns that would change, and ``deployment_id`` for a deployment that is not known.

    A deployment that an operator disabled is stored, and stays disabled.
    """
    given = directory.given_values(new)
    changed = {
        name: given[name]
        for name in _COMPARED
        if name in given and given[name] != getattr(row, name)
    }
    stored = set(
        session.scalars(
            select(Deployment.deployment_id).where(Deployment.registration_id == row.id)
        )
    )
    for deployment_id in deployment_ids:
        if deployment_id not in stored:
            changed["deployment_id"] = deployment_id
    return changed


def _apply(session: Session, row: RegistrationRow, changed: dict[str, Any]) -> None:
    values = dict(changed)
    deployment_id = values.pop("deployment_id", None)
    directory.update_registration(session, row, values)
    if deployment_id is not None:
        directory.add_deployment(session, row.id, deployment_id)
    _record(session, row.id, "registrations.update", "platform")


def _store_change(
    session: Session,
    row: RegistrationRow,
    new: Registration,
    deployment_id: str | None,
    invitation: str | None,
) -> None:
    given = directory.given_values(new)
    wanted = {name: given.get(name) for name in _COMPARED} | {
        "scopes": given.get("scopes", ""),
        "deployment_id": deployment_id,
        "configuration_url": new.configuration_url,
        "invitation": invitation,
    }
    waiting = select(RegistrationChange).where(RegistrationChange.registration_id == row.id)
    if session.scalars(waiting.filter_by(**wanted)).first() is not None:
        return
    count = session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    if count >= CHANGES_LIMIT:
        raise Refused(Code.REGISTRATION_TOO_MANY_CHANGES, issuer=row.issuer)
    session.add(RegistrationChange(registration_id=row.id, created_at=now(), **wanted))


def configuration_url(url: str) -> str:
    """The URL of a configuration as it is stored and compared: without ``registration_token``.

    Some platforms also put the token, which is new each time, into this URL. The rest of the query
    is kept: it may select the configuration of one institution.
    """
    scheme, _netloc, path, query, _fragment = urlsplit(url)
    pairs = (pair for pair in query.split("&") if pair.partition("=")[0] != "registration_token")
    authority = (origin(url) or "").partition("://")[2]
    return urlunsplit((scheme, authority, path, "&".join(pairs), ""))


# For operators


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A pending change and its registration.

    ``fields`` are the columns that differ now: {name: (stored value, new value)}.
    """

    change: RegistrationChange
    registration: RegistrationRow
    fields: dict[str, tuple[str | None, str | None]]


def count_pending_changes(database: Database, registration_id: int | None = None) -> int:
    """The number of pending changes, of one registration or of all."""
    query = select(func.count()).select_from(RegistrationChange)
    if registration_id is not None:
        query = query.where(RegistrationChange.registration_id == registration_id)
    with database.read() as session:
        return session.scalar(query) or 0


def pending_changes(database: Database) -> list[PendingChange]:
    """All pending changes, oldest first."""
    query = (
        select(RegistrationChange, RegistrationRow)
        .join(RegistrationRow, RegistrationRow.id == RegistrationChange.registration_id)
        .order_by(RegistrationChange.id)
    )
    with database.read() as session:
        return [
            PendingChange(change, row, _fields(change, row))
            for change, row in session.execute(query)
        ]


def _fields(
    change: RegistrationChange, row: RegistrationRow
) -> dict[str, tuple[str | None, str | None]]:
    wanted: dict[str, str | None] = _values(change)
    fields = {
        name: (getattr(row, name), value)
        for name, value in wanted.items()
        if getattr(row, name) != value
    }
    if change.deployment_id is not None:
        fields["deployment_id"] = (None, change.deployment_id)
    return fields


def _values(change: RegistrationChange) -> dict[str, Any]:
    values = {name: getattr(change, name) for name in (*_COMPARED, "configuration_url")}
    optional = ("product", "scopes", "configuration_url")
    return {name: value for name, value in values.items() if value or name not in optional}


def confirm_change(database: Database, change_id: int) -> int:
    """Apply a change; return the registration's id. Raises :class:`InstitutionError`."""
    with database.write() as session:
        change = _get(session, change_id)
        row = session.get_one(RegistrationRow, change.registration_id, with_for_update=True)
        directory.update_registration(session, row, _values(change))
        if change.deployment_id is not None:
            directory.add_deployment(session, row.id, change.deployment_id)
        _record(session, row.id, "registrations.confirm")
        session.delete(change)
        return row.id


def reject_change(database: Database, change_id: int) -> int:
    """Delete a change; return the registration's id. Raises :class:`InstitutionError`."""
    with database.write() as session:
        change = _get(session, change_id)
        _record(session, change.registration_id, "registrations.reject")
        session.delete(change)
        return change.registration_id


def _record(session: Session, registration_id: int, action: str, actor: Actor = "operator") -> None:
    record(session, Place(registration_id), action, actor=actor)


def _get(session: Session, change_id: int) -> RegistrationChange:
    change = session.get(RegistrationChange, change_id)
    if change is None:
        raise InstitutionError(
            f"There is no change {change_id}; see 'lti-tool registrations changes'."
        )
    return change
