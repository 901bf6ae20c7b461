"""Choose the module of a placement, and answer a deep-linking request with modules."""

import json
from collections.abc import Sequence

from sqlalchemy import update

from courseware.module import Module
from lti_tool.institution.model import Deployment
from lti_tool.institution.service import Known, RegistrationBook
from lti_tool.launches.model import Placement
from lti_tool.launches.visit import CurrentVisit
from lti_tool.lti.launch import DeepLinkingSettings
from lti_tool.storage.database import Database


def choose_module(database: Database, visit: CurrentVisit, module: Module) -> None:
    """Put a module in the visit's placement.

    The choice reaches every open visit of the placement with its next request, and outlives what
    the placement's link says.
    """
    with database.write() as session:
        session.execute(
            update(Placement)
            .where(Placement.id == visit.placement_id)
            .values(module_id=module.id, module_source="instructor")
        )


def deep_linking_settings(visit: CurrentVisit) -> DeepLinkingSettings | None:
    """What the platform asked for, if the visit came from a deep-linking request."""
    if visit.deep_linking is None:
        return None
    kept = json.loads(visit.deep_linking)
    for name in ("accept_types", "accept_targets"):
        kept[name] = tuple(kept[name])
    return DeepLinkingSettings(**kept)


def chosen_modules(library: Sequence[Module], wanted: Sequence[str]) -> list[Module]:
    """The modules of these ids, in the library's order; unknown ids are left out."""
    return [module for module in library if module.id in set(wanted)]


def place_of(database: Database, visit: CurrentVisit) -> tuple[Known, str]:
    """The registration and the deployment id that the visit came through."""
    with database.read() as session:
        deployment = session.get_one(Deployment, visit.deployment_id)
    return RegistrationBook(database).by_id(visit.registration_id), deployment.deployment_id
