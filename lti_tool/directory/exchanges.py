"""Institutions, and the exchanges that they join: who shares discussions with whom.

The functions with a ``session`` run in the transaction of the caller.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, select
from sqlalchemy.orm import Session

from lti_tool.directory.exchange_model import (
    SHOWN_AS,
    Exchange,
    ExchangeInvitation,
    ExchangeMember,
    InstitutionRow,
)
from lti_tool.directory.model import Course, Deployment, Membership, RegistrationRow
from lti_tool.directory.registrations import InstitutionError, from_row
from lti_tool.lti.sanitize import clean
from lti_tool.storage.database import Database, now

NAME_LIMIT = 120
"""Characters of the name of an institution or of an exchange."""
MOST_MEMBERS = 500
"""Institutions that can be in one exchange."""


@dataclass(frozen=True, slots=True)
class Member:
    """An institution as the other members of an exchange know it.

    ``translation``: the registrations of all its deployments allow that texts are sent to the
    translation service. ``nameless``: it left, and nothing shows who its people were.
    """

    id: int
    name: str
    shown_as: str
    present: bool = True
    nameless: bool = False
    translation: bool = False


def institution_of(session: Session, deployment_id: int) -> InstitutionRow:
    """Return the institution of a deployment (a row ID); it is made the first time.

    The deployments of a registration are one institution, except where several institutions have
    the same client ID: there each deployment is one.
    """
    deployment = session.get_one(Deployment, deployment_id, with_for_update={"key_share": True})
    if deployment.institution_id is None:
        deployment.institution_id = _of_registration(session, deployment.registration_id)
    if deployment.institution_id is None:
        made = InstitutionRow(name="", shown_as=SHOWN_AS[0], created_at=now())
        session.add(made)
        session.flush()
        deployment.institution_id = made.id
    session.flush()
    return session.get_one(InstitutionRow, deployment.institution_id)


def _of_registration(session: Session, registration_id: int) -> int | None:
    """Return the institution of the other deployments, locked against another one being made."""
    row = session.get_one(RegistrationRow, registration_id, with_for_update={"key_share": True})
    if is_shared_client(row):
        return None
    return session.scalar(
        select(Deployment.institution_id)
        .where(
            Deployment.registration_id == registration_id, Deployment.institution_id.is_not(None)
        )
        .limit(1)
    )


def is_shared_client(row: RegistrationRow) -> bool:
    """Whether several institutions have the client ID of a registration."""
    registration = from_row(row)
    return registration.profile.shared_client(registration.issuer, registration.configuration_url)


def find_institution(session: Session, institution_id: int | None) -> InstitutionRow | None:
    """Return an institution; None if it is not made yet."""
    return session.get(InstitutionRow, institution_id) if institution_id is not None else None


def all_institutions(session: Session) -> list[tuple[InstitutionRow, list[Deployment]]]:
    """Return the institutions with their deployments."""
    rows = session.scalars(
        select(Deployment).where(Deployment.institution_id.is_not(None)).order_by(Deployment.id)
    ).all()
    found = session.scalars(select(InstitutionRow).order_by(InstitutionRow.id)).all()
    return [(each, [row for row in rows if row.institution_id == each.id]) for each in found]


def describe_institution(session: Session, institution_id: int, *, name: str, shown_as: str) -> str:
    """Set how an institution and its people appear outside; return the stored name.

    Raises :class:`InstitutionError`.
    """
    row = session.get_one(InstitutionRow, institution_id, with_for_update=True)
    row.name, row.shown_as = checked_name(session, name, row.id), shown_as
    session.flush()
    return row.name


def checked_name(session: Session, name: str, institution_id: int) -> str:
    """Return the name of an institution, cleaned; empty only while it is in no exchange."""
    name = clean(name, NAME_LIMIT)
    if not name and exchanges_of(session, institution_id):
        raise InstitutionError("An institution in an exchange needs a name.")
    taken = select(InstitutionRow.id).where(
        func.lower(InstitutionRow.name) == name.lower(), InstitutionRow.id != institution_id
    )
    if name and session.scalar(taken) is not None:
        raise InstitutionError("Another institution has this name.")
    return name


def create_exchange(session: Session, name: str) -> Exchange:
    """Open an exchange. Raises :class:`InstitutionError`."""
    name = clean(name, NAME_LIMIT)
    if not name:
        raise InstitutionError("An exchange needs a name.")
    if session.scalar(select(Exchange.id).where(Exchange.name == name)) is not None:
        raise InstitutionError(f"There is an exchange named {name!r} already.")
    made = Exchange(name=name, created_at=now())
    session.add(made)
    session.flush()
    return made


def get_exchange(session: Session, exchange_id: int) -> Exchange:
    """Return an exchange. Raises :class:`InstitutionError`."""
    found = session.get(Exchange, exchange_id)
    if found is None:
        raise InstitutionError(f"There is no exchange {exchange_id}; see 'lti-tool exchange list'.")
    return found


def all_exchanges(session: Session) -> list[tuple[Exchange, int]]:
    """Return the exchanges, each with the number of its present members."""
    members = (
        select(func.count(ExchangeMember.id))
        .where(ExchangeMember.exchange_id == Exchange.id, ExchangeMember.left_at.is_(None))
        .scalar_subquery()
    )
    rows = session.execute(select(Exchange, members).order_by(Exchange.id))
    return [(row[0], row[1]) for row in rows]


def invite(session: Session, exchange_id: int, *, uses: int, days: int) -> str:
    """Return a new code with which institutions join an exchange."""
    exchange = get_exchange(session, exchange_id)
    if exchange.closed_at is not None:
        raise InstitutionError("This exchange is closed.")
    code = secrets.token_urlsafe(12)
    session.add(
        ExchangeInvitation(
            exchange_id=exchange_id,
            code_hash=_hash(code),
            uses_left=uses,
            expires_at=now() + timedelta(days=days),
            created_at=now(),
        )
    )
    session.flush()
    return code


def join(session: Session, institution_id: int, code: str) -> Exchange | None:
    """Join the exchange of an invitation; None if the code is not valid.

    A member that joins again uses no invitation. The institution has a name.
    """
    invitation = session.scalars(
        select(ExchangeInvitation)
        .where(ExchangeInvitation.code_hash == _hash(code.strip()))
        .with_for_update()
    ).first()
    if invitation is None or invitation.expires_at < now():
        return None
    exchange = session.get_one(Exchange, invitation.exchange_id)
    if exchange.closed_at is not None:
        return None
    member = _member(session, exchange.id, institution_id)
    if member is not None and member.left_at is None:
        return exchange
    present = select(func.count(ExchangeMember.id)).where(
        ExchangeMember.exchange_id == exchange.id, ExchangeMember.left_at.is_(None)
    )
    if invitation.uses_left < 1 or (session.scalar(present) or 0) >= MOST_MEMBERS:
        return None
    invitation.uses_left -= 1
    if member is None:
        member = ExchangeMember(exchange_id=exchange.id, institution_id=institution_id)
        session.add(member)
    member.joined_at, member.left_at, member.nameless = now(), None, False
    session.flush()
    return exchange


def end_membership(
    session: Session, exchange_id: int, institution_id: int, *, nameless: bool
) -> bool:
    """Let an institution leave; False if it is not in the exchange.

    ``nameless``: what its people wrote shows no names from now on.
    """
    member = _member(session, exchange_id, institution_id)
    if member is None or member.left_at is not None:
        return False
    member.left_at, member.nameless = now(), nameless
    session.flush()
    return True


def exchanges_of(session: Session | Connection, institution_id: int | None) -> list[Exchange]:
    """Return the exchanges that an institution is in, in the order of their names."""
    table = Exchange.__table__
    rows = session.execute(
        select(table)
        .join(ExchangeMember, ExchangeMember.exchange_id == table.c.id)
        .where(ExchangeMember.institution_id == institution_id, ExchangeMember.left_at.is_(None))
        .order_by(table.c.name)
    )
    return [Exchange(**row._mapping) for row in rows]


def members_of(session: Session | Connection, exchange_id: int) -> dict[int, Member]:
    """Return the institutions of an exchange by id, also those that have left. One statement."""
    without = (
        select(RegistrationRow.id)
        .join(Deployment, Deployment.registration_id == RegistrationRow.id)
        .where(
            Deployment.institution_id == InstitutionRow.id, RegistrationRow.translation.is_(False)
        )
        .exists()
    )
    rows = session.execute(
        select(
            InstitutionRow.id,
            InstitutionRow.name,
            InstitutionRow.shown_as,
            ExchangeMember.left_at.is_(None).label("present"),
            ExchangeMember.nameless,
            (~without).label("translation"),
        )
        .join(ExchangeMember, ExchangeMember.institution_id == InstitutionRow.id)
        .where(ExchangeMember.exchange_id == exchange_id)
        .order_by(func.lower(InstitutionRow.name), InstitutionRow.id)
    )
    return {
        row.id: Member(
            row.id,
            row.name,
            row.shown_as,
            bool(row.present),
            bool(row.nameless),
            bool(row.translation),
        )
        for row in rows
    }


def of_institution(user_id: Any, institution_id: int) -> ColumnElement[bool]:
    """The condition that a user (a column) is in a course of an institution."""
    return exists().where(
        Membership.user_id == user_id,
        Course.id == Membership.course_id,
        Deployment.id == Course.deployment_id,
        Deployment.institution_id == institution_id,
    )


def set_closed(database: Database, exchange_id: int, *, closed: bool) -> Exchange:
    """Close an exchange, or open it again. Raises :class:`InstitutionError`."""
    with database.write() as session:
        exchange = get_exchange(session, exchange_id)
        if closed != (exchange.closed_at is not None):
            exchange.closed_at = now() if closed else None
        session.flush()
        return exchange


def deployments_of(
    session: Session, registration_id: int, deployment_id: str | None = None
) -> Sequence[Deployment]:
    """Return the deployments of a registration, or the one with an LTI deployment ID.

    Raises :class:`InstitutionError` if there is none, and for several ones of a registration that
    institutions share.
    """
    row = session.get_one(RegistrationRow, registration_id)
    query = select(Deployment).where(Deployment.registration_id == registration_id)
    if deployment_id is not None:
        query = query.where(Deployment.deployment_id == deployment_id)
    elif is_shared_client(row):
        raise InstitutionError("Several institutions have this client ID: add --deployment.")
    found = session.scalars(query.order_by(Deployment.id)).all()
    if not found:
        raise InstitutionError(f"Registration {registration_id} has no such deployment yet.")
    return found


def assign(session: Session, deployments: Sequence[Deployment], institution_id: int) -> None:
    """Let deployments belong to another institution. Raises :class:`InstitutionError`."""
    if session.get(InstitutionRow, institution_id) is None:
        raise InstitutionError(
            f"There is no institution {institution_id}; see 'lti-tool institutions list'."
        )
    for deployment in deployments:
        deployment.institution_id = institution_id
    session.flush()


def _member(session: Session, exchange_id: int, institution_id: int) -> ExchangeMember | None:
    return session.scalars(
        select(ExchangeMember)
        .where(
            ExchangeMember.exchange_id == exchange_id,
            ExchangeMember.institution_id == institution_id,
        )
        .with_for_update()
    ).first()


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()
