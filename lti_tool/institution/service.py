"""What an administrator decides about the institution. Each function is one transaction.

Every act is recorded in the audit log, in the transaction of the act.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.directory import audit, deployment_join, registration_join
from lti_tool.directory.access import ACTIVE, PAUSED
from lti_tool.directory.deployment_join import JoinResult, PossibleJoin
from lti_tool.directory.model import Deployment, RegistrationRow, User
from lti_tool.directory.registration_join import FormerRegistration
from lti_tool.institution.scope import Institution
from lti_tool.notifications import service as notifications
from lti_tool.notifications.service import MailChoices
from lti_tool.sessions.audit import record_act
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database
from lti_tool.tasks import outbox

REMOVE, FORGET, JOIN = "institution.remove", "institution.forget", "institution.join"
"""Kinds of the outbox: remove an institution; delete stored names or e-mail addresses; join a
former registration."""


@dataclass(frozen=True, slots=True)
class Policies:
    """What an institution decides. The columns of ``registrations`` with these names say more."""

    name: str
    guests: Literal["none", "read", "post"]
    observers: Literal["read", "post"]
    test_users: Literal["none", "read"]
    impersonation: Literal["none", "read"]
    store_names: bool
    store_emails: bool
    translation: bool
    unknown_deployments: Literal["accept", "refuse"]
    retention_months: int | None
    retention_action: Literal["delete", "anonymise"]


POLICIES = tuple(Policies.__dataclass_fields__)
MAIL_POLICIES = tuple(MailChoices.__dataclass_fields__)
"""Policies that the notifications store."""


def policies_of(session: Session, institution: Institution) -> dict[str, Any]:
    """The policies as they are stored: :data:`POLICIES` and :data:`MAIL_POLICIES`."""
    row = session.get_one(RegistrationRow, institution.registration_id)
    mail = notifications.mail_choices(session, institution.registration_id)
    return {name: getattr(row, name) for name in POLICIES} | asdict(mail)


def set_policies(
    database: Database,
    launch_session: CurrentSession,
    institution: Institution,
    policies: Mapping[str, Any],
) -> list[str]:
    """Store policies; return the names of those that changed.

    What is not to be stored any more is deleted by the worker.
    """
    with database.write() as session:
        row = session.get_one(RegistrationRow, institution.registration_id, with_for_update=True)
        stored = policies_of(session, institution)
        changed = {name: policies[name] for name in stored if stored[name] != policies[name]}
        for name in changed.keys() & POLICIES:
            setattr(row, name, changed[name])
        if changed.keys() & MAIL_POLICIES:
            mail = MailChoices(**{name: policies[name] for name in MAIL_POLICIES})
            notifications.set_mail_choices(session, institution.registration_id, mail)
        if changed:
            # The name of an institution is no personal data, and all others are choices.
            detail = ", ".join(f"{name}={value}" for name, value in changed.items())
            record_act(session, launch_session, "institution.policies", detail=detail)
        for name, column in (("store_names", "name"), ("store_emails", "email")):
            if changed.get(name) is False:
                key = f"{institution.registration_id}:{column}:{launch_session.id}"
                payload = {"registration": institution.registration_id, "column": column}
                outbox.put(session, FORGET, key, payload)
    return list(changed)


def set_paused(
    database: Database, launch_session: CurrentSession, institution: Institution, *, paused: bool
) -> None:
    """Turn the tool off for everyone except administrators, or on again."""
    before, after = (ACTIVE, PAUSED) if paused else (PAUSED, ACTIVE)
    with database.write() as session:
        if institution.deployment_id is not None:
            changed = session.execute(
                update(Deployment)
                .where(Deployment.id == institution.deployment_id, Deployment.status == before)
                .values(status=after)
            )
        else:
            changed = session.execute(
                update(RegistrationRow)
                .where(
                    RegistrationRow.id == institution.registration_id,
                    RegistrationRow.status == before,
                )
                .values(status=after)
            )
        if changed.rowcount:  # type: ignore[attr-defined]
            action = "institution.pause" if paused else "institution.resume"
            record_act(session, launch_session, action)


def request_removal(
    database: Database, launch_session: CurrentSession, institution: Institution
) -> None:
    """Turn the tool off, and let the worker remove everything of the institution."""
    set_paused(database, launch_session, institution, paused=True)
    with database.write() as session:
        record_act(session, launch_session, "institution.remove")
        payload = {
            "registration": institution.registration_id,
            "deployment": institution.deployment_id,
        }
        key = f"{institution.registration_id}:{institution.deployment_id}:{launch_session.id}"
        outbox.put(session, REMOVE, key, payload)


def possible_joins(database: Database, institution: Institution) -> list[PossibleJoin]:
    """Former deployments whose courses a newer one has; none of a shared registration."""
    if institution.shared:
        return []
    return deployment_join.possible_joins(database, institution.registration_id)


def join(
    database: Database,
    launch_session: CurrentSession,
    institution: Institution,
    old: str,
    new: str,
) -> JoinResult | None:
    """Move everything of a former deployment to another one; None if they cannot be joined."""
    pairs = {(each.old, each.new) for each in possible_joins(database, institution)}
    if (old, new) not in pairs:
        return None
    result = deployment_join.join_deployments(database, institution.registration_id, old, new)
    with database.write() as session:
        # The session may belong to the deployment that was removed; its row has moved.
        current = session.scalar(
            select(Deployment.id).where(
                Deployment.registration_id == institution.registration_id,
                Deployment.deployment_id == new,
            )
        )
        audit.record(
            session,
            audit.Place(institution.registration_id, current),
            "institution.join",
            user_id=launch_session.user_id,
            detail=f"{old} → {new}",
        )
    return result


def former_registrations(database: Database, institution: Institution) -> list[FormerRegistration]:
    """Former registrations of the same LMS that can be joined; none of a shared registration.

    While the worker joins one (``is_joining``), none can be.
    """
    if institution.shared:
        return []
    return registration_join.former_registrations(database, institution.registration_id)


def request_join(
    database: Database, launch_session: CurrentSession, institution: Institution, former_id: int
) -> bool:
    """Disable a former registration, and let the worker join it; False if it cannot be joined."""
    found = [each for each in former_registrations(database, institution) if each.id == former_id]
    if not found or is_joining(database, institution):
        return False
    with database.write() as session:
        detail = f"{found[0].client_id} → {institution.registration.client_id}"
        record_act(session, launch_session, "institution.join_registration", detail=detail)
        queue_join(session, former_id, institution.registration_id)
    return True


def queue_join(session: Session, old: int, new: int) -> None:
    """Disable the registration ``old``, and queue its join to ``new``."""
    registration_join.close(session, old)
    outbox.put(session, JOIN, f"{old}:{new}", {"old": old, "new": new}, order_key=str(new))


def is_joining(database: Database, institution: Institution) -> bool:
    """Whether the worker joins a former registration, or is about to."""
    with database.read() as session:
        return outbox.is_open(session, JOIN, str(institution.registration_id))


def has_person(session: Session, institution: Institution, user_id: int) -> bool:
    """Whether a user belongs to the institution."""
    query = select(User.id).where(User.id == user_id, institution.has_user())
    return session.scalar(query) is not None
