"""The points on which LTI platforms differ, as one value that the protocol code is given.

Each field is something that a specification leaves open, or that a platform does in its own way;
the default is the specification's behaviour. ``lti_tool.platforms`` has one module for each LMS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lti_tool.lti.launch import Launch
from lti_tool.lti.urls import origin


def _issuer_origin(issuer: str) -> tuple[str, ...]:
    found = origin(issuer)
    return (found,) if found else ()


def _no_origins(_issuer: str) -> tuple[str, ...]:
    return ()


def _acts_as_self(_launch: Launch) -> bool:
    return True


def _unchanged_request(request: dict[str, Any]) -> dict[str, Any]:
    return request


def _unchanged_text(text: str) -> str:
    return text


def _no_delay(_status: int, _headers: Mapping[str, str]) -> int | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformProfile:
    """How one LMS product differs from the specifications."""

    product: str
    """Product family code (LTI Core 1.3 §5.4.2), or an empty string for an unknown LMS."""
    display_name: str = ""
    """The product's name as shown to people, or an empty string for an unknown LMS."""
    token_audience: str | None = None
    """``aud`` of the client assertion (Security Framework 1.0 §4.1.1) where it is the same for
    every site of the vendor; None means the token endpoint's URL."""
    acts_as_self: Callable[[Launch], bool] = _acts_as_self
    """False where the launch says that somebody else acts as the user (masquerading)."""
    decode_name: Callable[[str], str] = _unchanged_text
    """Undoes an encoding that the platform applies to the names of users."""
    score_extensions: Mapping[str, Any] = field(default_factory=dict)
    """Members to add to each score (AGS 2.0 §3.4.10)."""
    progress_clears_grade: bool = False
    """A score without ``scoreGiven`` erases the grade, so progress alone must not be sent."""
    throttle_delay: Callable[[int, Mapping[str, str]], int | None] = _no_delay
    """From the status and headers (lower-case names) of an error response without ``Retry-After``
    to the number of seconds to wait, or None where the response is not about throttling."""
    repair_link_header: Callable[[str], str] = _unchanged_text
    """Turns the platform's ``Link`` header into one that RFC 8288 allows."""
    vendor_frame_origins: Callable[[str], tuple[str, ...]] = _no_origins
    """From an issuer to the sources for ``frame-ancestors`` of a login, when the institution's own
    origin is not known yet."""
    configuration_origins: Callable[[str], tuple[str, ...]] = _issuer_origin
    """From an issuer to the origins that may serve its configuration in a dynamic registration.

    ``https://*.example.org`` means every host below ``example.org``, at the default port.
    """
    name_member: str = ""
    """The member of the platform's configuration that has the institution's name, if any."""
    extend_registration_request: Callable[[dict[str, Any]], dict[str, Any]] = _unchanged_request
    """Adds the LMS's own members to a registration request; returns a new dictionary."""
    custom_parameters: Mapping[str, str] = field(default_factory=dict)
    """Custom parameters to register beyond the tool's own, because the profile reads them."""
    placements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Placements (menu locations) to request, by message type."""
    setup_steps: tuple[str, ...] = ()
    """What an administrator has to do in the LMS after a dynamic registration, in order; each is a
    gettext msgid."""
    storage_target_by_capabilities: bool = False
    """Platform storage exists although the login has no ``lti_storage_target``: the frame has to
    be found with an ``lti.capabilities`` message."""


STANDARD = PlatformProfile(product="")
"""An LMS about which nothing particular is known."""

FindProfile = Callable[[str, str | None], PlatformProfile]
"""From an issuer and a product family code, where known, to the profile of the platform."""
