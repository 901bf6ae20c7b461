"""Canvas. https://developerdocs.instructure.com/services/canvas/external-tools/lti."""

import re
from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any

from lti_tool.lti.launch import Launch
from lti_tool.lti.registration import Registration
from lti_tool.lti.urls import origin
from lti_tool.platforms.profile import PlatformProfile, Reminder

_KEYS = "https://canvas.instructure.com/lti/"
_HOSTED = re.compile(r"https://canvas(\.beta|\.test)?\.instructure\.com")
_TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
_MASQUERADE = "canvas_masquerading_user_id"


def is_hosted(issuer: str) -> bool:
    """Whether the issuer is Instructure's own, which all its institutions share.

    https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.lti_launch_overview
    """
    return _HOSTED.fullmatch(issuer) is not None


def is_own_record(launch: Launch) -> bool:
    """Neither Student View's test user nor an administrator acting as somebody else.

    The person acting is told by ``$Canvas.masqueradingUser.id``, left unsubstituted otherwise:
    https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.tools_variable_substitutions
    """
    return not launch.roles.test_user and not launch.custom.get(_MASQUERADE)


def configuration_origins(issuer: str) -> tuple[str, ...]:
    """Hosted Canvas serves its configuration from the issuer, its sign-on host and schools' hosts.

    Only for Instructure's own issuers and over HTTPS; a self-hosted Canvas has its own origin.

    https://community.canvaslms.com/t5/The-Product-Blog/Minor-LTI-1-3-Changes-New-OIDC-Auth-Endpoint-Support-for/ba-p/551677
    """
    found = _HOSTED.fullmatch(issuer)
    if found is None:
        return (origin(issuer) or "",)
    sign_on = f"https://sso{found[1] or ''}.canvaslms.com"
    return (issuer, sign_on, "https://*.instructure.com")


def framed_from(registration: Registration) -> tuple[str, ...]:
    """Institutions of hosted Canvas live below one domain; others launch from their own."""
    return ("https://*.instructure.com",) if is_hosted(registration.issuer) else ()


def dress_registration(request: dict[str, Any]) -> dict[str, Any]:
    """Canvas' own keys: who the person is is told in full, and the tool is known by a name.

    https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.registration
    """
    dressed = deepcopy(request)
    configuration = dressed[_TOOL_CONFIGURATION]
    configuration[_KEYS + "privacy_level"] = "public"
    configuration[_KEYS + "tool_id"] = "minga"
    for message in configuration["messages"]:
        message[_KEYS + "display_type"] = "default"
        if "course_navigation" in message.get("placements", ()):
            message[_KEYS + "course_navigation/default_enabled"] = False
    return dressed


_SCORE_EXTRAS: Mapping[str, Any] = MappingProxyType(
    # Without it every score makes a new submission of the participant's:
    # https://developerdocs.instructure.com/services/canvas/resources/score
    {_KEYS + "submission": {"new_submission": False}}
)

CANVAS = PlatformProfile(
    product="canvas",
    is_own_record=is_own_record,
    score_extras=_SCORE_EXTRAS,
    configuration_origins=configuration_origins,
    framed_from=framed_from,
    dress_registration=dress_registration,
    custom_parameters={_MASQUERADE: "$Canvas.masqueradingUser.id"},
    placements={"LtiDeepLinkingRequest": ("assignment_selection", "link_selection")},
    reminders=(Reminder.ENABLE_TOOL,),
    shares_issuer=True,
)
