"""Blackboard Learn. https://docs.anthology.com/docs/lti/."""

from courseware.i18n.marking import N_
from lti_tool.lti.platform_profile import PlatformProfile, SetupSketch
from lti_tool.lti.service_log import GRADES, ROSTER
from lti_tool.lti.urls import origin

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


def shared_client(issuer: str, _configuration_url: str | None) -> bool:
    """A tool is registered once for all sites; a deployment is a site.

    https://docs.anthology.com/docs/lti/registration-deployment
    """
    return issuer == ISSUER


BLACKBOARD = PlatformProfile(
    shared_client=shared_client,
    product="blackboardlearn",
    display_name="Blackboard",
    configuration_origins=configuration_origins,
    vendor_frame_origins=vendor_frame_origins,
    # Without a submission, a user gets 0 at the due date:
    # https://github.com/hypothesis/product-backlog/issues/1750
    announces_submissions=True,
    # The login has no lti_storage_target, although the platform may support storage.
    storage_target_by_capabilities=True,
    one_for_each_domain=True,
    # https://docs.anthology.com/docs/lti/registration-deployment
    sketch=SetupSketch(
        ("developer.anthology.com", "LTI Dynamic Registration"), (("", "registration"),)
    ),
    add_steps=(
        N_("Sign in at developer.anthology.com and select “LTI Dynamic Registration”."),
        N_("Paste the registration URL. A page of Minga opens: select “Register Minga”."),
    ),
    setup_steps=(
        N_("Copy the client ID (Application ID) that the portal shows."),
        N_(
            "On your site, open Administrator Panel, LTI Tool Providers, and select “Register LTI "
            "1.3/Advantage Tool”. Paste the client ID."
        ),
        N_("Set the tool to “Approved”, and allow it to use grades and memberships."),
    ),
    service_settings={
        GRADES: N_("In the settings of the tool: “Allow grade service access”."),
        ROSTER: N_("In the settings of the tool: “Allow Membership Service Access”."),
    },
)
