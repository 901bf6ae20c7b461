"""What this platform keeps: people, courses, tools, placements, line items, scores.

Plain dataclasses, changed only while :class:`demo_lms.state.State` holds its lock.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]
Flavour = Literal["plain", "moodle", "canvas"]


@dataclass(frozen=True, slots=True)
class User:
    """Someone with an account here. ``subject`` is None for a visitor launched without ``sub``."""

    handle: str
    """The short name used in this platform's own addresses."""
    subject: str | None
    given_name: str
    family_name: str
    email: str
    roles: tuple[str, ...]
    locale: str
    caption: str
    """What the page says under the name: "Instructor", "Participant"…"""

    @property
    def name(self) -> str:
        """The full name, as people write it."""
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a course."""

    id: str
    name: str
    subjects: tuple[str, ...]


@dataclass(slots=True)
class Course:
    """A course: an LTI context."""

    id: str
    label: str
    title: str
    language: str
    members: list[str]
    """Handles of the people on its roster."""
    groups: list[Group] = field(default_factory=list)


@dataclass(slots=True)
class Tool:
    """A registration: one tool with one client id and one deployment."""

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
    """The tool's address for each type of notice."""

    def target_for(self, message_type: str) -> str:
        """Where the tool wants this message, by its registration."""
        for message in self.messages:
            if message.get("type") == message_type and message.get("target_link_uri"):
                return str(message["target_link_uri"])
        return self.target_link_uri

    def custom_for(self, message_type: str) -> dict[str, str]:
        """The tool's own custom parameters, with those of this message on top."""
        custom = dict(self.custom)
        for message in self.messages:
            if message.get("type") == message_type:
                custom |= message.get("custom_parameters") or {}
        return custom


@dataclass(slots=True)
class ResourceLink:
    """An activity of a course that opens a tool: a resource link."""

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
    """A plain link, not a launch."""


@dataclass(slots=True)
class Score:
    """The last score that a tool sent for one person in one line item."""

    user_id: str
    given: float | None
    maximum: float | None
    activity: str
    grading: str
    timestamp: datetime
    comment: str | None = None
    received: int = 1
    """How many scores arrived for this person, this one included."""


@dataclass(slots=True)
class LineItem:
    """A column of the gradebook."""

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
class Pending:
    """A launch that was begun: what the platform remembers between login and answer."""

    id: str
    message_type: str
    client_id: str
    course_id: str
    user: str
    language: str
    resource_link_id: str | None = None
    for_user: str | None = None
    storage_target: str | None = None
    document_target: Literal["iframe", "window"] = "iframe"
    begun: float = field(default_factory=time.time)


@dataclass(slots=True)
class DeepLink:
    """A deep-linking request that awaits its answer."""

    id: str
    client_id: str
    course_id: str
    user: str
    language: str
    data: str | None
    accept_types: tuple[str, ...]
    accept_multiple: bool
    answered: bool = False


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token for the services."""

    client_id: str
    scopes: frozenset[str]
    expires: float


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One message between the platform and a tool, for the page that shows them."""

    number: int
    at: float
    to_tool: bool
    kind: str
    title: str
    status: int | None
    detail: Any
