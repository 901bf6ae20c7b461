"""Enter a visit at each request, and forget the visits that are over."""

import hmac
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, func, select, update
from sqlalchemy.orm import Session

from lti_tool.institution.model import Deployment, Registration
from lti_tool.launches.model import Course, Membership, Person, Placement, Visit
from lti_tool.launches.visit import CurrentVisit, visit_token
from lti_tool.lti.roles import read_roles
from lti_tool.storage.database import Database, now


@dataclass(frozen=True, slots=True)
class Entry:
    """What came of trying to enter a visit."""

    visit: CurrentVisit | None
    holds_token: bool = False


# An instructor's choice reaches every open visit of the placement; a link's module reaches only
# the visits opened through that link, and those that had none.
_MODULE = case(
    (Placement.module_source == "instructor", Placement.module_id),
    else_=func.coalesce(Visit.module_id, Placement.module_id),
)

_VISIT = (
    select(
        Visit.id,
        Visit.registration_id,
        Visit.deployment_id,
        Visit.person_id,
        Visit.course_id,
        Visit.placement_id,
        Visit.message_type,
        Visit.instructor,
        Visit.administrator,
        Visit.locale,
        Visit.return_url,
        Visit.frame_ancestors,
        Visit.deep_linking,
        Visit.expires_at,
        Registration.guests,
        Registration.status.label("registration_status"),
        Deployment.status.label("deployment_status"),
        Person.name.label("person_name"),
        Person.kind.label("person_kind"),
        Person.language.label("person_language"),
        Course.title.label("course_title"),
        Placement.title.label("placement_title"),
        _MODULE.label("module_id"),
        Membership.roles.label("course_roles"),
    )
    .join(Registration, Registration.id == Visit.registration_id)
    .join(Deployment, Deployment.id == Visit.deployment_id)
    .outerjoin(Person, Person.id == Visit.person_id)
    .outerjoin(Course, Course.id == Visit.course_id)
    .outerjoin(
        Membership,
        and_(Membership.course_id == Visit.course_id, Membership.person_id == Visit.person_id),
    )
    .outerjoin(Placement, Placement.id == Visit.placement_id)
    .where(Visit.id == bindparam("visit_id"))
)


def enter(
    database: Database, secret_key: str, visit_id: str, *, cookie: str | None, token: str | None
) -> Entry:
    """Open a visit to whoever holds its token, in a cookie or (``token``) in a page.

    A visit whose registration or deployment was switched off, or whose time is over, is closed.
    """
    right = visit_token(secret_key, visit_id)
    by_cookie, by_token = _same(cookie, right), _same(token, right)
    if not (by_cookie or by_token):
        return Entry(None)
    with database.read_core() as connection:
        row = connection.execute(_VISIT, {"visit_id": visit_id}).first()
    if row is None:
        return Entry(None)
    switched_on = row.registration_status == row.deployment_status == "active"
    if not switched_on or row.expires_at <= now():
        return Entry(None)
    return Entry(_current(row, right, cookieless=not by_cookie), holds_token=by_token)


def _same(given: str | None, right: str) -> bool:
    return given is not None and hmac.compare_digest(
        given.encode("utf-8", "replace"), right.encode()
    )


def _rights(row: Any) -> tuple[bool, bool]:
    """Whether the person of a visit is an instructor and an administrator now.

    The roles are those of the membership, so that they follow the latest launch. A guest and a
    visit without a course have no membership: there the visit's own launch decides.
    """
    if row.course_id is None or row.person_kind in (None, "guest"):
        return row.instructor, row.administrator
    roles = read_roles((row.course_roles or "").split())
    return roles.instructor, roles.administrator


def _current(row: Any, token: str, *, cookieless: bool) -> CurrentVisit:
    instructor, administrator = _rights(row)
    return CurrentVisit(
        id=row.id,
        token=token,
        cookieless=cookieless,
        registration_id=row.registration_id,
        deployment_id=row.deployment_id,
        person_id=row.person_id,
        person_name=row.person_name,
        person_kind=row.person_kind or "guest",
        person_language=row.person_language,
        course_id=row.course_id,
        course_title=row.course_title,
        placement_id=row.placement_id,
        placement_title=row.placement_title,
        module_id=row.module_id,
        instructor=instructor,
        administrator=administrator,
        guests=row.guests,
        locale=row.locale,
        return_url=row.return_url,
        frame_ancestors=tuple(row.frame_ancestors.split()),
        message_type=row.message_type,
        deep_linking=row.deep_linking,
    )


def guest_person(session: Session, visit: CurrentVisit) -> int:
    """The id of the visit's person; a guest gets a record at the first thing worth recording."""
    if visit.person_id is not None:
        return visit.person_id
    # Two changes at once in one visit must not make two guests.
    row = session.get_one(Visit, visit.id, with_for_update=True)
    if row.person_id is None:
        guest = Person(registration_id=visit.registration_id, kind="guest", created_at=now())
        session.add(guest)
        session.flush()
        row.person_id = guest.id
        session.flush()
    return row.person_id


def remember_language(database: Database, visit: CurrentVisit, language: str) -> None:
    """Keep the module language that this person chose, for every later visit."""
    if visit.person_language == language:
        return
    with database.write() as session:
        person_id = guest_person(session, visit)
        session.execute(update(Person).where(Person.id == person_id).values(language=language))


def forget_old(database: Database) -> None:
    """Delete visits that are over; no login that led to them can still be finished."""
    with database.write() as session:
        session.execute(delete(Visit).where(Visit.expires_at < now()))
