"""Choose the module of a placement, and answer a deep-linking request with modules."""

import json
from collections.abc import Sequence

from sqlalchemy import update

from courseware.module import Module
from lti_tool.directory.course_model import ResourceLink
from lti_tool.directory.registration_model import Deployment
from lti_tool.directory.registrations import RegistrationBook
from lti_tool.lti.launch import DeepLinkingSettings
from lti_tool.lti.registration import Registration
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database


def choose_module(database: Database, launch_session: CurrentSession, module: Module) -> None:
    """Put a module in the visit's placement.

    The choice reaches every open visit of the placement with its next request, and outlives what
    the placement's link says.
    """
    with database.write() as session:
        session.execute(
            update(ResourceLink)
            .where(ResourceLink.id == launch_session.resource_link_id)
            .values(module_id=module.id, module_source="instructor")
        )


def deep_linking_settings(launch_session: CurrentSession) -> DeepLinkingSettings | None:
    """What the platform asked for, if the visit came from a deep-linking request."""
    if launch_session.deep_linking is None:
        return None
    kept = json.loads(launch_session.deep_linking)
    for name in ("accept_types", "accept_targets"):
        kept[name] = tuple(kept[name])
    return DeepLinkingSettings(**kept)


def chosen_modules(library: Sequence[Module], wanted: Sequence[str]) -> list[Module]:
    """The modules of these ids, in the library's order; unknown ids are left out."""
    return [module for module in library if module.id in set(wanted)]


def place_of(database: Database, launch_session: CurrentSession) -> tuple[Registration, str]:
    """The registration and the deployment id that the visit came through."""
    with database.read() as session:
        deployment = session.get_one(Deployment, launch_session.deployment_id)
    return RegistrationBook(database).by_id(
        launch_session.registration_id
    ), deployment.deployment_id
