"""Text that others wrote, made safe to keep: no NUL, no lone surrogates, no endless names.

JSON may carry what neither UTF-8 nor PostgreSQL can hold (``\\u0000``, ``\\ud800``). A name is
cleaned of them; an identifier is not repaired, because a repaired identifier is another one.
"""

import re

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BREAKS = re.compile(r"[\t\r\n]+")
_VARIABLE = re.compile(r"\$[A-Za-z]\w*(?:\.\w+)+", re.ASCII)

IDENTIFIER_LIMIT = 255
"""LTI Core 1.3 §5.3.3 and §5.4.1: identifiers are at most 255 characters."""


def clean(text: str, limit: int) -> str:
    """One line without control characters or lone surrogates, at most ``limit`` characters."""
    if not text.isprintable():
        text = _BREAKS.sub(" ", _UNSTORABLE.sub("", text))
    return text.strip()[:limit].rstrip()


def is_storable(text: str) -> bool:
    """Whether UTF-8 and every database hold the text as it is."""
    return text.isprintable() or _UNSTORABLE.search(text) is None


def is_identifier(text: str) -> bool:
    """Whether the text can be an identifier: 1 to 255 characters, none of them a control."""
    return 0 < len(text) <= IDENTIFIER_LIMIT and (
        (text.isascii() and text.isprintable()) or _is_plain(text)
    )


def _is_plain(text: str) -> bool:
    return _UNSTORABLE.search(text) is None and _BREAKS.search(text) is None


def is_variable(text: str) -> bool:
    """Whether the platform left a substitution undone (``$User.image``): the value is absent."""
    return text[:1] == "$" and _VARIABLE.fullmatch(text) is not None
