"""Choose the module of a resource link, or the modules of a deep-linking response."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from courseware import parts
from courseware.module import Module
from lti_tool.directory.model import Course, Deployment, ResourceLink
from lti_tool.directory.registrations import RegistrationBook
from lti_tool.gradebook import changes
from lti_tool.lti.launch import DeepLinkingSettings
from lti_tool.lti.registration import Registration
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database, now


def choose_module(
    database: Database,
    launch_session: CurrentSession,
    module: Module,
    *,
    part: str = parts.WHOLE,
    language: str | None = None,
) -> None:
    """Set the module of the session's resource link, the part of it, and its language.

    The choice applies to every open session of the resource link from its next request. It takes
    precedence over the module that the link names, until the LMS has another module selected.
    """
    with database.write() as session:
        session.execute(
            update(ResourceLink)
            .where(ResourceLink.id == launch_session.resource_link_id)
            .values(
                module_id=module.id,
                module_source="instructor",
                part=part,
                module_language=language,
                chosen_at=now(),
                copied_from_id=None,
            )
        )
        if launch_session.resource_link_id is not None:
            changes.note_all(session, launch_session.resource_link_id)


def deep_linking_settings(launch_session: CurrentSession) -> DeepLinkingSettings | None:
    """The settings of the deep-linking request that opened the session, if one did."""
    if launch_session.deep_linking is None:
        return None
    values = json.loads(launch_session.deep_linking)
    for name in ("accept_types", "accept_targets", "accept_media_types"):
        values[name] = tuple(values.get(name, ()))
    return DeepLinkingSettings(**values)


def modules_by_ids(library: Sequence[Module], ids: Sequence[str]) -> list[Module]:
    """The modules with these IDs, in the library's order; unknown IDs are ignored."""
    return [module for module in library if module.id in set(ids)]


@dataclass(frozen=True, slots=True)
class Requester:
    """Who sent a deep-linking request: the registration, and the platform's own IDs."""

    registration: Registration
    deployment_id: str
    context_id: str | None


def requester_of(database: Database, launch_session: CurrentSession) -> Requester:
    """Return who sent the deep-linking request that opened the session."""
    with database.read() as session:
        deployment = session.get_one(Deployment, launch_session.deployment_id)
        course = session.get(Course, launch_session.course_id) if launch_session.course_id else None
    registration = RegistrationBook(database).by_id(launch_session.registration_id)
    context_id = course.context_id if course else None
    return Requester(registration, deployment.deployment_id, context_id)


def linked_modules(database: Database, launch_session: CurrentSession) -> dict[str, str | None]:
    """The modules that other activities of the session's course show.

    Each with the URL of the latest of these activities in the LMS, if it is known.
    """
    if launch_session.course_id is None:
        return {}
    with database.read_core() as connection:
        rows = connection.execute(
            select(ResourceLink.module_id, ResourceLink.activity_url)
            .where(
                ResourceLink.course_id == launch_session.course_id,
                ResourceLink.id != (launch_session.resource_link_id or 0),
                ResourceLink.module_id.is_not(None),
            )
            .order_by(ResourceLink.id)
        ).all()
    found: dict[str, str | None] = {}
    for row in rows:
        module_id = str(row.module_id)
        found[module_id] = row.activity_url or found.get(module_id)
    return found
