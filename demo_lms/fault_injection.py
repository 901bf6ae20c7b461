"""Configurable faults of the platform, for tests.

They imitate faults of real platforms: slow or broken key sets, wrong content types, unusual
``Link`` headers, storage that never answers. Invalid tokens are made in :mod:`demo_lms.id_tokens`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

KeySet = Literal["good", "empty", "no-keys", "not-json", "malformed-key", "huge", "list"]
Links = Literal["plain", "curly", "shouted", "extra", "loop", "foreign"]
Storage = Literal["on", "wrong_origin", "never", "unsupported", "forgetful", "exhausted"]


@dataclass
class FaultInjection:
    """Faults to inject; the defaults inject none. Read at each request."""

    # The key set
    key_set: KeySet = "good"
    key_set_status: int = 200
    key_set_delay: float = 0.0
    """Seconds. Reducing it also releases requests that already wait."""
    # The token endpoint
    token_status: int = 200
    token_delay: float = 0.0
    token_as_html: bool = False
    """Label the token's JSON ``text/html``, as Moodle does."""
    token_scopes: tuple[str, ...] | None = None
    """Grant only these of the requested scopes."""
    token_seconds: int = 3_600
    # The services
    service_status: int = 200
    service_delay: float = 0.0
    page_size: int = 100
    """Maximum number of members or line items in a response."""
    links: Links | None = None
    """Style of ``Link: rel=next``; None: that of the flavour."""
    # The launch
    edit_claims: Callable[[dict[str, Any]], dict[str, Any] | None] | None = None
    """Changes the claims of each id_token: returns new ones, or edits in place and returns None."""
    token_options: dict[str, Any] = field(default_factory=dict)
    """Arguments for :func:`demo_lms.id_tokens.mint` in each launch, such as ``{"alg": "none"}``."""
    storage_target: str | None = "_parent"
    """``lti_storage_target``; None omits it."""
    storage: Storage = "on"
    """Behaviour of platform storage."""
    frame_sandbox: str | None = None
    """The ``sandbox`` attribute of the tool's frame."""
    # Counters
    key_set_fetches: int = 0
    token_requests: int = 0
