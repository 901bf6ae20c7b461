"""Open edX. https://github.com/openedx/xblock-lti-consumer.

A unit has one registration of its own (issuer, client id, deployment ``1``), entered manually in
Studio. There is no dynamic registration, and the redirect URI must match exactly.
"""

from courseware.i18n.marking import N_
from lti_tool.lti.platform_profile import PlatformProfile, SetupSketch
from lti_tool.lti.service_log import GRADES, ROSTER

OPENEDX = PlatformProfile(
    product="openedx",
    display_name="Open edX",
    dynamic_registration=False,
    sketch=SetupSketch(
        ("Studio", "Unit", "LTI Consumer", "Edit"),
        (
            ("LTI Version", "LTI 1.3"),
            ("Tool Launch URL", "launch"),
            ("Tool Initiate Login URL (OIDC)", "login"),
            ("Tool Keyset URL", "keys"),
        ),
        "Save",
    ),
    add_steps=(
        N_("In Studio, open Settings, Advanced Settings, and add “lti_consumer” to the modules."),
        N_("Add an “LTI Consumer” component to a unit, and set its version to LTI 1.3."),
        N_("Enter the values below: launch URL, login URL and key set URL."),
        N_(
            "Save, and send the operator of Minga the client ID, the deployment ID and the URLs "
            "that the component then shows."
        ),
    ),
    service_settings={
        GRADES: N_("In the component: “LTI Assignment and Grades Service”, Programmatic."),
        ROSTER: N_("The operator of Open edX allows it for the course: NRPS."),
    },
)
