"""A platform's registration of this tool: an issuer and a client id, with their endpoints."""

from dataclasses import dataclass, field
from typing import Literal

from lti_tool.lti.platform_profile import STANDARD, PlatformProfile

Status = Literal["active", "pending", "disabled", "paused"]
GuestPolicy = Literal["none", "read", "post"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A registration (LTI Core 1.3 §3.1.1-3.1.3; Security Framework 1.0 §5).

    https://www.imsglobal.org/spec/lti/v1p3/#tool-deployment
    """

    issuer: str
    client_id: str
    authorization_endpoint: str
    token_endpoint: str
    """Empty where it is not known: then no service of the platform can be called."""
    jwks_uri: str
    id: int | None = None
    """The number of the stored registration; None before it is stored."""
    name: str = ""
    status: Status = "active"
    """``pending``: an operator must approve it first. ``paused``: turned off by the institution,
    so that only its administrators may launch."""
    guests: GuestPolicy = "read"
    """What an anonymous launch (without ``sub``) may do."""
    token_audience: str | None = None
    """``aud`` of the client assertion, where the platform states one; see also the profile."""
    product: str | None = None
    """The platform's product family code (``moodle``, ``canvas``…), where known."""
    frame_origins: tuple[str, ...] = ()
    """More origins that may frame the tool, added by an administrator."""
    scopes: tuple[str, ...] = ()
    """The scopes that the platform said it grants."""
    configuration_url: str | None = None
    """Where the platform's configuration was at its dynamic registration, without the token."""
    profile: PlatformProfile = field(default=STANDARD, compare=False, repr=False)
    """How this LMS product differs; it follows from ``issuer`` and ``product``."""

    @property
    def stored_id(self) -> int:
        """``id``. Raises ValueError before the registration is stored."""
        if self.id is None:
            raise ValueError("the registration is not stored yet")
        return self.id

    @property
    def active(self) -> bool:
        """Whether launches and service calls are allowed."""
        return self.status == "active"

    @property
    def may_launch(self) -> bool:
        """Whether launches are allowed, of administrators at least."""
        return self.status in ("active", "paused")

    @property
    def assertion_audience(self) -> str:
        """``aud`` of the client assertion (Security Framework 1.0 §4.1.1)."""
        return self.token_audience or self.profile.token_audience or self.token_endpoint
