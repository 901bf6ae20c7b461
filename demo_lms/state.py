"""The state of a running platform, in memory, protected by one lock.

With a data folder, keys and registrations are stored (with their resource links, line items and
scores); started launches and tokens are not.
"""

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from demo_lms import seed, sites
from demo_lms.fault_injection import FaultInjection
from demo_lms.mail import MailBox
from demo_lms.model import (
    Course,
    DeepLinkingRequest,
    Flavour,
    IssuedToken,
    Json,
    LineItem,
    LogEntry,
    PendingLaunch,
    ResourceLink,
    Tool,
    User,
)
from demo_lms.signing_keys import KeyRing
from demo_lms.vocabulary import RESOURCE_LINK, SCOPES

MAX_PENDING = 5_000
PENDING_SECONDS = 600
REGISTRATION_SECONDS = 3_600
MAX_LOG_ENTRIES = 300


def origin_of(url: str) -> str:
    """``http://localhost:8000/lti/login?a=1`` → ``http://localhost:8000``."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


@dataclass
class PlatformState:
    """One platform. Hold ``lock`` for changes, and for reading several related values."""

    public_url: str = "http://127.0.0.1:9000"
    issuer: str | None = None
    """None: the public URL. Some platforms have an issuer that is not their URL."""
    flavour: Flavour = "plain"
    tool_url: str | None = None
    """URL of the tool to add, shown as a hint."""
    keys: KeyRing = field(default_factory=KeyRing)
    faults: FaultInjection = field(default_factory=FaultInjection)
    users: dict[str, User] = field(default_factory=seed.users)
    courses: dict[str, Course] = field(default_factory=seed.courses)
    tools: dict[str, Tool] = field(default_factory=dict)
    resource_links: dict[str, ResourceLink] = field(default_factory=dict)
    line_items: dict[str, LineItem] = field(default_factory=dict)
    pending: dict[str, PendingLaunch] = field(default_factory=dict)
    deep_links: dict[str, DeepLinkingRequest] = field(default_factory=dict)
    access_tokens: dict[str, IssuedToken] = field(default_factory=dict)
    registration_tokens: dict[str, float] = field(default_factory=dict)
    tool_keys: dict[str, Json] = field(default_factory=dict)
    """Key sets of tools, by URL, each ``{kid: JWK}``."""
    used: dict[str, float] = field(default_factory=dict)
    mail: MailBox = field(default_factory=MailBox)
    log: deque[LogEntry] = field(default_factory=lambda: deque(maxlen=MAX_LOG_ENTRIES))
    logged: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)
    changed: Callable[[], None] = lambda: None
    """Called, with the lock held, after a change that should be stored."""

    @property
    def iss(self) -> str:
        """The issuer (``iss``)."""
        return self.issuer or self.public_url

    def url(self, path: str) -> str:
        """Return an absolute URL on this platform."""
        return self.public_url + path

    def choose_flavour(self, flavour: Flavour) -> None:
        """Behave as another LMS from now on. Only Canvas has a test user."""
        with self.lock:
            self.flavour = flavour
            self.users.pop(seed.PREVIEW, None)
            if flavour == "canvas":
                self.reset_preview()

    def reset_preview(self) -> None:
        """Give the test user of Student View another ``sub``, as Canvas does at each reset."""
        with self.lock:
            self.users[seed.PREVIEW] = seed.preview("p-preview-" + secrets.token_hex(4))

    def user_by_subject(self, subject: str) -> User | None:
        """Return the user with this ``sub``."""
        return next((p for p in self.users.values() if p.subject == subject), None)

    def members(self, course: Course) -> list[User]:
        """Return the members of a course, in order."""
        return [self.users[handle] for handle in course.members if handle in self.users]

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
        """Register a tool without dynamic registration, and add an activity to each course."""
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
                registered_as=self.flavour,
                **more,
            )
            self.tools[tool.client_id] = tool
            for number, course in enumerate(self.courses.values()):
                self._add_first_activity(course, tool, graded=number > 0)
            self.changed()
            return tool

    def _add_first_activity(self, course: Course, tool: Tool, *, graded: bool) -> None:
        """Add module 4 to a course; ``graded``: with a line item."""
        resource_link = ResourceLink(
            id="rl-" + secrets.token_hex(6),
            course_id=course.id,
            client_id=tool.client_id,
            title="Module 4" if course.language == "en" else "Módulo 4",
            custom={"module": "module-4"},
        )
        self.resource_links[resource_link.id] = resource_link
        if graded:
            item = self.new_line_item(course.id, tool.client_id, resource_link.title, 10)
            item.resource_link_id = resource_link.id
            resource_link.line_item_id = item.id

    def new_line_item(self, course_id: str, client_id: str, label: str, maximum: float) -> LineItem:
        """Add a column to the gradebook."""
        item = LineItem(secrets.token_hex(6), course_id, client_id, label, maximum)
        self.line_items[item.id] = item
        return item

    def remove_tool(self, client_id: str) -> None:
        """Remove a tool with its resource links and line items."""
        with self.lock:
            self.tools.pop(client_id, None)
            for resource_link in [
                link for link in self.resource_links.values() if link.client_id == client_id
            ]:
                del self.resource_links[resource_link.id]
            for item in [i for i in self.line_items.values() if i.client_id == client_id]:
                del self.line_items[item.id]
            self.changed()

    def copy_course(self, course_id: str) -> Course:
        """Copy a course with its activities and line items, without scores."""
        with self.lock:
            original = self.courses[course_id]
            number = sum(c.id.startswith(f"{course_id}-copy") for c in self.courses.values()) + 1
            copied = replace(
                original,
                id=f"{course_id}-copy-{number}",
                label=f"{original.label} ({number + 1})",
                members=[*original.members],
                groups=[],
                history=[course_id, *original.history],
            )
            self.courses[copied.id] = copied
            for resource_link in self.resource_links_of(course_id):
                self._copy_resource_link(resource_link, copied.id)
            self.changed()
            return copied

    def _copy_resource_link(self, resource_link: ResourceLink, course_id: str) -> None:
        copied = replace(
            resource_link,
            id="rl-" + secrets.token_hex(6),
            course_id=course_id,
            history=[resource_link.id, *resource_link.history],
        )
        item = self.line_items.get(resource_link.line_item_id or "")
        if item:
            column = replace(
                item,
                id=secrets.token_hex(6),
                course_id=course_id,
                resource_link_id=copied.id,
                scores={},
            )
            self.line_items[column.id] = column
            copied.line_item_id = column.id
        self.resource_links[copied.id] = copied

    def resource_links_of(self, course_id: str) -> list[ResourceLink]:
        """Return the activities of a course, in order of creation."""
        return [link for link in self.resource_links.values() if link.course_id == course_id]

    def tool_at(self, url: str) -> Tool | None:
        """Return the tool with the same origin as this URL."""
        origin = origin_of(url)
        return next(
            (t for t in self.tools.values() if origin_of(t.target_link_uri) == origin), None
        )

    def start_launch(
        self,
        user: str,
        course_id: str,
        client_id: str,
        *,
        message_type: str = RESOURCE_LINK,
        resource_link_id: str | None = None,
        language: str | None = None,
        for_user: str | None = None,
        line_item_id: str | None = None,
        document_target: Literal["iframe", "window"] = "iframe",
        host: str = "",
        acted_by: str | None = None,
        target: str = "",
        placement: str | None = None,
    ) -> PendingLaunch:
        """Store a launch that starts now; ``lti_message_hint`` identifies it later."""
        with self.lock:
            pending = PendingLaunch(
                id=secrets.token_urlsafe(12),
                message_type=message_type,
                client_id=client_id,
                course_id=course_id,
                user=user,
                language=language or self.users[user].locale,
                resource_link_id=resource_link_id,
                for_user=for_user,
                line_item_id=line_item_id,
                storage_target=None if self.flavour == "blackboard" else self.faults.storage_target,
                document_target=document_target,
                site=sites.site_of(self.public_url, self.flavour, host),
                deployment_id=sites.deployment_of(self.tools[client_id], self.flavour, host),
                acted_by=acted_by if self.flavour == "canvas" else None,
                target=target,
                placement=placement,
            )
            self.pending[pending.id] = pending
            while len(self.pending) > MAX_PENDING:
                del self.pending[next(iter(self.pending))]
            return pending

    def use_once(self, value: str, seconds: float = 3_600) -> bool:
        """Return True only for the first use of a value, such as a ``jti`` or a nonce."""
        now = time.time()
        with self.lock:
            if len(self.used) > 10_000:
                self.used = {key: until for key, until in self.used.items() if until > now}
            if self.used.get(value, 0) > now:
                return False
            self.used[value] = now + seconds
            return True

    def new_registration_token(self) -> str:
        """Return a registration token: valid for one registration, for an hour."""
        token = secrets.token_urlsafe(24)
        with self.lock:
            self.registration_tokens[token] = time.time() + REGISTRATION_SECONDS
        return token

    def log_message(
        self,
        kind: str,
        title: str,
        *,
        to_tool: bool,
        detail: Any = None,
        status: int | None = None,
    ) -> None:
        """Log a message for the page of messages."""
        with self.lock:
            self.logged += 1
            self.log.append(
                LogEntry(self.logged, time.time(), to_tool, kind, title, status, detail)
            )
