"""The deep-linking response: content items in a signed message.

The tool signs the message, and the browser posts it to the request's ``deep_link_return_url`` in a
form field named ``JWT``. Deep Linking 2.0 §3 and §4.5
(https://www.imsglobal.org/spec/lti-dl/v2p0/#deep-linking-response-message).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lti_tool.lti import claim_names
from lti_tool.lti.launch import DeepLinkingSettings
from lti_tool.lti.registration import Registration
from lti_tool.lti.sanitize import clean
from lti_tool.lti.signing_keys import SigningKeys
from lti_tool.lti.timestamps import iso_time

FORM_FIELD = "JWT"
RESOURCE_LINK, FILE, LINK = "ltiResourceLink", "file", "link"
LIFETIME = 300
"""Seconds in which the browser has to post the response."""
TITLE_LIMIT = 255
"""Characters of a title; platforms store no more."""
TEXT_LIMIT = 4000


@dataclass(frozen=True, slots=True)
class Image:
    """An icon or a thumbnail (§3.1.1.3); sizes in pixels."""

    url: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """The preferred size of an iframe, in pixels."""

    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A window or tab: ``_blank`` for a new one; sizes in pixels."""

    target_name: str = "_blank"
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A time span; either end may be open."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeepLinkLineItem:
    """The line item (gradebook column) that the platform should create with the link."""

    score_maximum: float
    label: str | None = None
    resource_id: str | None = None
    tag: str | None = None
    grades_released: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceLinkItem:
    """A content item of type ``ltiResourceLink`` (§3.1.3): a link to the tool in the course."""

    title: str
    url: str
    text: str | None = None
    custom: Mapping[str, str] = field(default_factory=dict)
    icon: Image | None = None
    thumbnail: Image | None = None
    iframe: Frame | None = None
    window: Window | None = None
    available: Period | None = None
    submission: Period | None = None
    line_item: DeepLinkLineItem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileItem:
    """A content item of type ``file`` (§3.1.4): the platform downloads it before ``expires_at``."""

    title: str
    url: str
    expires_at: datetime
    text: str | None = None
    icon: Image | None = None
    thumbnail: Image | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkItem:
    """A content item of type ``link`` (§3.1.1): a link without a launch."""

    title: str
    url: str
    text: str | None = None
    icon: Image | None = None
    thumbnail: Image | None = None
    window: Window | None = None


ContentItem = ResourceLinkItem | FileItem | LinkItem
_TYPES: dict[type, str] = {ResourceLinkItem: RESOURCE_LINK, FileItem: FILE, LinkItem: LINK}


def response_token(
    keys: SigningKeys,
    registration: Registration,
    deployment_id: str,
    settings: DeepLinkingSettings,
    items: Sequence[ContentItem],
    *,
    now: float,
    message: str | None = None,
    error_message: str | None = None,
    error_log: str | None = None,
) -> str:
    """The signed response. The platform may show the messages to the user (§4.5.3)."""
    claims = response_claims(registration, deployment_id, settings, items, now=now)
    messages = {"msg": message, "errormsg": error_message, "errorlog": error_log}
    for name, text in messages.items():
        if text:
            claims[claim_names.DEEP_LINKING + name] = clean(text, 1000)
    return keys.sign(claims, now=now)


def response_claims(
    registration: Registration,
    deployment_id: str,
    settings: DeepLinkingSettings,
    items: Sequence[ContentItem],
    *,
    now: float,
) -> dict[str, Any]:
    """The claims of the response; ``data`` is returned unchanged if the request had any.

    An empty list of items is a valid response: nothing was chosen. Raises ValueError where the
    request does not accept the items.
    """
    check_accepted(settings, items)
    claims: dict[str, Any] = {
        "iss": registration.client_id,
        "aud": registration.issuer,
        "iat": int(now),
        "exp": int(now) + LIFETIME,
        "nonce": secrets.token_urlsafe(18),
        claim_names.MESSAGE_TYPE: "LtiDeepLinkingResponse",
        claim_names.VERSION: "1.3.0",
        claim_names.DEPLOYMENT_ID: deployment_id,
        claim_names.CONTENT_ITEMS: [content_item(item, settings) for item in items],
    }
    if settings.data is not None:
        claims[claim_names.DEEP_LINKING_DATA] = settings.data
    return claims


def check_accepted(settings: DeepLinkingSettings, items: Sequence[ContentItem]) -> None:
    """Raise ValueError unless the request accepts these items."""
    for item in items:
        if _TYPES[type(item)] not in settings.accept_types:
            raise ValueError(f"the platform accepts no items of the type {_TYPES[type(item)]} here")
    if len(items) > 1 and not settings.accept_multiple:
        raise ValueError("the platform accepts one item here")


def content_item(item: ContentItem, settings: DeepLinkingSettings) -> dict[str, Any]:
    """One item as JSON, without the members that the request says it ignores.

    A title is never empty, and each item has a URL: some platforms fail without them.
    https://github.com/instructure/canvas-lms/issues/2142
    """
    common = {
        "type": _TYPES[type(item)],
        "title": clean(item.title, TITLE_LIMIT) or "Minga",
        "text": clean(item.text, TEXT_LIMIT) if item.text else None,
        "url": item.url,
        "icon": _image(item.icon),
        "thumbnail": _image(item.thumbnail),
    }
    if isinstance(item, FileItem):
        return _without_none(common | {"expiresAt": iso_time(item.expires_at)})
    window = item.window if "window" in settings.accept_targets else None
    common["window"] = _window(window) if window else None
    if isinstance(item, LinkItem):
        return _without_none(common)
    frame = item.iframe if "iframe" in settings.accept_targets else None
    line_item = item.line_item if settings.accept_line_item else None
    return _without_none(
        common
        | {
            "custom": dict(item.custom) or None,
            "iframe": _sizes(frame.width, frame.height) if frame else None,
            "available": _period(item.available),
            "submission": _period(item.submission),
            "lineItem": _line_item(line_item, str(common["title"])) if line_item else None,
        }
    )


def _line_item(line_item: DeepLinkLineItem, title: str) -> dict[str, Any]:
    if not line_item.score_maximum > 0:
        raise ValueError("a line item needs a maximum above zero (AGS 2.0 §3.2.9)")
    return _without_none(
        {
            "label": clean(line_item.label or title, TITLE_LIMIT),
            "scoreMaximum": line_item.score_maximum,
            "resourceId": line_item.resource_id,
            "tag": line_item.tag,
            "gradesReleased": line_item.grades_released,
        }
    )


def _image(image: Image | None) -> dict[str, Any] | None:
    return {"url": image.url, **_sizes(image.width, image.height)} if image else None


def _window(window: Window) -> dict[str, Any]:
    return {"targetName": window.target_name, **_sizes(window.width, window.height)}


def _sizes(width: int | None, height: int | None) -> dict[str, Any]:
    return _without_none({"width": width, "height": height})


def _period(period: Period | None) -> dict[str, Any] | None:
    if period is None or (period.starts_at is None and period.ends_at is None):
        return None
    return _without_none(
        {
            "startDateTime": iso_time(period.starts_at) if period.starts_at else None,
            "endDateTime": iso_time(period.ends_at) if period.ends_at else None,
        }
    )


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
