"""The switches by which this platform misbehaves on request; tests turn them.

They imitate what platforms do on bad days: slow or broken key sets, mislabelled tokens, odd
``Link`` headers, storage that never answers. Hostile tokens are made in :mod:`demo_lms.mischief`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

KeySet = Literal["good", "empty", "no-keys", "not-json", "malformed-key", "huge", "list"]
Links = Literal["plain", "curly", "shouted", "extra", "loop", "foreign"]
Storage = Literal["on", "wrong_origin", "never", "unsupported", "forgetful", "exhausted"]


@dataclass
class Mischief:
    """Switches; the defaults are an honest platform. Each is read at every answer."""

    # The key set
    key_set: KeySet = "good"
    key_set_status: int = 200
    key_set_delay: float = 0.0
    """Seconds; also who is waiting already is answered when it becomes less."""
    # The token endpoint
    token_status: int = 200
    token_delay: float = 0.0
    token_as_html: bool = False
    """Label the token's JSON ``text/html``, as Moodle does."""
    token_scopes: tuple[str, ...] | None = None
    """Grant only these of the scopes that were asked for."""
    token_seconds: int = 3_600
    # The services
    service_status: int = 200
    service_delay: float = 0.0
    page_size: int = 100
    """The most members or line items in one answer."""
    links: Links | None = None
    """How ``Link: rel=next`` is written; None is as the flavour does."""
    # The launch
    edit_claims: Callable[[dict[str, Any]], dict[str, Any] | None] | None = None
    """Changes the claims of each id_token: returns others, or edits in place and returns None."""
    minted: dict[str, Any] = field(default_factory=dict)
    """Arguments for :func:`demo_lms.mischief.mint` in each launch, such as ``{"alg": "none"}``."""
    storage_target: str | None = "_parent"
    """``lti_storage_target``; None leaves it out."""
    storage: Storage = "on"
    """How the page that holds the frame answers to platform-storage messages."""
    frame_sandbox: str | None = None
    """The ``sandbox`` attribute of the tool's frame."""
    # What was asked of us
    key_set_fetches: int = 0
    token_requests: int = 0
