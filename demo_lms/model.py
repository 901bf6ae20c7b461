"""Data of the platform: users, courses, tools, resource links, line items, scores.

Plain dataclasses, modified only while the lock of :class:`demo_lms.state.PlatformState` is held.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]
Flavour = Literal["plain", "moodle", "canvas", "brightspace", "blackboard", "openedx"]


@dataclass(frozen=True, slots=True)
class User:
    """A user. ``subject`` is the ``sub`` claim; None for an anonymous launch."""

    handle: str
    """The short name in URLs of this platform."""
    subject: str | None
    given_name: str
    family_name: str
    email: str
    roles: tuple[str, ...]
    locale: str
    caption: str
    """Shown under the name: "Instructor", "Participant"…"""

    @property
    def name(self) -> str:
        """The full name."""
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a course."""

    id: str
    name: str
    subjects: tuple[str, ...]


@dataclass(slots=True)
class Course:
    """A course (LTI context)."""

    id: str
    label: str
    title: str
    language: str
    members: list[str]
    """Handles of the members."""
    groups: list[Group] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    """The courses that it was copied from, the most recent first."""


@dataclass(slots=True)
class Tool:
    """A registered tool, with one client id and one deployment."""

    client_id: str
    deployment_id: str
    name: str
    login_url: str
    redirect_uris: list[str]
    jwks_uri: str
    target_link_uri: str
    scopes: list[str]
    messages: list[Json] = field(default_factory=list)
    custom: dict[str, str] = field(default_factory=dict)
    icon: str | None = None
    shares_names: bool = True
    shares_email: bool = True
    notice_handlers: dict[str, str] = field(default_factory=dict)
    """The tool's URL for each notice type."""
    registered_as: Flavour = "plain"
    """The flavour of the platform when the tool was registered."""

    def target_for(self, message_type: str) -> str:
        """Return the target link URI of a message type."""
        for message in self.messages:
            if message.get("type") == message_type and message.get("target_link_uri"):
                return str(message["target_link_uri"])
        return self.target_link_uri

    def custom_for(self, message_type: str) -> dict[str, str]:
        """Return the custom parameters of the tool, overridden by those of the message type."""
        custom = dict(self.custom)
        for message in self.messages:
            if message.get("type") == message_type:
                custom |= message.get("custom_parameters") or {}
        return custom


@dataclass(slots=True)
class ResourceLink:
    """An activity of a course that opens a tool (LTI resource link)."""

    id: str
    course_id: str
    client_id: str
    title: str
    text: str = ""
    url: str | None = None
    custom: dict[str, str] = field(default_factory=dict)
    line_item_id: str | None = None
    frame_height: int | None = None
    icon: str | None = None
    is_link: bool = False
    """A plain web link, or a file to download; not an LTI launch."""
    history: list[str] = field(default_factory=list)
    """The resource links that it was copied from, the most recent first."""


@dataclass(slots=True)
class Score:
    """The latest score of one user in one line item."""

    user_id: str
    given: float | None
    maximum: float | None
    activity: str
    grading: str
    timestamp: datetime
    comment: str | None = None
    received: int = 1
    """How many scores were received for this user."""


@dataclass(slots=True)
class LineItem:
    """A column of the gradebook (AGS line item)."""

    id: str
    course_id: str
    client_id: str
    label: str
    score_maximum: float
    resource_id: str | None = None
    tag: str | None = None
    resource_link_id: str | None = None
    start: str | None = None
    end: str | None = None
    grades_released: bool | None = None
    submission_review: Json | None = None
    scores: dict[str, Score] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PendingLaunch:
    """A started launch: what the platform stores between login request and id_token."""

    id: str
    message_type: str
    client_id: str
    course_id: str
    user: str
    language: str
    resource_link_id: str | None = None
    for_user: str | None = None
    line_item_id: str | None = None
    storage_target: str | None = None
    document_target: Literal["iframe", "window"] = "iframe"
    site: str = ""
    """Base URL of the pages, where it is not that of the platform."""
    deployment_id: str = ""
    """The deployment, where it is not the tool's own."""
    acted_by: str | None = None
    """Handle of the user who acts as ``user`` (Canvas: masquerading)."""
    target: str = ""
    """The target link URI, where it is not that of the resource link or the tool."""
    placement: str | None = None
    """The menu location (Canvas)."""
    started: float = field(default_factory=time.time)


@dataclass(slots=True)
class DeepLinkingRequest:
    """A deep-linking request that waits for its response."""

    id: str
    client_id: str
    course_id: str
    user: str
    language: str
    data: str | None
    accept_types: tuple[str, ...]
    accept_multiple: bool
    deployment_id: str
    answered: bool = False


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """An access token for the services. ``expires``: Unix time."""

    client_id: str
    scopes: frozenset[str]
    expires: float


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A message between the platform and a tool, shown on the page of messages."""

    number: int
    at: float
    to_tool: bool
    kind: str
    title: str
    status: int | None
    detail: Any
