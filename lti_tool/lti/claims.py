"""Read typed values out of claims: absent, right, or refused; never a surprise further in.

JSON null and an unsubstituted variable are absent. An empty text is absent too, except in an
identifier, where it is wrong. A value of another type than the specification's is refused by the
name of its claim.
"""

from collections.abc import Mapping
from typing import Any, Literal

from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.sanitize import clean, is_identifier, is_variable
from lti_tool.lti.urls import split

LIST_LIMIT = 500
"""Entries of a list claim: roles, scopes, types."""

Claims = Mapping[str, Any]


def short(name: str) -> str:
    """The last part of a claim's name: what people call it."""
    return name.rpartition("/")[2]


def bad(name: str) -> Refused:
    """The refusal of a claim that is there, and wrong."""
    return Refused(Code.BAD_CLAIM, claim=short(name))


def missing(name: str) -> Refused:
    """The refusal for a claim that is not there."""
    return Refused(Code.MISSING_CLAIM, claim=short(name))


def optional_identifier(claims: Claims, name: str) -> str | None:
    """An identifier as it is: never cleaned, shortened or converted."""
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not is_identifier(value):
        raise bad(name)
    return value


def identifier(claims: Claims, name: str, shown: str | None = None) -> str:
    """A required identifier; ``shown`` is its name in a refusal."""
    value = claims.get(name)
    if value is None:
        raise missing(shown or name)
    if not isinstance(value, str) or not is_identifier(value):
        raise bad(shown or name)
    return value


def text(claims: Claims, name: str, limit: int) -> str | None:
    """A text for people to read, cleaned and cut at ``limit`` characters."""
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise bad(name)
    if is_variable(value):
        return None
    return clean(value, limit) or None


def url(claims: Claims, name: str) -> str | None:
    """An http(s) address; anything else that is a text is absent (Moodle sends ``""``)."""
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise bad(name)
    return value if split(value) else None


def texts(claims: Claims, name: str) -> tuple[str, ...] | None:
    """A list of texts, each kept as it is."""
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > LIST_LIMIT:
        raise bad(name)
    for entry in value:
        if not isinstance(entry, str):
            raise bad(name)
    return tuple(clean(entry, 255) for entry in value)


def mapping(claims: Claims, name: str) -> Claims | None:
    """A claim that is an object."""
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise bad(name)
    return value


def seconds(claims: Claims, name: str) -> int:
    """A required NumericDate (RFC 7519 §2): seconds since 1970, perhaps with a fraction."""
    value = claims.get(name)
    if value is None:
        raise missing(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad(name)
    if not 0 <= value < 1e11:
        raise bad(name)
    return int(value)


def flag(claims: Claims, name: str) -> bool | None:
    """A boolean; some platforms write it as a text."""
    value: Any = claims.get(name)
    if value is None or isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise bad(name)


TARGETS: dict[str, Literal["iframe", "frame", "window"]] = {
    "iframe": "iframe",
    "frame": "frame",
    "window": "window",
}
