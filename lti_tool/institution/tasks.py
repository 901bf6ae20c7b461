"""The tasks of the worker: count usage, delete what is not to be stored, remove institutions."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, exists, select, update

from lti_tool.directory.model import Course, Deployment, Membership, RegistrationRow, User
from lti_tool.directory.registration_join import join_registrations
from lti_tool.directory.sort_names import rename
from lti_tool.discussion import withdrawal
from lti_tool.institution import service
from lti_tool.institution.usage import count_usage
from lti_tool.settings import Settings
from lti_tool.storage.database import Database
from lti_tool.tasks.outbox import Handler

log = logging.getLogger(__name__)

_CHUNK = 200
"""Users whose rows one transaction changes or deletes, so that others can write in between."""
_COLUMNS = {"name": User.name, "email": User.email}


def handlers(_: Settings) -> Mapping[str, Handler]:
    """Return the handlers of the outbox kinds of this package."""
    return {service.REMOVE: remove, service.FORGET: forget, service.JOIN: join}


def purge(_: Settings, database: Database) -> None:
    """Count the usage of today and yesterday."""
    count_usage(database)


def forget(database: Database, payload: Mapping[str, Any]) -> None:
    """Delete the names or the e-mail addresses of all users of a registration."""
    registration_id, column = int(payload["registration"]), _COLUMNS[payload["column"]]
    while True:
        with database.write_core() as connection:
            flag = {
                "name": RegistrationRow.store_names,
                "email": RegistrationRow.store_emails,
            }[payload["column"]]
            query = select(flag).where(RegistrationRow.id == registration_id)
            if connection.scalar(query) is not False:
                return  # the institution has changed its mind, or is gone
            some = (
                select(User.id)
                .where(User.registration_id == registration_id, column.is_not(None))
                .limit(_CHUNK)
            )
            ids = list(connection.scalars(some))
            if not ids:
                return
            connection.execute(update(User).where(User.id.in_(ids)).values({column: None}))
            if column is User.name:
                rename(connection, dict.fromkeys(ids))


def join(database: Database, payload: Mapping[str, Any]) -> None:
    """Join a former registration; an interrupted task goes on where it stopped."""
    old, new = int(payload["old"]), int(payload["new"])
    join_registrations(database, old, new)
    log.info("registration %s was joined to %s", old, new)


def remove(database: Database, payload: Mapping[str, Any]) -> None:
    """Remove an institution with everything that belongs to it, in many small transactions."""
    registration_id, deployment_id = int(payload["registration"]), payload["deployment"]
    own = Deployment.registration_id == registration_id
    if deployment_id is not None:
        own = Deployment.id == int(deployment_id)
        withdrawal.remove_of_deployment(database, int(deployment_id))
    else:
        withdrawal.remove_of_registration(database, registration_id)
    courses = select(Course.id).join(Deployment, Deployment.id == Course.deployment_id).where(own)
    while True:
        with database.write_core() as connection:
            course_id = connection.scalar(courses.limit(1))
            if course_id is None:
                break
            members = select(Membership.user_id).where(Membership.course_id == course_id)
            ids = list(connection.scalars(members))
            connection.execute(delete(Course).where(Course.id == course_id))
        _remove_users(database, ids)
    with database.write_core() as connection:
        connection.execute(delete(Deployment).where(own))
    if deployment_id is None:
        _remove_registration(database, registration_id)
    log.info("an institution was removed: registration %s", registration_id)


def _remove_registration(database: Database, registration_id: int) -> None:
    users = select(User.id).where(User.registration_id == registration_id).limit(_CHUNK)
    while True:
        with database.write_core() as connection:
            ids = list(connection.scalars(users))
            if not ids:
                break
            connection.execute(delete(User).where(User.id.in_(ids)))
    with database.write_core() as connection:
        connection.execute(delete(RegistrationRow).where(RegistrationRow.id == registration_id))


def _remove_users(database: Database, ids: Sequence[int]) -> None:
    """Delete those of these users who are in no course any more."""
    for start in range(0, len(ids), _CHUNK):
        some = User.id.in_(ids[start : start + _CHUNK])
        with database.write_core() as connection:
            in_course = exists().where(Membership.user_id == User.id)
            connection.execute(delete(User).where(some, ~in_course))
