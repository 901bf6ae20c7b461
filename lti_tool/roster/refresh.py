"""Read the roster of a course from the LMS."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from lti_tool.directory import erasures
from lti_tool.directory.access import inactive
from lti_tool.directory.model import Course, Deployment, RegistrationRow
from lti_tool.directory.platform_services import connector_for
from lti_tool.directory.registrations import from_row
from lti_tool.lti.course_groups import list_groups
from lti_tool.lti.launch import GroupService, RosterService
from lti_tool.lti.nrps import Member, roster_pages
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_connector import PlatformConnector
from lti_tool.lti.service_errors import ServiceError
from lti_tool.roster import members
from lti_tool.roster.groups import MAX_GROUPS
from lti_tool.roster.members import RosterRead
from lti_tool.roster.model import CourseRoster
from lti_tool.roster.problems import Problem, problem_of
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Source:
    course_id: int
    registration: Registration
    memberships_url: str
    groups_url: str | None
    store_names: bool
    store_emails: bool


def refresh(settings: Settings, database: Database, payload: Mapping[str, Any]) -> None:
    """Read the roster of a course and apply it.

    A read that fails is not repeated here: a later request repeats it from the first page.
    """
    course_id = int(payload["course"])
    source = _source(database, course_id)
    if source is None:
        _record(database, course_id, problem=Problem.NOT_OFFERED)
        return
    registration_id = source.registration.stored_id

    def erased(connection: Connection, subjects: Sequence[str]) -> set[str]:
        return erasures.erased_among(connection, settings.secret_key, registration_id, subjects)

    lacks_instructors = source.registration.profile.roster_lacks_instructors
    read = RosterRead(
        registration_id, course_id, now(), excluded=erased, lacks_instructors=lacks_instructors
    )
    try:
        connector = connector_for(settings, database, source.registration)
        read = replace(read, groups=_groups(connector, source, database))
        invalid = _apply_pages(connector, source, read, database)
    except ServiceError as error:
        log.warning("the roster of course %s was not read: %s", course_id, error)
        _record(database, course_id, problem=problem_of(error))
        return
    if invalid:
        log.warning("the roster of course %s has %s invalid entries", course_id, invalid)
        _record(database, course_id, problem=Problem.INVALID)
        return
    with database.write_core() as connection:
        result = members.finish(connection, read)
    if not result.listed:
        _record(database, course_id, problem=Problem.EMPTY)
        return
    names = ("read_at", "renewed_at") if result.renewed else ("read_at",)
    _record(database, course_id, dict.fromkeys(names, read.started))


def _source(database: Database, course_id: int) -> _Source | None:
    """Where the roster is read; None if the platform offers none, or is not active."""
    query = (
        select(Course, Deployment, RegistrationRow)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .join(RegistrationRow, RegistrationRow.id == Deployment.registration_id)
        .where(Course.id == course_id)
    )
    with database.read() as session:
        row = session.execute(query).first()
        if row is None:
            return None
        course, deployment, registration = row
        if course.memberships_url is None or inactive(registration.status, deployment.status):
            return None
        return _Source(
            course_id,
            from_row(registration),
            course.memberships_url,
            course.groups_url,
            registration.store_names,
            registration.store_emails,
        )


def _groups(
    connector: PlatformConnector, source: _Source, database: Database
) -> dict[str, list[int]] | None:
    """Read and store the groups of the LMS; None where it offers none, or they cannot be read."""
    if source.groups_url is None:
        return None
    try:
        found = list_groups(connector, GroupService(source.groups_url, None, ()))
    except ServiceError as error:
        log.warning("the groups of a course were not read: %s", error)
        return None
    if not found.complete:
        return None
    listed = {group.id: (group.name, group.set_id) for group in found.groups[:MAX_GROUPS]}
    with database.write_core() as connection:
        return members.store_groups(connection, source.course_id, listed)


def _apply_pages(
    connector: PlatformConnector, source: _Source, read: RosterRead, database: Database
) -> int:
    """Apply every page; return the number of invalid entries. Raises ServiceError."""
    invalid = 0
    for page in roster_pages(connector, RosterService(source.memberships_url)):
        invalid += page.invalid
        for some in members.chunks([_stored(member, source) for member in page.members]):
            with database.write_core() as connection:
                members.apply_members(connection, read, some)
    return invalid


def _stored(member: Member, source: _Source) -> Member:
    """The member without what the institution does not want to be stored."""
    user = member.user
    if not source.store_names:
        user = replace(user, name=None, given_name=None, family_name=None)
    if not source.store_emails:
        user = replace(user, email=None)
    return replace(member, user=user)


def _record(
    database: Database,
    course_id: int,
    moments: Mapping[str, datetime] | None = None,
    *,
    problem: str | None = None,
) -> None:
    values = {"requested_at": None, "tried_at": now(), "problem": problem, **(moments or {})}
    with database.write_core() as connection:
        connection.execute(
            update(CourseRoster).where(CourseRoster.course_id == course_id).values(**values)
        )
