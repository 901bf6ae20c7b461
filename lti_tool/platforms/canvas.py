"""Canvas. https://developerdocs.instructure.com/services/canvas/external-tools/lti."""

import re
from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any

from courseware.i18n.marking import N_
from lti_tool.lti.dynamic_registration import DataChoice, ToolDescription
from lti_tool.lti.launch import Launch
from lti_tool.lti.platform_profile import PlatformProfile, SetupSketch
from lti_tool.lti.service_log import GRADES, ROSTER
from lti_tool.lti.urls import origin

_EXTENSION = "https://canvas.instructure.com/lti/"
_HOSTED = re.compile(r"https://canvas(\.beta|\.test)?\.instructure\.com")
_HOSTED_SITES = "https://*.instructure.com"
_TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
_MASQUERADING_USER = "canvas_masquerading_user_id"
_ASSIGNMENT = "canvas_assignment_id"
_THROTTLE_SECONDS = 60
_TOOL_ID = "minga"
CUSTOM_PARAMETERS: Mapping[str, str] = MappingProxyType(
    {
        _MASQUERADING_USER: "$Canvas.masqueradingUser.id",
        _ASSIGNMENT: "$Canvas.assignment.id",
    }
)
PLACEMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "LtiDeepLinkingRequest": ("assignment_selection", "link_selection"),
        # Administrators only see it: it opens the institution's pages.
        "LtiResourceLinkRequest": ("account_navigation",),
    }
)


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


def shared_client(issuer: str, configuration_url: str | None) -> bool:
    """A key of hosted Canvas may be inherited by many accounts, unless it registered itself."""
    return is_hosted(issuer) and configuration_url is None


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
    """Add Canvas' own members: personal data in launches as asked for, a tool id, and placements.

    https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.registration
    """
    extended = deepcopy(request)
    configuration = extended[_TOOL_CONFIGURATION]
    claims = configuration["claims"]
    configuration[_EXTENSION + "privacy_level"] = privacy_level("name" in claims, "email" in claims)
    configuration[_EXTENSION + "tool_id"] = _TOOL_ID
    for message in configuration["messages"]:
        message[_EXTENSION + "display_type"] = "default"
        if "course_navigation" in message.get("placements", ()):
            message[_EXTENSION + "course_navigation/default_enabled"] = False
    return extended


def privacy_level(names: bool, emails: bool) -> str:
    """The privacy level that sends names, e-mail addresses, both or neither."""
    if names:
        return "public" if emails else "name_only"
    return "email_only" if emails else "anonymous"


def developer_key(tool: ToolDescription) -> dict[str, Any]:
    """The JSON configuration of a developer key, for an administrator to paste or to link.

    https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.lti_dev_key_config
    """
    title, description = tool.names[tool.language], tool.descriptions[tool.language]
    placements = [
        {
            "placement": placement,
            "message_type": message.type,
            "target_link_uri": message.target_link_uri,
            "text": message.labels[tool.language],
            "icon_url": tool.icon_uri,
            "enabled": True,
        }
        for message in tool.messages
        for placement in PLACEMENTS.get(message.type, ())
    ]
    data: DataChoice = tool.data
    return {
        "title": title,
        "description": description,
        "oidc_initiation_url": tool.login_uri,
        "target_link_uri": tool.launch_uri,
        "redirect_uris": [tool.launch_uri, *tool.redirect_uris],
        "public_jwk_url": tool.jwks_uri,
        "scopes": list(data.scopes),
        "custom_fields": {**tool.custom_parameters, **CUSTOM_PARAMETERS},
        "extensions": [
            {
                "domain": tool.domain,
                "tool_id": _TOOL_ID,
                "platform": "canvas.instructure.com",
                "privacy_level": privacy_level(data.names, data.emails),
                "settings": {
                    "text": title,
                    "icon_url": tool.icon_uri,
                    "selection_width": 800,
                    "selection_height": 600,
                    "placements": placements,
                },
            }
        ],
    }


_SCORE_EXTENSIONS: Mapping[str, Any] = MappingProxyType(
    # Without the first, every score makes a new submission of the student's; the second keeps a
    # grade where the score has none; the third keeps a grade that an instructor has given:
    # https://developerdocs.instructure.com/services/canvas/resources/score
    {
        _EXTENSION + "submission": {
            "new_submission": False,
            "preserve_score": True,
            "prioritize_non_tool_grade": True,
        }
    }
)

_REASONS = (
    ("timestamp", "outdated"),
    ("conclude", "concluded"),
    ("attempt", "attempts"),
    ("publish", "unpublished"),
    ("student", "not_a_learner"),
)


def refusal_reason(status: int, body: str) -> str | None:
    """Why a score is refused: Canvas answers 400 or 422 for each reason, with a sentence.

    https://github.com/instructure/canvas-lms, app/controllers/lti/ims/scores_controller.rb
    """
    if status not in (400, 422):
        return None
    text = body.lower()
    return next((reason for word, reason in _REASONS if word in text), None)


def activity_url(launch: Launch) -> str | None:
    """The assignment, else the course, from the return URL and a custom parameter.

    https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.tools_variable_substitutions
    """
    course = re.match(
        r"https?://[^/?#]+/courses/\d+(?=[/?#]|$)", launch.presentation.return_url or ""
    )
    if course is None:
        return None
    assignment = launch.custom.get(_ASSIGNMENT, "")
    if re.fullmatch(r"\d{1,20}", assignment, re.ASCII):
        return f"{course[0]}/assignments/{assignment}"
    return course[0]


CANVAS = PlatformProfile(
    product="canvas",
    display_name="Canvas",
    acts_as_self=acts_as_self,
    shared_client=shared_client,
    activity_url=activity_url,
    score_extensions=_SCORE_EXTENSIONS,
    # A score without points, or with another gradingProgress than FullyGraded or PendingManual,
    # sets the grade to none, unless preserve_score is known there; and each comment is a new one:
    # app/controllers/lti/ims/scores_controller.rb.
    progress_clears_grade=True,
    announces_submissions=True,
    comments_accumulate=True,
    refusal_reason=refusal_reason,
    throttle_delay=throttle_delay,
    configuration_origins=configuration_origins,
    vendor_frame_origins=vendor_frame_origins,
    # https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.lti_window_post_message
    placement_claim="https://www.instructure.com/placement",
    full_window_message="requestFullWindowLaunch",
    # https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.registration
    name_member=_EXTENSION + "account_name",
    extend_registration_request=extend_registration_request,
    custom_parameters=CUSTOM_PARAMETERS,
    placements=PLACEMENTS,
    # https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.registration
    sketch=SetupSketch(
        ("Admin", "Apps", "Manage", "Install a New App"),
        (
            ("", "LTI 1.3"),
            ("", "Dynamic Registration"),
            ("Dynamic Registration URL", "registration"),
        ),
    ),
    add_steps=(
        N_("Open Admin, Apps, Manage, and select “Install a New App”."),
        N_("Choose LTI 1.3 and Dynamic Registration, and paste the registration URL."),
        N_("A page of Minga opens: select “Register Minga”, and review what Canvas shows."),
    ),
    setup_steps=(N_("Open the tool's settings and turn it on."),),
    # https://github.com/WikiEducationFoundation/WikiEduDashboard/pull/6934
    after_adding=N_("Canvas shows new assignments to students once you have published them."),
    service_settings={
        GRADES: N_(
            "In the developer key or the permissions of the app, allow to create and view "
            "assignment data, and to create and view submission results."
        ),
        ROSTER: N_(
            "In the developer key or the permissions of the app, allow to retrieve user data "
            "associated with the context the tool is installed in."
        ),
    },
)
