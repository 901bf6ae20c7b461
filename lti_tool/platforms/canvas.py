"""Canvas. https://developerdocs.instructure.com/services/canvas/external-tools/lti."""

import re
from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any

from lti_tool.lti.launch import Launch
from lti_tool.lti.platform_profile import PlatformProfile
from lti_tool.lti.urls import origin
from lti_tool.platforms.marking import N_

_EXTENSION = "https://canvas.instructure.com/lti/"
_HOSTED = re.compile(r"https://canvas(\.beta|\.test)?\.instructure\.com")
_HOSTED_SITES = "https://*.instructure.com"
_TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
_MASQUERADING_USER = "canvas_masquerading_user_id"
_THROTTLE_SECONDS = 60


def is_hosted(issuer: str) -> bool:
    """Whether the issuer is Instructure's own, which all institutions that it hosts share.

    https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.lti_launch_overview
    """
    return _HOSTED.fullmatch(issuer) is not None


def acts_as_self(launch: Launch) -> bool:
    """False where an administrator acts as the user ("masquerading").

    ``$Canvas.masqueradingUser.id`` is then the administrator's id, and is otherwise left
    unsubstituted:
    https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.tools_variable_substitutions
    """
    return not launch.custom.get(_MASQUERADING_USER)


def throttle_delay(status: int, headers: Mapping[str, str]) -> int | None:
    """Seconds to wait: Canvas throttles with a 403 that says that no quota remains.

    https://developerdocs.instructure.com/services/canvas/basics/file.throttling
    """
    remaining = headers.get("x-rate-limit-remaining", "")
    if status == 403 and re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?", remaining, re.ASCII):
        return _THROTTLE_SECONDS if float(remaining) < 1 else None
    return None


def configuration_origins(issuer: str) -> tuple[str, ...]:
    """Hosted Canvas serves its configuration from the issuer, its sign-on host and schools' hosts.

    Only for Instructure's own issuers and over HTTPS; a self-hosted Canvas has its own origin.

    https://community.canvaslms.com/t5/The-Product-Blog/Minor-LTI-1-3-Changes-New-OIDC-Auth-Endpoint-Support-for/ba-p/551677
    """
    found = _HOSTED.fullmatch(issuer)
    if found is None:
        return (origin(issuer) or "",)
    return (issuer, f"https://sso{found[1] or ''}.canvaslms.com", _HOSTED_SITES)


def vendor_frame_origins(issuer: str) -> tuple[str, ...]:
    """Institutions of hosted Canvas are below one domain; others launch from their own."""
    return (_HOSTED_SITES,) if is_hosted(issuer) else ()


def extend_registration_request(request: dict[str, Any]) -> dict[str, Any]:
    """Add Canvas' own members: full personal data in launches, a tool id, and placements.

    https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.registration
    """
    extended = deepcopy(request)
    configuration = extended[_TOOL_CONFIGURATION]
    configuration[_EXTENSION + "privacy_level"] = "public"
    configuration[_EXTENSION + "tool_id"] = "minga"
    for message in configuration["messages"]:
        message[_EXTENSION + "display_type"] = "default"
        if "course_navigation" in message.get("placements", ()):
            message[_EXTENSION + "course_navigation/default_enabled"] = False
    return extended


_SCORE_EXTENSIONS: Mapping[str, Any] = MappingProxyType(
    # Without it every score makes a new submission of the student's:
    # https://developerdocs.instructure.com/services/canvas/resources/score
    {_EXTENSION + "submission": {"new_submission": False}}
)

CANVAS = PlatformProfile(
    product="canvas",
    display_name="Canvas",
    acts_as_self=acts_as_self,
    score_extensions=_SCORE_EXTENSIONS,
    throttle_delay=throttle_delay,
    configuration_origins=configuration_origins,
    vendor_frame_origins=vendor_frame_origins,
    # https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.registration
    name_member=_EXTENSION + "account_name",
    extend_registration_request=extend_registration_request,
    custom_parameters={_MASQUERADING_USER: "$Canvas.masqueradingUser.id"},
    placements={"LtiDeepLinkingRequest": ("assignment_selection", "link_selection")},
    setup_steps=(N_("Open the tool's settings and turn it on."),),
)
