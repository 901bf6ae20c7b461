"""Everything that one running platform knows, in memory, behind one lock.

With a data folder, keys and registrations outlive the process (with the placements, line items and
scores that hang on them); what is under way (logins, tokens) does not.
"""

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from demo_lms import seed
from demo_lms.keys import KeyRing
from demo_lms.model import (
    AccessToken,
    Course,
    DeepLink,
    Flavour,
    Json,
    LineItem,
    LogEntry,
    Pending,
    ResourceLink,
    Tool,
    User,
)
from demo_lms.switches import Mischief
from demo_lms.vocabulary import RESOURCE_LINK, SCOPES

PENDING_KEPT = 5_000
PENDING_SECONDS = 600
REGISTRATION_SECONDS = 3_600
LOG_KEPT = 300


def origin_of(url: str) -> str:
    """``http://localhost:8000/lti/login?a=1`` → ``http://localhost:8000``."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


@dataclass
class State:
    """One platform. Change it, and read more than one thing of it, under ``lock``."""

    public_url: str = "http://127.0.0.1:9000"
    issuer: str | None = None
    """None: the public address. Another value imitates platforms whose issuer is not their site."""
    flavour: Flavour = "plain"
    tool_address: str | None = None
    """Only a hint for people: where the tool that they will want to add lives."""
    keys: KeyRing = field(default_factory=KeyRing)
    mischief: Mischief = field(default_factory=Mischief)
    people: dict[str, User] = field(default_factory=seed.people)
    courses: dict[str, Course] = field(default_factory=seed.courses)
    tools: dict[str, Tool] = field(default_factory=dict)
    placements: dict[str, ResourceLink] = field(default_factory=dict)
    line_items: dict[str, LineItem] = field(default_factory=dict)
    pending: dict[str, Pending] = field(default_factory=dict)
    deep_links: dict[str, DeepLink] = field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    registration_tokens: dict[str, float] = field(default_factory=dict)
    tool_keys: dict[str, Json] = field(default_factory=dict)
    """Key sets of tools, by address, each ``{kid: JWK}``."""
    seen: dict[str, float] = field(default_factory=dict)
    log: deque[LogEntry] = field(default_factory=lambda: deque(maxlen=LOG_KEPT))
    logged: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)
    changed: Callable[[], None] = lambda: None
    """Called, under the lock, after a change that should outlive the process."""

    @property
    def iss(self) -> str:
        """The issuer, as in every token."""
        return self.issuer or self.public_url

    def url(self, path: str) -> str:
        """An absolute address on this platform."""
        return self.public_url + path

    # People ------------------------------------------------------------------------------

    def user_by_subject(self, subject: str) -> User | None:
        """Who has this ``sub``."""
        return next((p for p in self.people.values() if p.subject == subject), None)

    def roster(self, course: Course) -> list[User]:
        """The members of a course, in order."""
        return [self.people[handle] for handle in course.members if handle in self.people]

    # Tools and placements ----------------------------------------------------------------

    def add_tool(
        self,
        *,
        login_url: str,
        redirect_uris: Iterable[str],
        jwks_uri: str,
        target_link_uri: str,
        name: str = "Tool",
        scopes: Iterable[str] = SCOPES,
        client_id: str | None = None,
        **more: Any,
    ) -> Tool:
        """Register a tool by hand and give each course its first activity."""
        with self.lock:
            tool = Tool(
                client_id=client_id or "client-" + secrets.token_hex(6),
                deployment_id=str(len(self.tools) + 1),
                name=name,
                login_url=login_url,
                redirect_uris=list(redirect_uris),
                jwks_uri=jwks_uri,
                target_link_uri=target_link_uri,
                scopes=list(scopes),
                **more,
            )
            self.tools[tool.client_id] = tool
            for number, course in enumerate(self.courses.values()):
                self._first_activity(course, tool, graded=number > 0)
            self.changed()
            return tool

    def _first_activity(self, course: Course, tool: Tool, *, graded: bool) -> None:
        """Put module 4 in a course; in the second course with a gradebook column of its own."""
        resource_link = ResourceLink(
            id="rl-" + secrets.token_hex(6),
            course_id=course.id,
            client_id=tool.client_id,
            title="Module 4" if course.language == "en" else "Módulo 4",
            custom={"module": "module-4"},
        )
        self.placements[resource_link.id] = resource_link
        if graded:
            item = self.new_line_item(course.id, tool.client_id, resource_link.title, 10)
            item.resource_link_id = resource_link.id
            resource_link.line_item_id = item.id

    def new_line_item(self, course_id: str, client_id: str, label: str, maximum: float) -> LineItem:
        """A new column of the gradebook."""
        item = LineItem(secrets.token_hex(6), course_id, client_id, label, maximum)
        self.line_items[item.id] = item
        return item

    def remove_tool(self, client_id: str) -> None:
        """Forget a tool with its placements and line items."""
        with self.lock:
            self.tools.pop(client_id, None)
            for resource_link in [p for p in self.placements.values() if p.client_id == client_id]:
                del self.placements[resource_link.id]
            for item in [i for i in self.line_items.values() if i.client_id == client_id]:
                del self.line_items[item.id]
            self.changed()

    def copy_course(self, course_id: str) -> Course:
        """A copy of a course: its activities and columns anew, none of its scores."""
        with self.lock:
            origin = self.courses[course_id]
            number = sum(c.id.startswith(f"{course_id}-copy") for c in self.courses.values()) + 1
            copied = replace(
                origin,
                id=f"{course_id}-copy-{number}",
                label=f"{origin.label} ({number + 1})",
                members=[*origin.members],
                groups=[],
            )
            self.courses[copied.id] = copied
            for resource_link in self.resource_links_of(course_id):
                self._copy_resource_link(resource_link, copied.id)
            self.changed()
            return copied

    def _copy_resource_link(self, resource_link: ResourceLink, course_id: str) -> None:
        fresh = replace(resource_link, id="rl-" + secrets.token_hex(6), course_id=course_id)
        item = self.line_items.get(resource_link.line_item_id or "")
        if item:
            column = replace(
                item,
                id=secrets.token_hex(6),
                course_id=course_id,
                resource_link_id=fresh.id,
                scores={},
            )
            self.line_items[column.id] = column
            fresh.line_item_id = column.id
        self.placements[fresh.id] = fresh

    def resource_links_of(self, course_id: str) -> list[ResourceLink]:
        """The activities of a course, in the order they were made."""
        return [p for p in self.placements.values() if p.course_id == course_id]

    def tool_at(self, url: str) -> Tool | None:
        """The tool that lives on the same origin as this address."""
        wanted = origin_of(url)
        return next(
            (t for t in self.tools.values() if origin_of(t.target_link_uri) == wanted), None
        )

    # Launches ----------------------------------------------------------------------------

    def begin(
        self,
        user: str,
        course_id: str,
        client_id: str,
        *,
        message_type: str = RESOURCE_LINK,
        resource_link_id: str | None = None,
        language: str | None = None,
        for_user: str | None = None,
        document_target: Literal["iframe", "window"] = "iframe",
    ) -> Pending:
        """Remember a launch that starts now, to be found again by the message hint."""
        with self.lock:
            pending = Pending(
                id=secrets.token_urlsafe(12),
                message_type=message_type,
                client_id=client_id,
                course_id=course_id,
                user=user,
                language=language or self.people[user].locale,
                resource_link_id=resource_link_id,
                for_user=for_user,
                storage_target=self.mischief.storage_target,
                document_target=document_target,
            )
            self.pending[pending.id] = pending
            while len(self.pending) > PENDING_KEPT:
                del self.pending[next(iter(self.pending))]
            return pending

    def first_time(self, what: str, seconds: float = 3_600) -> bool:
        """True once for each string: to accept a ``jti`` or a nonce a single time."""
        now = time.time()
        with self.lock:
            if len(self.seen) > 10_000:
                self.seen = {key: until for key, until in self.seen.items() if until > now}
            if self.seen.get(what, 0) > now:
                return False
            self.seen[what] = now + seconds
            return True

    def new_registration_token(self) -> str:
        """A token that lets one tool register itself, once, within the hour."""
        token = secrets.token_urlsafe(24)
        with self.lock:
            self.registration_tokens[token] = time.time() + REGISTRATION_SECONDS
        return token

    # The log -----------------------------------------------------------------------------

    def note(
        self,
        kind: str,
        title: str,
        *,
        to_tool: bool,
        detail: Any = None,
        status: int | None = None,
    ) -> None:
        """Write down one message for the page that shows them."""
        with self.lock:
            self.logged += 1
            self.log.append(
                LogEntry(self.logged, time.time(), to_tool, kind, title, status, detail)
            )
