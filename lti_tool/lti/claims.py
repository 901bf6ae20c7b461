"""Typed access to the claims of a message: a value, None where it is absent, or Refused.

Only a required claim can refuse a launch, with the name of the claim. An optional claim is absent
if it is JSON ``null``, an empty string, an unsubstituted variable (``$User.image``), or of another
type than the specification's. Identifiers are the exception: one that is present must be valid,
because it says who launches, and where.
"""

from collections.abc import Mapping
from typing import Any, Literal

from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.sanitize import clean, is_identifier, is_variable
from lti_tool.lti.urls import split

LIST_LIMIT = 500
"""Entries of a list claim: roles, scopes, types."""

Claims = Mapping[str, Any]


def short_name(name: str) -> str:
    """The last segment of a claim's name, for messages."""
    return name.rpartition("/")[2]


def invalid_claim(name: str) -> Refused:
    """The refusal for a claim with an invalid value."""
    return Refused(Code.BAD_CLAIM, claim=short_name(name))


def missing_claim(name: str) -> Refused:
    """The refusal for a required claim that is absent."""
    return Refused(Code.MISSING_CLAIM, claim=short_name(name))


def optional_identifier(claims: Claims, name: str) -> str | None:
    """An identifier, unchanged: never cleaned, shortened or converted."""
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not is_identifier(value):
        raise invalid_claim(name)
    return value


def identifier(claims: Claims, name: str, shown: str | None = None) -> str:
    """A required identifier; ``shown`` is its name in a refusal."""
    value = claims.get(name)
    if value is None:
        raise missing_claim(shown or name)
    if not isinstance(value, str) or not is_identifier(value):
        raise invalid_claim(shown or name)
    return value


def string(claims: Claims, name: str, limit: int) -> str | None:
    """A string to show to people, without control characters, at most ``limit`` characters."""
    value = claims.get(name)
    if not isinstance(value, str) or is_variable(value):
        return None
    return clean(value, limit) or None


def url(claims: Claims, name: str) -> str | None:
    """An http(s) URL; any other value is absent (some platforms send ``""``)."""
    value = claims.get(name)
    return value if isinstance(value, str) and split(value) else None


def string_list(claims: Claims, name: str) -> tuple[str, ...]:
    """An optional list of strings, cleaned; other entries, and those beyond 500, are left out."""
    value = claims.get(name)
    entries = value[:LIST_LIMIT] if isinstance(value, list) else []
    return tuple(clean(entry, 255) for entry in entries if isinstance(entry, str))


def required_string_list(claims: Claims, name: str) -> tuple[str, ...]:
    """A required list of strings, each without control characters, at most 255 characters."""
    value = claims.get(name)
    if value is None:
        raise missing_claim(name)
    if not isinstance(value, list) or len(value) > LIST_LIMIT:
        raise invalid_claim(name)
    if not all(isinstance(entry, str) for entry in value):
        raise invalid_claim(name)
    return tuple(clean(entry, 255) for entry in value)


def json_object(claims: Claims, name: str) -> Claims | None:
    """A JSON object with members. An empty one is absent, also as PHP's ``[]``."""
    value = claims.get(name)
    return value if isinstance(value, dict) and value else None


def numeric_date(claims: Claims, name: str) -> int:
    """A required NumericDate (RFC 7519 §2): seconds since 1970, a fraction is cut off."""
    value = claims.get(name)
    if value is None:
        raise missing_claim(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_claim(name)
    if not 0 <= value < 1e11:
        raise invalid_claim(name)
    return int(value)


def boolean(claims: Claims, name: str) -> bool | None:
    """An optional boolean; some platforms send it as a string."""
    value = claims.get(name)
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


TARGETS: dict[str, Literal["iframe", "frame", "window"]] = {
    "iframe": "iframe",
    "frame": "frame",
    "window": "window",
}
