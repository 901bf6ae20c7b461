"""D2L Brightspace. https://docs.valence.desire2learn.com/res/ltiadvantage.html."""

from courseware.i18n.marking import N_
from lti_tool.lti.platform_profile import PlatformProfile, SetupSketch
from lti_tool.lti.service_log import GRADES, ROSTER

TOKEN_AUDIENCE = "https://api.brightspace.com/auth/token"  # noqa: S105 - a URL
"""The same for all sites, also with other token endpoints.

https://github.com/hypothesis/lms/tree/main/lms/product/d2l
"""

BRIGHTSPACE = PlatformProfile(
    product="desire2learn",
    display_name="Brightspace",
    token_audience=TOKEN_AUDIENCE,
    # Has "ResourceLink.id.history" and "Context.id.history":
    # https://github.com/hypothesis/lms/tree/main/lms/product/d2l
    history_claim="http://www.brightspace.com",
    # https://community.d2l.com/brightspace/kb/articles/23662
    one_for_each_domain=True,
    sketch=SetupSketch(
        ("Admin Tools", "Manage Extensibility", "LTI Advantage", "Register Tool"),
        (("", "Dynamic"), ("Dynamic Registration URL", "registration")),
        "Register",
    ),
    add_steps=(
        N_("Open Admin Tools, Manage Extensibility, LTI Advantage, and select “Register Tool”."),
        N_("Choose Dynamic, and paste the registration URL as the URL of the endpoint."),
        N_("A page of Minga opens in a new tab: select “Register Minga”."),
    ),
    setup_steps=(
        N_("Open the registration of the tool and turn it on."),
        N_("Add a deployment for the courses that can use the tool."),
    ),
    service_settings={
        GRADES: N_("In the deployment: Extensions, Assignment and Grade Services."),
        ROSTER: N_("In the deployment: Extensions, Names and Role Provisioning Services."),
    },
)
