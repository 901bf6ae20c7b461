"""Registrations, deployments and invitations: which platforms may launch the tool."""

import hashlib
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.directory import audit
from lti_tool.directory.cache_model import JwksCacheEntry
from lti_tool.directory.model import Deployment, Invitation, RegistrationRow
from lti_tool.lti.registration import GuestPolicy, Registration, Status
from lti_tool.lti.urls import origin
from lti_tool.platforms import find_profile
from lti_tool.storage.database import Database, now

FRESH_SECONDS = 5.0
"""How long each process caches a registration. The launch transaction reads it again."""

STATUSES = ("active", "pending", "disabled", "paused")
GUESTS = ("none", "read", "post")
DEPLOYMENT_POLICIES = ("accept", "refuse")
PREVIEWS = ("none", "read")
"""What test users, and people who act as another person, may do."""


class InstitutionError(Exception):
    """Something an operator asked for that cannot be done; the message says why, in one line."""


def from_row(row: RegistrationRow) -> Registration:
    """The registration of a row."""
    return Registration(
        id=row.id,
        name=row.name,
        status=cast(Status, row.status),
        guests=cast(GuestPolicy, row.guests),
        issuer=row.issuer,
        client_id=row.client_id,
        authorization_endpoint=row.authorization_endpoint,
        token_endpoint=row.token_endpoint or "",
        token_audience=row.token_audience,
        jwks_uri=row.jwks_uri,
        product=row.product,
        frame_origins=tuple(row.frame_origins.split()),
        scopes=tuple(row.scopes.split()),
        configuration_url=row.configuration_url,
        profile=find_profile(row.issuer, row.product),
    )


class RegistrationBook:
    """Finds registrations by issuer and client ID, cached for a few seconds in each process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._remembered: dict[tuple[str, str | None], tuple[float, list[Registration]]] = {}

    def find(self, issuer: str, client_id: str | None) -> list[Registration]:
        """The registrations of an issuer; at most one where the client id is given."""
        key = (issuer, client_id)
        with self._lock:
            found = self._remembered.get(key)
        if found and found[0] > time.monotonic():
            return found[1]
        registrations = self._read(issuer, client_id)
        with self._lock:
            if len(self._remembered) > 1000:
                self._remembered.clear()
            if registrations:
                self._remembered[key] = (time.monotonic() + FRESH_SECONDS, registrations)
        return registrations

    def similar_issuer(self, issuer: str) -> str | None:
        """A registered issuer that differs in scheme, case, port or final slash only."""
        wanted = _simplified(issuer)
        with self._database.read() as session:
            known = session.scalars(select(RegistrationRow.issuer).distinct().limit(10_000))
            return next((each for each in known if _simplified(each) == wanted), None)

    def by_id(self, registration_id: int) -> Registration:
        """The registration with this id."""
        with self._database.read() as session:
            return from_row(session.get_one(RegistrationRow, registration_id))

    def _read(self, issuer: str, client_id: str | None) -> list[Registration]:
        query = select(RegistrationRow).where(RegistrationRow.issuer == issuer)
        if client_id is not None:
            query = query.where(RegistrationRow.client_id == client_id)
        with self._database.read() as session:
            return [from_row(row) for row in session.scalars(query.order_by(RegistrationRow.id))]


def _simplified(issuer: str) -> str:
    """An issuer without its scheme, default port and final slashes, in lower case."""
    text = issuer.strip().lower()
    scheme, separator, rest = text.partition("://")
    host, slash, path = (rest if separator else scheme).partition("/")
    return f"{host.removesuffix(':443').removesuffix(':80')}{slash}{path}".rstrip("/")


# Invitations


def invite(database: Database, *, name: str, uses: int, days: int) -> str:
    """Create an invitation; return its code, of which only the hash is stored."""
    code = secrets.token_urlsafe(18)
    with database.write() as session:
        session.add(
            Invitation(
                code_hash=_hash(code),
                name=name,
                uses_left=uses,
                expires_at=now() + timedelta(days=days),
                created_at=now(),
            )
        )
    return code


def invitation(session: Session, code: str) -> Invitation | None:
    """The invitation of a code, if it can still be used."""
    return session.scalars(
        select(Invitation).where(
            Invitation.code_hash == _hash(code),
            Invitation.uses_left > 0,
            Invitation.expires_at > now(),
        )
    ).first()


def invitation_is_for(database: Database, code: str, issuer_origin: str) -> bool:
    """Whether an issuer may use the invitation: nobody used it yet, or this issuer did."""
    query = select(Invitation.id).where(
        Invitation.code_hash == _hash(code), _is_open_to(issuer_origin)
    )
    with database.read() as session:
        return session.scalar(query) is not None


def invitation_name(database: Database, code: str) -> str:
    """The name that the operator gave the invitation; empty if there is none."""
    query = select(Invitation.name).where(Invitation.code_hash == _hash(code))
    with database.read() as session:
        return session.scalar(query) or ""


def use_invitation(database: Database, code: str, issuer_origin: str) -> bool:
    """Use an invitation once for an issuer; False if it cannot be used, or only by another one."""
    with database.write() as session:
        used = session.execute(
            update(Invitation)
            .where(
                Invitation.code_hash == _hash(code),
                Invitation.uses_left > 0,
                Invitation.expires_at > now(),
                _is_open_to(issuer_origin),
            )
            .values(uses_left=Invitation.uses_left - 1)
        )
        return bool(used.rowcount)  # type: ignore[attr-defined]


def give_back_invitation(database: Database, code: str) -> None:
    """Undo a use whose registration failed, so that the administrator can try again."""
    with database.write() as session:
        session.execute(
            update(Invitation)
            .where(Invitation.code_hash == _hash(code))
            .values(uses_left=Invitation.uses_left + 1)
        )


def bind_invitation(session: Session, code: str, issuer_origin: str) -> str | None:
    """Bind an invitation to the issuer that has used it; return its name.

    None if another issuer has used it in the meantime.
    """
    row = session.scalars(
        select(Invitation)
        .where(Invitation.code_hash == _hash(code), _is_open_to(issuer_origin))
        .with_for_update()
    ).first()
    if row is None:
        return None
    row.issuer_origin = issuer_origin
    return row.name


def _is_open_to(issuer_origin: str) -> ColumnElement[bool]:
    return or_(Invitation.issuer_origin.is_(None), Invitation.issuer_origin == issuer_origin)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


# Registrations


def register(
    database: Database,
    registration: Registration,
    *,
    deployment_ids: Sequence[str] = (),
    **settings: Any,
) -> int:
    """Add a registration, or update the one with the same issuer and client id, for an operator.

    Returns its id. An update leaves the status as it is, and so all that is empty (name, frame
    origins, product, scopes). ``settings`` are columns to set besides, e.g. ``guests="none"``. A
    platform's dynamic registration goes through ``registration_changes`` instead.
    """
    with database.write() as session:
        row = find_registration(session, registration)
        if row is None:
            row = add_registration(session, registration, deployment_ids, actor="operator")
            update_registration(session, row, settings)
        else:
            update_registration(session, row, given_values(registration) | settings)
        for deployment_id in deployment_ids:
            _ensure_deployment(session, row.id, deployment_id).status = "active"
        return row.id


def find_registration(session: Session, registration: Registration) -> RegistrationRow | None:
    """The row with this issuer and client id, locked until the transaction ends."""
    return session.scalars(
        select(RegistrationRow)
        .where(
            RegistrationRow.issuer == registration.issuer,
            RegistrationRow.client_id == registration.client_id,
        )
        .with_for_update()
    ).first()


def add_registration(
    session: Session,
    registration: Registration,
    deployment_ids: Sequence[str] = (),
    *,
    actor: audit.Actor = "platform",
) -> RegistrationRow:
    """Add a registration with its deployments."""
    row = RegistrationRow(
        issuer=registration.issuer,
        client_id=registration.client_id,
        name=registration.issuer.partition("://")[2] or registration.issuer,
        status=registration.status,
        guests=registration.guests,
        configuration_url=registration.configuration_url,
        created_at=now(),
    )
    session.add(row)
    for name, value in given_values(registration).items():
        setattr(row, name, value)
    session.flush()
    for deployment_id in deployment_ids:
        _ensure_deployment(session, row.id, deployment_id)
    audit.record(session, audit.Place(row.id), "registrations.add", actor=actor)
    return row


def given_values(registration: Registration) -> dict[str, Any]:
    """The columns that an update with this registration sets, without those that are empty."""
    optional = {
        "name": registration.name,
        "product": registration.product,
        "frame_origins": " ".join(dict.fromkeys(registration.frame_origins)),
        "scopes": " ".join(registration.scopes),
    }
    return {
        "authorization_endpoint": registration.authorization_endpoint,
        "token_endpoint": registration.token_endpoint or None,
        "token_audience": registration.token_audience,
        "jwks_uri": registration.jwks_uri,
    } | {name: value for name, value in optional.items() if value}


def update_registration(session: Session, row: RegistrationRow, values: Mapping[str, Any]) -> None:
    """Set columns of a registration; a key set that was fetched from another URL is dropped."""
    if values.get("jwks_uri", row.jwks_uri) != row.jwks_uri:
        session.execute(delete(JwksCacheEntry).where(JwksCacheEntry.registration_id == row.id))
    for name, value in values.items():
        setattr(row, name, value)


def add_deployment(session: Session, registration_id: int, deployment_id: str) -> None:
    """Add a deployment; one that an operator disabled stays disabled."""
    _ensure_deployment(session, registration_id, deployment_id)


def _ensure_deployment(session: Session, registration_id: int, deployment_id: str) -> Deployment:
    row = session.scalars(
        select(Deployment).where(
            Deployment.registration_id == registration_id,
            Deployment.deployment_id == deployment_id,
        )
    ).first()
    if row is None:
        row = Deployment(
            registration_id=registration_id, deployment_id=deployment_id, created_at=now()
        )
        session.add(row)
        session.flush()
    return row


def all_registrations(database: Database) -> list[RegistrationRow]:
    """Every registration, in the order they were added."""
    with database.read() as session:
        return list(session.scalars(select(RegistrationRow).order_by(RegistrationRow.id)))


def deployments_of(database: Database, registration_id: int) -> list[Deployment]:
    """The deployments of a registration."""
    with database.read() as session:
        return list(
            session.scalars(
                select(Deployment)
                .where(Deployment.registration_id == registration_id)
                .order_by(Deployment.id)
            )
        )


def get_registration(database: Database, registration_id: int) -> RegistrationRow:
    """One registration. Raises :class:`InstitutionError` where there is none."""
    with database.read() as session:
        row = session.get(RegistrationRow, registration_id)
    if row is None:
        raise InstitutionError(
            f"There is no registration {registration_id}; see 'lti-tool registrations list'."
        )
    return row


def change_registration(database: Database, registration_id: int, **values: Any) -> None:
    """Set fields of a registration, e.g. ``status="disabled"``."""
    get_registration(database, registration_id)
    with database.write() as session:
        session.execute(
            update(RegistrationRow).where(RegistrationRow.id == registration_id).values(**values)
        )
        detail = ", ".join(f"{name}={value}" for name, value in values.items())
        audit.record(
            session,
            audit.Place(registration_id),
            "registrations.change",
            actor="operator",
            detail=detail,
        )


def remove_registration(database: Database, registration_id: int) -> None:
    """Remove a registration with everything that belongs to it: users, courses, posts."""
    get_registration(database, registration_id)
    with database.write() as session:
        session.execute(delete(RegistrationRow).where(RegistrationRow.id == registration_id))


def set_deployment(
    database: Database, registration_id: int, deployment_id: str, *, active: bool
) -> None:
    """Add a deployment, or switch it on or off."""
    get_registration(database, registration_id)
    with database.write() as session:
        row = _ensure_deployment(session, registration_id, deployment_id)
        row.status = "active" if active else "disabled"
        audit.record(
            session,
            audit.Place(registration_id, row.id),
            "registrations.deployment",
            actor="operator",
            detail=f"{deployment_id}: {row.status}",
        )


def count_registrations(database: Database, issuer: str | None = None) -> int:
    """How many registrations there are, of an issuer or at all."""
    query = select(func.count()).select_from(RegistrationRow)
    if issuer is not None:
        query = query.where(RegistrationRow.issuer == issuer)
    with database.read() as session:
        return session.scalar(query) or 0


def frame_origins_from(urls: Sequence[str]) -> tuple[str, ...]:
    """The origins of URLs that an operator typed. Raises :class:`InstitutionError`."""
    origins = []
    for url in urls:
        found = origin(url)
        if found is None:
            raise InstitutionError(
                f"{url!r} is not a web address; write it like https://lms.example.org"
            )
        origins.append(found)
    return tuple(origins)
