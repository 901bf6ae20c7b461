"""Sakai. https://github.com/sakaiproject/sakai."""

from lti_tool.lti.platform_profile import PlatformProfile
from lti_tool.platforms.marking import N_

SAKAI = PlatformProfile(
    product="sakai",
    display_name="Sakai",
    setup_steps=(N_("Open the tool's settings and turn it on."),),
)
