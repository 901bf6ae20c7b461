"""Parse the claims of a verified id_token into a ``Launch``.

LTI Core 1.3 §5.3 and §5.4 (https://www.imsglobal.org/spec/lti/v1p3/#required-message-claims), Deep
Linking 2.0 §4.4, Submission Review 1.0 §3, Data Privacy Launch 1.0. Personal data that the tool
does not use (``lis``, ``ext``, ``picture``, sourced ids) is not read.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from lti_tool.lti import claim_names
from lti_tool.lti.claims import (
    TARGETS,
    Claims,
    identifier,
    invalid_claim,
    json_object,
    missing_claim,
    optional_identifier,
    required_string_list,
    string,
    url,
)
from lti_tool.lti.copy_history import CONTEXT, RESOURCE_LINK, read_history
from lti_tool.lti.launch import (
    Launch,
    LaunchCourse,
    LaunchPresentation,
    LaunchResourceLink,
    LaunchUser,
    MessageType,
    Roles,
    ToolPlatform,
)
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.roles import read_roles
from lti_tool.lti.sanitize import clean, is_identifier, is_variable
from lti_tool.lti.service_claims import (
    parse_ags_endpoint,
    parse_deep_linking_settings,
    parse_groups_service,
    parse_names_role_service,
    parse_notification_service,
)

NAME_LIMIT = 255
ENCODED_NAME_LIMIT = 6 * NAME_LIMIT
"""Characters of a name in which the platform has encoded characters (``&quot;``)."""
EMAIL_LIMIT = 254
"""RFC 5321 §4.5.3.1.3. A longer e-mail address is treated as absent."""
TITLE_LIMIT = 500
PLACEMENT_LIMIT = 60
CUSTOM_LIMIT = 200
"""Custom parameters that are read; each value has at most ``CUSTOM_VALUE_LIMIT`` characters."""
CUSTOM_VALUE_LIMIT = 4096

_MESSAGES: dict[str, MessageType] = {
    "LtiResourceLinkRequest": "LtiResourceLinkRequest",
    "LtiDeepLinkingRequest": "LtiDeepLinkingRequest",
    "LtiSubmissionReviewRequest": "LtiSubmissionReviewRequest",
    "DataPrivacyLaunchRequest": "DataPrivacyLaunchRequest",
    # The name that later specifications give it, like those of the other messages.
    "LtiDataPrivacyLaunchRequest": "DataPrivacyLaunchRequest",
}


ReadHistory = Callable[[str, str], tuple[str, ...]]
"""From a history variable and the launch's own ID to the IDs that the variable lists."""

_ABOUT_USER = ("LtiSubmissionReviewRequest", "DataPrivacyLaunchRequest")


def parse_launch(
    claims: dict[str, Any], registration: Registration, *, issued_at: int, expires_at: int
) -> Launch:
    """Parse the claims of a message. Raises Refused."""
    message = _message_type(claims)
    custom = json_object(claims, claim_names.CUSTOM) or {}
    vendor = registration.profile.history_claim
    history = partial(
        read_history,
        custom=custom,
        platform_claim=(json_object(claims, vendor) if vendor else None) or {},
    )
    launch = Launch(
        message_type=message,
        issuer=registration.issuer,
        client_id=registration.client_id,
        deployment_id=identifier(claims, claim_names.DEPLOYMENT_ID),
        target_link_uri=claims[claim_names.TARGET_LINK_URI],
        nonce=identifier(claims, "nonce"),
        issued_at=issued_at,
        expires_at=expires_at,
        user=_user(claims, registration.profile.decode_name),
        roles=_roles(claims),
        course=_course(claims, history),
        resource_link=_resource_link(claims, history, required=message == "LtiResourceLinkRequest"),
        presentation=_presentation(claims),
        platform=_platform(claims),
        grades=parse_ags_endpoint(claims),
        roster=parse_names_role_service(claims),
        deep_linking=parse_deep_linking_settings(claims)
        if message == "LtiDeepLinkingRequest"
        else None,
        reviewed_subject=_for_user(claims) if message in _ABOUT_USER else None,
        groups=parse_groups_service(claims),
        notices=parse_notification_service(claims),
        custom=_custom(custom),
        placement=string(claims, registration.profile.placement_claim, PLACEMENT_LIMIT),
    )
    _check_message(launch)
    return launch


def _message_type(claims: Claims) -> MessageType:
    value = claims.get(claim_names.MESSAGE_TYPE)
    if value is None:
        raise missing_claim(claim_names.MESSAGE_TYPE)
    if not isinstance(value, str):
        raise invalid_claim(claim_names.MESSAGE_TYPE)
    if value not in _MESSAGES:
        raise Refused(Code.WRONG_MESSAGE_TYPE, message_type=clean(value, 80))
    return _MESSAGES[value]


def _check_message(launch: Launch) -> None:
    """Check the claims that only one message type requires. Raises Refused."""
    if launch.message_type == "LtiSubmissionReviewRequest":
        if launch.reviewed_subject is None:
            raise missing_claim(claim_names.FOR_USER)
        if launch.grades is None or launch.grades.line_item is None:
            raise missing_claim(f"{claim_names.AGS_ENDPOINT}.lineitem")
    elif launch.message_type == "DataPrivacyLaunchRequest" and launch.reviewed_subject is None:
        raise missing_claim(claim_names.FOR_USER)


def _user(claims: Claims, decode_name: Callable[[str], str]) -> LaunchUser:
    email = string(claims, "email", EMAIL_LIMIT + 1)
    return LaunchUser(
        subject=optional_identifier(claims, "sub"),
        name=read_name(claims, "name", decode_name),
        given_name=read_name(claims, "given_name", decode_name),
        family_name=read_name(claims, "family_name", decode_name),
        email=email if email and len(email) <= EMAIL_LIMIT and "@" in email else None,
        locale=string(claims, "locale", 35),
    )


def read_name(claims: Claims, member: str, decode_name: Callable[[str], str]) -> str | None:
    """A user's name, decoded as the platform's profile says."""
    name = string(claims, member, ENCODED_NAME_LIMIT)
    return clean(decode_name(name), NAME_LIMIT) or None if name else None


def _roles(claims: Claims) -> Roles:
    return read_roles(uri for uri in required_string_list(claims, claim_names.ROLES) if uri)


def _course(claims: Claims, history: ReadHistory) -> LaunchCourse | None:
    context = json_object(claims, claim_names.CONTEXT)
    if context is None:
        return None
    context_id = identifier(context, "id", "context.id")
    return LaunchCourse(
        id=context_id,
        label=string(context, "label", NAME_LIMIT),
        title=string(context, "title", TITLE_LIMIT),
        history=history(CONTEXT, context_id),
    )


def _resource_link(
    claims: Claims, history: ReadHistory, *, required: bool
) -> LaunchResourceLink | None:
    link = json_object(claims, claim_names.RESOURCE_LINK)
    if link is None:
        if not required:
            return None
        if claims.get(claim_names.RESOURCE_LINK):
            raise invalid_claim(claim_names.RESOURCE_LINK)
        raise missing_claim("resource_link.id")
    link_id = identifier(link, "id", "resource_link.id")
    return LaunchResourceLink(
        id=link_id,
        title=string(link, "title", TITLE_LIMIT),
        history=history(RESOURCE_LINK, link_id),
        lti1p1_id=_lti1p1_id(claims, link_id),
    )


def _lti1p1_id(claims: Claims, link_id: str) -> str | None:
    """The link's ID in LTI 1.1, which histories of a platform that was migrated may name."""
    former = json_object(claims, claim_names.LTI1P1) or {}
    value = former.get("resource_link_id")
    named = isinstance(value, str) and is_identifier(value) and value != link_id
    return value if named else None


def _presentation(claims: Claims) -> LaunchPresentation:
    presentation = json_object(claims, claim_names.LAUNCH_PRESENTATION) or {}
    return LaunchPresentation(
        document_target=TARGETS.get(string(presentation, "document_target", 20) or ""),
        return_url=url(presentation, "return_url"),
        locale=string(presentation, "locale", 35),
    )


def _platform(claims: Claims) -> ToolPlatform:
    platform = json_object(claims, claim_names.TOOL_PLATFORM) or {}
    return ToolPlatform(
        product=string(platform, "product_family_code", 100),
        version=string(platform, "version", 100),
        name=string(platform, "name", NAME_LIMIT),
    )


def _for_user(claims: Claims) -> str | None:
    user = json_object(claims, claim_names.FOR_USER)
    return identifier(user, "user_id", "for_user.user_id") if user else None


def _custom(custom: Claims) -> dict[str, str]:
    """Custom parameters are strings (LTI Core 1.3 §5.4.6); numbers and booleans are converted.

    Unsubstituted variables, nulls and nested values are left out.
    """
    parameters: dict[str, str] = {}
    for name, value in custom.items():
        if isinstance(value, str):
            if is_variable(value):
                continue
            parameters[clean(name, NAME_LIMIT)] = clean(value, CUSTOM_VALUE_LIMIT)
        elif isinstance(value, bool):
            parameters[clean(name, NAME_LIMIT)] = "true" if value else "false"
        elif isinstance(value, int | float):
            parameters[clean(name, NAME_LIMIT)] = repr(value)[:100]
        if len(parameters) == CUSTOM_LIMIT:
            break
    return parameters
