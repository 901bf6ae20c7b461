"""The launch session of a request: the user, the resource link, and the user's rights."""

import base64
import hmac
from dataclasses import dataclass

from courseware.i18n.marking import N_
from lti_tool.lti.platform_profile import STANDARD, PlatformProfile

URL_PREFIX = "/l/<session_id>"
"""The URL prefix of all routes of a launch session."""

PREVIEW = N_(
    "You are seeing this activity as a test user or as another person. You can read here, but "
    "nothing that you write or do is saved."
)
"""The reason why a session that is not the user's own record changes nothing."""


def session_path(session_id: str) -> str:
    """Return the path below which all URLs of a launch session are."""
    return f"{URL_PREFIX.replace('<session_id>', session_id)}/"


@dataclass(frozen=True, slots=True)
class CurrentSession:
    """A launch session as loaded from the database for one request.

    ``token`` is the page token, which every change must carry; ``token_sent`` says whether this
    request did. ``cookieless`` means that the browser did not send the session cookie, so pages
    must carry the token. ``ended``: it has ended, and stores a draft and nothing else (see
    ``guards.open_to_late_drafts``). ``user_id`` is None for a guest who has not written anything
    yet. ``instructor``, ``administrator`` and ``content_developer`` come from the membership at the
    time of the request.
    """

    id: str
    token: str
    token_sent: bool
    cookieless: bool
    registration_id: int
    deployment_id: int
    user_id: int | None
    user_name: str | None
    user_kind: str
    user_language: str | None
    course_id: int | None
    course_title: str | None
    resource_link_id: int | None
    resource_link_title: str | None
    module_id: str | None
    instructor: bool
    administrator: bool
    content_developer: bool
    """A designer of the course (``ContentDeveloper``): may choose modules, and is not staff."""
    own_record: bool
    """False for a test user and for a user who acts as another one: they may only read."""
    guests: str
    """What the registration allows guests: ``none``, ``read`` or ``post``."""
    locale: str | None
    return_url: str | None
    frame_ancestors: tuple[str, ...]
    message_type: str
    deep_linking: str | None
    paused: bool = False
    """Whether the institution has turned the tool off: administrators see its pages only."""
    observer: bool = False
    """Whether the only role in the course is that of an observer, who may then only read."""
    ended: bool = False
    translation: bool = False
    """Whether the institution allows that texts are sent to the translation service."""
    part: str = ""
    """The part of the module that the activity shows (``courseware.parts``)."""
    module_language: str | None = None
    """The language of the module for readers who have chosen none."""
    profile: PlatformProfile = STANDARD
    """How the platform differs from others."""
    client_id: str = ""
    placement: str | None = None
    """The menu location in which the LMS opened the tool, where it tells that."""
    institution_id: int | None = None
    """The institution of the registration; None while its courses share no discussion."""

    @property
    def guest(self) -> bool:
        """Whether the launch was anonymous."""
        return self.user_kind == "guest"

    @property
    def is_deep_linking(self) -> bool:
        """Whether the session was opened by a deep-linking request."""
        return self.message_type == "LtiDeepLinkingRequest"

    @property
    def may_choose(self) -> bool:
        """Whether the user may choose modules; administrators may add activities to a course."""
        return (
            self.instructor
            or self.content_developer
            or (self.is_deep_linking and self.administrator)
        )

    @property
    def path(self) -> str:
        """The path below which all URLs of this session are."""
        return session_path(self.id)


def session_id_for(secret_key: str, registration_id: int, nonce: str) -> str:
    """Return the session ID that belongs to a nonce: a nonce used twice gives the same ID."""
    # This label and the one of the token must not change: open sessions depend on them.
    return keyed_digest(secret_key, f"minga visit of\n{registration_id}\n{nonce}")[:24]


def session_token(secret_key: str, session_id: str) -> str:
    """Return the token of a session, which is sent only to the browser that launched it.

    It is the value of the session cookie and the page token. It is derived from the session ID and
    the tool's secret key, so that the database contains nothing that opens a session.
    """
    return keyed_digest(secret_key, f"minga visit\n{session_id}")


def keyed_digest(secret_key: str, text: str) -> str:
    """Return the HMAC-SHA256 of a text, in 43 characters that need no quoting in a URL."""
    digest = hmac.digest(secret_key.encode(), text.encode("utf-8", "replace"), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
