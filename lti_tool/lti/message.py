"""The claims of a verified token, read into a ``Launch`` group by group.

LTI Core 1.3 §5.3 and §5.4 (https://www.imsglobal.org/spec/lti/v1p3), Deep Linking 2.0 §4.4,
Submission Review 1.0 §3, Data Privacy Launch 1.0. Personal data that the tool never uses
(``lis``, ``ext``, ``picture``, sourced ids) is not read at all.
"""

from typing import Any

from lti_tool.lti import claim_names as names
from lti_tool.lti.claims import (
    TARGETS,
    Claims,
    bad,
    identifier,
    mapping,
    missing,
    optional_identifier,
    text,
    texts,
    url,
)
from lti_tool.lti.launch import (
    Launch,
    LaunchCourse,
    LaunchResourceLink,
    LaunchUser,
    MessageType,
    Platform,
    Presentation,
    Roles,
)
from lti_tool.lti.message_services import (
    read_deep_linking,
    read_grades,
    read_groups,
    read_notices,
    read_roster,
)
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.roles import read_roles
from lti_tool.lti.sanitize import clean, is_variable

NAME_LIMIT = 255
EMAIL_LIMIT = 254
"""RFC 5321 §4.5.3.1.3. A longer one is no address."""
TITLE_LIMIT = 500
CUSTOM_LIMIT = 200
"""Custom parameters that are read; each value has at most ``CUSTOM_VALUE_LIMIT`` characters."""
CUSTOM_VALUE_LIMIT = 4096

_MESSAGES: dict[str, MessageType] = {
    "LtiResourceLinkRequest": "LtiResourceLinkRequest",
    "LtiDeepLinkingRequest": "LtiDeepLinkingRequest",
    "LtiSubmissionReviewRequest": "LtiSubmissionReviewRequest",
    "DataPrivacyLaunchRequest": "DataPrivacyLaunchRequest",
}


def read_message(
    claims: dict[str, Any], registration: Registration, *, issued_at: int, expires_at: int
) -> Launch:
    """The launch that these claims describe. Raises Refused."""
    message = _message_type(claims)
    custom = mapping(claims, names.CUSTOM)
    launch = Launch(
        message_type=message,
        issuer=registration.issuer,
        client_id=registration.client_id,
        deployment_id=identifier(claims, names.DEPLOYMENT_ID),
        target_link_uri=claims[names.TARGET_LINK_URI],
        nonce=identifier(claims, "nonce"),
        issued_at=issued_at,
        expires_at=expires_at,
        user=_user(claims),
        roles=_roles(claims),
        course=_course(claims),
        resource_link=_resource_link(claims, required=message == "LtiResourceLinkRequest"),
        presentation=_presentation(claims),
        platform=_platform(claims),
        grades=read_grades(claims),
        roster=read_roster(claims),
        deep_linking=read_deep_linking(claims) if message == "LtiDeepLinkingRequest" else None,
        reviewed_subject=_reviewed(claims),
        groups=read_groups(claims),
        notices=read_notices(claims),
        custom=_custom(custom) if custom else {},
    )
    _check_message(launch)
    return launch


def _message_type(claims: Claims) -> MessageType:
    value = claims.get(names.MESSAGE_TYPE)
    if value is None:
        raise missing(names.MESSAGE_TYPE)
    if not isinstance(value, str):
        raise bad(names.MESSAGE_TYPE)
    if value not in _MESSAGES:
        raise Refused(Code.WRONG_MESSAGE_TYPE, message_type=clean(value, 80))
    return _MESSAGES[value]


def _check_message(launch: Launch) -> None:
    """What one kind of message needs beyond the others."""
    if launch.message_type == "LtiSubmissionReviewRequest":
        if launch.reviewed_subject is None:
            raise missing(names.FOR_USER)
        if launch.grades is None or launch.grades.line_item is None:
            raise missing(f"{names.GRADE_SERVICE}.lineitem")
    elif launch.message_type == "DataPrivacyLaunchRequest" and launch.reviewed_subject is None:
        raise missing(names.FOR_USER)


def _user(claims: Claims) -> LaunchUser:
    email = text(claims, "email", EMAIL_LIMIT + 1)
    return LaunchUser(
        subject=optional_identifier(claims, "sub"),
        name=text(claims, "name", NAME_LIMIT),
        given_name=text(claims, "given_name", NAME_LIMIT),
        family_name=text(claims, "family_name", NAME_LIMIT),
        email=email if email and len(email) <= EMAIL_LIMIT and "@" in email else None,
        locale=text(claims, "locale", 35),
    )


def _roles(claims: Claims) -> Roles:
    uris = texts(claims, names.ROLES)
    if uris is None:
        raise missing(names.ROLES)
    return read_roles(uri for uri in uris if uri)


def _course(claims: Claims) -> LaunchCourse | None:
    context = mapping(claims, names.CONTEXT)
    if context is None:
        return None
    return LaunchCourse(
        id=identifier(context, "id", "context.id"),
        label=text(context, "label", NAME_LIMIT),
        title=text(context, "title", TITLE_LIMIT),
    )


def _resource_link(claims: Claims, *, required: bool) -> LaunchResourceLink | None:
    link = mapping(claims, names.RESOURCE_LINK)
    if link is None:
        if required:
            raise missing("resource_link.id")
        return None
    return LaunchResourceLink(
        id=identifier(link, "id", "resource_link.id"), title=text(link, "title", TITLE_LIMIT)
    )


def _presentation(claims: Claims) -> Presentation:
    shown = mapping(claims, names.LAUNCH_PRESENTATION) or {}
    return Presentation(
        document_target=TARGETS.get(text(shown, "document_target", 20) or ""),
        return_url=url(shown, "return_url"),
        locale=text(shown, "locale", 35),
    )


def _platform(claims: Claims) -> Platform:
    platform = mapping(claims, names.TOOL_PLATFORM) or {}
    return Platform(
        product=text(platform, "product_family_code", 100),
        version=text(platform, "version", 100),
        name=text(platform, "name", NAME_LIMIT),
    )


def _reviewed(claims: Claims) -> str | None:
    user = mapping(claims, names.FOR_USER)
    return identifier(user, "user_id", "for_user.user_id") if user is not None else None


def _custom(custom: Claims) -> dict[str, str]:
    """Custom parameters are texts (LTI Core 1.3 §5.4.6); numbers and booleans become such.

    Unsubstituted variables, nulls and nested values are absent.
    """
    kept: dict[str, str] = {}
    for name, value in custom.items():
        if isinstance(value, str):
            if is_variable(value):
                continue
            kept[clean(name, NAME_LIMIT)] = clean(value, CUSTOM_VALUE_LIMIT)
        elif isinstance(value, bool):
            kept[clean(name, NAME_LIMIT)] = "true" if value else "false"
        elif isinstance(value, int | float):
            kept[clean(name, NAME_LIMIT)] = repr(value)[:100]
        if len(kept) == CUSTOM_LIMIT:
            break
    return kept
