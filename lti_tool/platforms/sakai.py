"""Sakai. https://github.com/sakaiproject/sakai."""

from courseware.i18n.marking import N_
from lti_tool.lti.platform_profile import PlatformProfile, SetupSketch
from lti_tool.lti.service_log import GRADES, ROSTER

SAKAI = PlatformProfile(
    product="sakai",
    display_name="Sakai",
    # https://github.com/sakaiproject/sakai/blob/master/plus/docs
    sketch=SetupSketch(
        (
            *("Administration Workspace", "External Tools", "LTI Advantage Auto Provision"),
            *("Auto-Provision", "Use LTI Advantage Auto Configuration"),
        ),
        (("", "registration"),),
    ),
    add_steps=(
        N_("Open Administration Workspace, External Tools, LTI Advantage Auto Provision."),
        N_("Enter a title, select “Auto-Provision”, then “Use LTI Advantage Auto Configuration”."),
        N_("Paste the registration URL. A page of Minga opens: select “Register Minga”."),
    ),
    setup_steps=(
        N_(
            "In the settings of the tool, allow names, e-mail addresses, the list of participants, "
            "and “create grade columns”."
        ),
        N_("Open the tool's settings and turn it on."),
    ),
    service_settings={
        GRADES: N_("In the settings of the tool: “Allow External Tool to create grade columns”."),
        ROSTER: N_("In the settings of the tool: “Provide Roster to External Tool”."),
    },
)
