"""D2L Brightspace. https://docs.valence.desire2learn.com/res/ltiadvantage.html."""

from lti_tool.lti.platform_profile import PlatformProfile
from lti_tool.platforms.marking import N_

TOKEN_AUDIENCE = "https://api.brightspace.com/auth/token"  # noqa: S105 - a URL
"""The same for all sites, whatever their token endpoint.

https://github.com/hypothesis/lms/tree/main/lms/product/d2l
"""

BRIGHTSPACE = PlatformProfile(
    product="desire2learn",
    display_name="Brightspace",
    token_audience=TOKEN_AUDIENCE,
    setup_steps=(N_("Add a deployment for the courses that can use the tool."),),
)
