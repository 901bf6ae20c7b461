"""The value that a verified launch becomes: frozen, typed, and free of the raw token.

Every field comes from one claim of the id_token; a claim that is absent, or that arrives as an
unsubstituted variable (``$User.image``), is None. Sources: LTI Core 1.3 §5.3-5.4
(https://www.imsglobal.org/spec/lti/v1p3), Deep Linking 2.0 §4.4, AGS 2.0 §3.1, NRPS 2.0 §3.6.1.
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
    """Who came. ``subject`` is None for an anonymous launch; names may be absent too."""

    subject: str | None
    name: str | None
    given_name: str | None
    family_name: str | None
    email: str | None
    locale: str | None


@dataclass(frozen=True, slots=True)
class Roles:
    """What the person is, from exact terms of the LTI vocabulary (LTI Core 1.3, appendix A.2).

    Course and institution are kept apart: an Instructor of the institution is not, by that,
    staff of this course. ``uris`` holds what the platform sent, unknown terms included.
    """

    uris: tuple[str, ...]
    instructor: bool
    learner: bool
    administrator: bool
    """An administrator of the institution or of the system."""
    test_user: bool
    """The platform's preview of a participant (Canvas' Student View): not a record of anybody."""
    content_developer: bool = False
    """May build the course without being staff of it (a designer in Canvas)."""


@dataclass(frozen=True, slots=True)
class LaunchCourse:
    """The LTI context: a course to people."""

    id: str
    label: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class LaunchResourceLink:
    """The resource link: the place in the course where the tool was put."""

    id: str
    title: str | None


@dataclass(frozen=True, slots=True)
class Presentation:
    """How and where the platform shows the tool."""

    document_target: Literal["iframe", "frame", "window"] | None
    return_url: str | None
    locale: str | None


@dataclass(frozen=True, slots=True)
class GradeService:
    """AGS: where line items live, and which scopes the platform says it grants."""

    line_items: str | None
    line_item: str | None
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RosterService:
    """NRPS: the address of the course's memberships."""

    memberships: str


@dataclass(frozen=True, slots=True)
class GroupService:
    """Course Groups: the addresses of the course's groups and of their sets."""

    groups: str
    group_sets: str | None
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeService:
    """Platform Notification Service: where handlers are registered, and for which notices."""

    url: str
    scopes: tuple[str, ...]
    notice_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeepLinkingSettings:
    """What a deep-linking request asks for, and where the answer goes. ``data`` is echoed.

    ``accept_line_item`` is False only where the platform says that it ignores line items; a
    platform that says nothing (Moodle) may take them.
    """

    return_url: str
    accept_types: tuple[str, ...]
    accept_targets: tuple[str, ...]
    accept_multiple: bool
    accept_line_item: bool
    data: str | None


@dataclass(frozen=True, slots=True)
class Platform:
    """The product that launched, where it says so (``moodle``, ``canvas``…)."""

    product: str | None
    version: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch that has passed every check."""

    message_type: MessageType
    issuer: str
    client_id: str
    deployment_id: str
    target_link_uri: str
    nonce: str
    issued_at: int
    """Seconds since 1970, by the platform's clock."""
    expires_at: int
    user: LaunchUser
    roles: Roles
    course: LaunchCourse | None
    resource_link: LaunchResourceLink | None
    presentation: Presentation
    platform: Platform
    grades: GradeService | None = None
    roster: RosterService | None = None
    deep_linking: DeepLinkingSettings | None = None
    reviewed_subject: str | None = None
    """The person whom a submission review or a data-privacy launch is about (``for_user``)."""
    groups: GroupService | None = None
    notices: NoticeService | None = None
    custom: Mapping[str, str] = field(default_factory=dict)
