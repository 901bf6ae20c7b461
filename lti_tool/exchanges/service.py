"""What an administrator decides about exchanges: one transaction for each act."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.directory import exchanges as directory
from lti_tool.directory.exchange_model import SHOWN_AS, Exchange
from lti_tool.directory.exchanges import Member
from lti_tool.directory.model import Deployment, RegistrationRow
from lti_tool.directory.registrations import InstitutionError
from lti_tool.discussion import audience, withdrawal
from lti_tool.sessions.audit import record_act
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database, now

Leaving = Literal["keep", "nameless", "remove"]
LEAVING: tuple[Leaving, ...] = ("keep", "nameless", "remove")
"""What happens to the posts of an institution that leaves an exchange."""

Problem = Literal["no name", "name taken", "no code"]


class ExchangeError(Exception):
    """What was submitted cannot be done; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Joined:
    """An exchange that the institution is in, with its present members."""

    exchange: Exchange
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page of exchanges shows. ``suggested``: the name of the registration."""

    name: str
    shown_as: str
    suggested: str
    joined: tuple[Joined, ...]


def overview(database: Database, launch_session: CurrentSession) -> Overview:
    """Return what the session's institution has decided, and its exchanges."""
    institution_id = launch_session.institution_id
    with database.read() as session:
        registration = session.get_one(RegistrationRow, launch_session.registration_id)
        found = directory.find_institution(session, institution_id)
        joined = []
        for exchange in directory.exchanges_of(session, institution_id):
            members = directory.members_of(session, exchange.id).values()
            joined.append(Joined(exchange, tuple(each for each in members if each.present)))
        return Overview(
            name=found.name if found else "",
            shown_as=found.shown_as if found else SHOWN_AS[0],
            suggested="" if directory.is_shared_client(registration) else registration.name,
            joined=tuple(joined),
        )


def describe(
    database: Database, launch_session: CurrentSession, *, name: str, shown_as: str
) -> None:
    """Set the name of the institution, and how its people appear outside.

    Raises :class:`ExchangeError`.
    """
    with database.write() as session:
        _describe(session, launch_session, name, shown_as)
        record_act(session, launch_session, "exchanges.describe", detail=f"{name} ({shown_as})")


def join(
    database: Database, launch_session: CurrentSession, *, name: str, shown_as: str, code: str
) -> None:
    """Join the exchange of an invitation, under a name. Raises :class:`ExchangeError`."""
    with database.write() as session:
        institution_id = _describe(session, launch_session, name, shown_as, needed=True)
        exchange = directory.join(session, institution_id, code)
        if exchange is None:
            raise ExchangeError("no code")
        record_act(session, launch_session, "exchanges.join", detail=exchange.name)


def leave(
    database: Database, launch_session: CurrentSession, exchange_id: int, posts: Leaving
) -> bool:
    """Leave an exchange; False if the institution is not in it."""
    if launch_session.institution_id is None:
        return False
    with database.write() as session:
        left = end_membership(session, launch_session.institution_id, exchange_id, posts)
        if left:
            name = directory.get_exchange(session, exchange_id).name
            record_act(session, launch_session, "exchanges.leave", detail=f"{name} ({posts})")
        return left


def end_membership(session: Session, institution_id: int, exchange_id: int, posts: Leaving) -> bool:
    """Let an institution leave: its activities are for their own courses again.

    Its posts stay as they are, or without names (at once), or the worker removes their texts.
    """
    nameless = posts != "keep"
    if not directory.end_membership(session, exchange_id, institution_id, nameless=nameless):
        return False
    ids = select(Deployment.id).where(Deployment.institution_id == institution_id)
    deployments = session.scalars(ids).all()
    audience.end_sharing(session, deployments, exchange_id=exchange_id)
    if nameless:
        key = f"{exchange_id}:{institution_id}:{now().isoformat()}"
        withdrawal.queue_withdrawal(
            session, institution_id, exchange_id, key, texts=posts == "remove"
        )
    return True


def assign(session: Session, deployments: Sequence[Deployment], institution_id: int) -> None:
    """Let deployments belong to another institution; they share no discussion afterwards.

    Raises :class:`InstitutionError`.
    """
    directory.assign(session, deployments, institution_id)
    audience.end_sharing(session, [each.id for each in deployments])


def _describe(
    session: Session,
    launch_session: CurrentSession,
    name: str,
    shown_as: str,
    *,
    needed: bool = False,
) -> int:
    institution = directory.institution_of(session, launch_session.deployment_id)
    shown_as = shown_as if shown_as in SHOWN_AS else institution.shown_as
    if not name.strip() and (needed or directory.exchanges_of(session, institution.id)):
        raise ExchangeError("no name")
    try:
        stored = directory.describe_institution(
            session, institution.id, name=name, shown_as=shown_as
        )
    except InstitutionError:
        raise ExchangeError("name taken") from None
    if needed and not stored:
        raise ExchangeError("no name")
    return institution.id
