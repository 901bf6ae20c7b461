"""Choose the module of a resource link, or the modules of a deep-linking response."""

import json
from collections.abc import Sequence

from sqlalchemy import update

from courseware.module import Module
from lti_tool.directory.model import Deployment, ResourceLink
from lti_tool.directory.registrations import RegistrationBook
from lti_tool.lti.launch import DeepLinkingSettings
from lti_tool.lti.registration import Registration
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database


def choose_module(database: Database, launch_session: CurrentSession, module: Module) -> None:
    """Set the module of the session's resource link.

    The choice applies to every open session of the resource link from its next request. It takes
    precedence over the module that the link names, until the LMS has another module selected.
    """
    with database.write() as session:
        session.execute(
            update(ResourceLink)
            .where(ResourceLink.id == launch_session.resource_link_id)
            .values(module_id=module.id, module_source="instructor")
        )


def deep_linking_settings(launch_session: CurrentSession) -> DeepLinkingSettings | None:
    """The settings of the deep-linking request that opened the session, if one did."""
    if launch_session.deep_linking is None:
        return None
    values = json.loads(launch_session.deep_linking)
    for name in ("accept_types", "accept_targets"):
        values[name] = tuple(values[name])
    return DeepLinkingSettings(**values)


def modules_by_ids(library: Sequence[Module], ids: Sequence[str]) -> list[Module]:
    """The modules with these IDs, in the library's order; unknown IDs are ignored."""
    return [module for module in library if module.id in set(ids)]


def registration_of(database: Database, launch_session: CurrentSession) -> tuple[Registration, str]:
    """The registration of the session, and the platform's ID of its deployment."""
    with database.read() as session:
        deployment = session.get_one(Deployment, launch_session.deployment_id)
    registration = RegistrationBook(database).by_id(launch_session.registration_id)
    return registration, deployment.deployment_id
