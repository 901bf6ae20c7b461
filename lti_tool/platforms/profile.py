"""The face that every LMS shows to the rest of the house.

A field is a question that the protocol leaves open or that somebody answers in their own way; its
default is the specification's answer. A file beside this one answers for one LMS, and links to why.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lti_tool.lti.launch import Launch
from lti_tool.lti.registration import Registration
from lti_tool.lti.urls import origin


class Reminder(StrEnum):
    """What an administrator has yet to do in the LMS after registering. Words are elsewhere."""

    ACTIVATE_TOOL = "activate_tool"
    """The tool is pending until it is activated in the list of tools."""
    SWITCH_ON_IN_COURSE = "switch_on_in_course"
    """A teacher shows the tool in the activity chooser of each course."""
    ENABLE_TOOL = "enable_tool"
    """The tool's settings are reviewed and it is switched on."""
    ADD_DEPLOYMENT = "add_deployment"
    """The tool needs a deployment, made for some or all courses."""
    APPROVE_TOOL = "approve_tool"
    """The tool is added to the site and approved by its client id."""


def _issuer_origin(issuer: str) -> tuple[str, ...]:
    return (origin(issuer) or "",)


def _audience(registration: Registration) -> str:
    return registration.token_audience or registration.token_endpoint


def _always(_launch: Launch) -> bool:
    return True


def _no_origins(_registration: Registration) -> tuple[str, ...]:
    return ()


def _as_it_is(request: dict[str, Any]) -> dict[str, Any]:
    return request


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformProfile:
    """One LMS's own ways."""

    product: str
    """The product family code, or an empty text for an LMS that is not known."""
    token_audience: Callable[[Registration], str] = _audience
    """The ``aud`` of the client assertion (Security Framework 1.0 §4.1.1)."""
    shares_issuer: bool = False
    """One issuer and client id serve many institutions: deployments appear without notice."""
    is_own_record: Callable[[Launch], bool] = _always
    """Whether what happens in this launch is the work of the person that it names."""
    score_extras: Mapping[str, Any] = field(default_factory=dict)
    """What is added to each score."""
    progress_clears_grade: bool = False
    """A score without points erases the grade, so progress alone must not be sent."""
    framed_from: Callable[[Registration], tuple[str, ...]] = _no_origins
    """Sources for ``frame-ancestors`` as long as no launch has told the institution's own."""
    configuration_origins: Callable[[str], tuple[str, ...]] = _issuer_origin
    """From an issuer to the origins that may serve its configuration in a dynamic registration.

    ``https://*.example.org`` means every host below ``example.org``, at the default port.
    """
    dress_registration: Callable[[dict[str, Any]], dict[str, Any]] = _as_it_is
    """Adds the LMS's own keys to a registration request; returns a new one."""
    custom_parameters: Mapping[str, str] = field(default_factory=dict)
    """Parameters to register, beyond the tool's own, from which this file later reads."""
    placements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Where the tool wishes to appear, by message type."""
    reminders: tuple[Reminder, ...] = ()
    asks_for_storage_by_message: bool = False
    """Platform storage exists although ``lti_storage_target`` is not sent with the login."""


STANDARD = PlatformProfile(product="")
"""An LMS of which nothing particular is known."""
