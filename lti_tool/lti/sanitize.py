"""Make strings from platforms safe to store: no NUL, no lone surrogates, limited length.

JSON can carry characters that neither UTF-8 nor PostgreSQL can store (``\\u0000``, ``\\ud800``).
They are removed from names. Identifiers are refused instead, because a changed identifier is a
different one.
"""

import re

from courseware.characters import plain_name

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BREAKS = re.compile(r"[\t\r\n]+")
_VARIABLE = re.compile(r"\$[A-Za-z]\w*(?:\.\w+)+", re.ASCII)

IDENTIFIER_LIMIT = 255
"""LTI Core 1.3 §5.3.3 and §5.4.1: identifiers are at most 255 characters."""


def clean(text: str, limit: int) -> str:
    """One line to show, at most ``limit`` characters; empty if nothing of it would be visible.

    Without control characters, lone surrogates, directional overrides and stacks of marks.
    """
    if text.isprintable():
        if text.isascii():  # most of the strings of a launch
            return text.strip()[:limit].rstrip()
    else:
        text = _BREAKS.sub(" ", _UNSTORABLE.sub("", text))
    return plain_name(text.strip()[:limit]).strip()


def is_storable(text: str) -> bool:
    """Whether UTF-8 and every database can store the string unchanged."""
    return text.isprintable() or _UNSTORABLE.search(text) is None


def is_identifier(text: str) -> bool:
    """Whether the string can be an identifier: 1 to 255 characters without control characters."""
    return 0 < len(text) <= IDENTIFIER_LIMIT and (
        (text.isascii() and text.isprintable()) or _is_plain(text)
    )


def _is_plain(text: str) -> bool:
    return _UNSTORABLE.search(text) is None and _BREAKS.search(text) is None


def is_variable(text: str) -> bool:
    """Whether the string is an unsubstituted variable (``$User.image``), i.e. has no value.

    LTI Core 1.3 §5.4.6.1 and appendix B.
    """
    return text[:1] == "$" and _VARIABLE.fullmatch(text) is not None
