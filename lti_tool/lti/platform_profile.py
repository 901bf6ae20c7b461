"""The points on which LTI platforms differ, as one value that the protocol code is given.

Each field is something that a specification leaves open, or that a platform does in its own way;
the default is the specification's behaviour. ``lti_tool.platforms`` has one module for each LMS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lti_tool.lti.launch import Launch
from lti_tool.lti.urls import origin


def _issuer_origin(issuer: str) -> tuple[str, ...]:
    found = origin(issuer)
    return (found,) if found else ()


def _no_origins(_issuer: str) -> tuple[str, ...]:
    return ()


def _own_client(_issuer: str, _configuration_url: str | None) -> bool:
    return False


def _acts_as_self(_launch: Launch) -> bool:
    return True


def _return_page(launch: Launch) -> str | None:
    """The page to which the launch returns, without its query: that can hold a session's secret."""
    url = launch.presentation.return_url
    parts = urlsplit(url) if url else None
    if parts is None or parts.scheme not in ("http", "https"):
        return None
    return parts._replace(query="", fragment="").geturl()


def _unchanged_request(request: dict[str, Any]) -> dict[str, Any]:
    return request


def _unchanged_text(text: str) -> str:
    return text


def _no_reason(_status: int, _body: str) -> str | None:
    return None


def _no_delay(_status: int, _headers: Mapping[str, str]) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class SetupSketch:
    """The page of an LMS on which an administrator adds the tool, with the names that it has there.

    ``path``: the menus that lead to it. ``fields``: labels (empty where no source names one) and
    what to enter: ``registration``, ``launch``, ``login`` or ``keys`` for the tool's URL of that
    name, else the text itself. ``button``: what to select at last.
    """

    path: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    button: str = ""


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
    shared_client: Callable[[str, str | None], bool] = _own_client
    """From the issuer and the URL of the configuration at dynamic registration, if any, to whether
    several institutions may have one client ID, so that a deployment is an institution."""
    acts_as_self: Callable[[Launch], bool] = _acts_as_self
    """False where the launch says that another person acts as the user (masquerading)."""
    activity_url: Callable[[Launch], str | None] = _return_page
    """The activity's own page in the LMS, or the nearest page to it, where the launch tells it. It
    is shown to anyone with a link to a post, so it must hold nothing about the user."""
    decode_name: Callable[[str], str] = _unchanged_text
    """Undoes an encoding that the platform applies to the names of users."""
    score_extensions: Mapping[str, Any] = field(default_factory=dict)
    """Members to add to each score (AGS 2.0 §3.4.10)."""
    progress_clears_grade: bool = False
    """A score without ``scoreGiven``, or that is not fully graded, erases the grade: such a score
    must not be sent."""
    announces_submissions: bool = False
    """A score that is ``PendingManual`` and has no points tells instructors that there is something
    to grade. It is sent once, where there is no grade yet."""
    comments_accumulate: bool = False
    """Each comment of a score is added to the earlier ones, instead of replacing them."""
    refusal_reason: Callable[[int, str], str | None] = _no_reason
    """From the status and body of an error response to a value of ``ags.scores.ScoreOutcome``, or
    None where the body does not say why."""
    throttle_delay: Callable[[int, Mapping[str, str]], int | None] = _no_delay
    """From the status and headers (lower-case names) of an error response without ``Retry-After``
    to the number of seconds to wait, or None where the response is not about throttling."""
    roster_lacks_instructors: bool = False
    """The roster lists some people as learners whom launches call instructors. A person
    stored as an instructor stays one until a launch gives another role."""
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
    history_claim: str = ""
    """The platform's own claim that has the history variables as members, if any."""
    placements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Placements (menu locations) to request, by message type."""
    add_steps: tuple[str, ...] = ()
    """How an administrator adds the tool in the LMS with a registration URL, in order; each is a
    gettext msgid. Empty where the LMS is unknown."""
    sketch: SetupSketch | None = None
    """Where ``add_steps`` lead."""
    dynamic_registration: bool = True
    """Whether the LMS registers tools by a URL; otherwise ``add_steps`` are for manual values."""
    one_for_each_domain: bool = False
    """Whether the LMS accepts only one registration for each domain of a tool."""
    setup_steps: tuple[str, ...] = ()
    """What an administrator has to do in the LMS after a dynamic registration, in order; each is a
    gettext msgid."""
    after_adding: str = ""
    """What an instructor has to do after activities were added by deep linking; a gettext msgid."""
    service_settings: Mapping[str, str] = field(default_factory=dict)
    """Where an administrator allows a service (``service_log.GRADES``, ``ROSTER``) in the LMS, in
    the words of its pages; gettext msgids."""
    placement_claim: str = ""
    """The platform's own claim that has the placement of the launch, if any."""
    full_window_message: str = ""
    """The subject of the message with which a page in a frame asks the LMS's page to launch a URL
    of the tool in the whole window; empty where there is none. That launch is in the same course
    and for the same user, but without the resource link (see ``sessions.activity_references``)."""
    storage_target_by_capabilities: bool = False
    """Platform storage exists although the login has no ``lti_storage_target``: the frame has to
    be found with an ``lti.capabilities`` message."""


STANDARD = PlatformProfile(product="")
"""An LMS about which nothing particular is known."""

FindProfile = Callable[[str, str | None], PlatformProfile]
"""From an issuer and a product family code, where known, to the profile of the platform."""
