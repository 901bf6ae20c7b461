"""Blackboard Learn. https://docs.anthology.com/docs/lti/."""

from lti_tool.lti.platform_profile import PlatformProfile
from lti_tool.lti.urls import origin
from lti_tool.platforms.marking import N_

ISSUER = "https://blackboard.com"
_HOSTED_SITES = "https://*.blackboard.com"


def configuration_origins(issuer: str) -> tuple[str, ...]:
    """One issuer serves every site; the developer portal registers tools for it.

    https://docs.anthology.com/docs/lti/registration-deployment
    """
    return (ISSUER, _HOSTED_SITES) if issuer == ISSUER else (origin(issuer) or "",)


def vendor_frame_origins(issuer: str) -> tuple[str, ...]:
    """Sites that Blackboard hosts. The origin of any other site comes with its first launch."""
    return (_HOSTED_SITES,) if issuer == ISSUER else ()


BLACKBOARD = PlatformProfile(
    product="blackboardlearn",
    display_name="Blackboard",
    configuration_origins=configuration_origins,
    vendor_frame_origins=vendor_frame_origins,
    # The login has no lti_storage_target, although the platform may support storage.
    storage_target_by_capabilities=True,
    setup_steps=(N_("Add the tool to your site and approve it by its client ID."),),
)
