"""The claims of a verified launch as frozen, typed values, without the token.

Each field has one claim of the id_token; a claim that is absent, or that arrives as an
unsubstituted variable (``$User.image``), is None. LTI Core 1.3 §5.3 and §5.4
(https://www.imsglobal.org/spec/lti/v1p3/#required-message-claims), Deep Linking 2.0 §4.4, AGS 2.0
§3.1, NRPS 2.0 §3.6.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

MessageType = Literal[
    "LtiResourceLinkRequest",
    "LtiDeepLinkingRequest",
    "LtiSubmissionReviewRequest",
    "DataPrivacyLaunchRequest",
]


@dataclass(frozen=True, slots=True)
class LaunchUser:
    """The user identity claims (§5.3.6). ``subject`` is None for an anonymous launch."""

    subject: str | None
    name: str | None
    given_name: str | None
    family_name: str | None
    email: str | None
    locale: str | None


@dataclass(frozen=True, slots=True)
class Roles:
    """The user's roles, by exact terms of the LTI vocabulary (LTI Core 1.3, appendix A.2).

    Context roles and institution roles are separate: an Instructor of the institution is not an
    instructor of this course. ``uris`` has all terms that the platform sent, also unknown ones.
    """

    uris: tuple[str, ...]
    instructor: bool
    learner: bool
    administrator: bool
    """An administrator of the institution or of the system."""
    test_user: bool
    """The platform's test user, with which staff preview the course as a student."""
    content_developer: bool = False
    """Creates the course's content without teaching it."""


@dataclass(frozen=True, slots=True)
class LaunchCourse:
    """The LTI context (§5.4.1): the course. ``history``: the courses that it was copied from."""

    id: str
    label: str | None
    title: str | None
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LaunchResourceLink:
    """The resource link (§5.3.5): a link to the tool in the course.

    ``history``: the resource links that it was copied from, the most recent first. ``lti1p1_id``:
    the ID that it has in LTI 1.1, if the platform tells another one (LTI 1.3 Migration Guide).
    """

    id: str
    title: str | None
    history: tuple[str, ...] = ()
    lti1p1_id: str | None = None


@dataclass(frozen=True, slots=True)
class LaunchPresentation:
    """How the platform shows the tool: ``launch_presentation`` (§5.4.4)."""

    document_target: Literal["iframe", "frame", "window"] | None
    return_url: str | None
    locale: str | None


@dataclass(frozen=True, slots=True)
class GradeService:
    """Assignment and Grade Services: the line item URLs, and the scopes that are granted."""

    line_items: str | None
    line_item: str | None
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RosterService:
    """Names and Role Provisioning Services: the URL of the course's memberships."""

    memberships: str


@dataclass(frozen=True, slots=True)
class GroupService:
    """Course Groups Service: the URLs of the course's groups and group sets."""

    groups: str
    group_sets: str | None
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeService:
    """Platform Notification Service: the URL to register handlers, and the notice types."""

    url: str
    scopes: tuple[str, ...]
    notice_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeepLinkingSettings:
    """The settings of a deep-linking request. ``data`` is returned unchanged in the response.

    ``accept_line_item`` is False only where the platform says that it ignores line items; without
    the claim, it may accept them. ``accept_media_types`` restricts files; empty for any.
    """

    return_url: str
    accept_types: tuple[str, ...]
    accept_targets: tuple[str, ...]
    accept_multiple: bool
    accept_line_item: bool
    data: str | None
    accept_media_types: tuple[str, ...] = ()

    def accepts_file(self, media_type: str) -> bool:
        """Whether the platform accepts files of this media type."""
        ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        known = self.accept_media_types
        return "file" in self.accept_types and (not known or any(each in known for each in ranges))


@dataclass(frozen=True, slots=True)
class ToolPlatform:
    """The LMS product of the launch: ``tool_platform`` (§5.4.2)."""

    product: str | None
    version: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Launch:
    """A verified launch."""

    message_type: MessageType
    issuer: str
    client_id: str
    deployment_id: str
    target_link_uri: str
    nonce: str
    issued_at: int
    """``iat``: seconds since 1970, by the platform's clock."""
    expires_at: int
    user: LaunchUser
    roles: Roles
    course: LaunchCourse | None
    resource_link: LaunchResourceLink | None
    presentation: LaunchPresentation
    platform: ToolPlatform
    grades: GradeService | None = None
    roster: RosterService | None = None
    deep_linking: DeepLinkingSettings | None = None
    reviewed_subject: str | None = None
    """``for_user``: the user whom a submission review or a data privacy launch is about."""
    groups: GroupService | None = None
    notices: NoticeService | None = None
    custom: Mapping[str, str] = field(default_factory=dict)
    placement: str | None = None
    """The menu location in which the LMS opened the tool, where it tells that."""
