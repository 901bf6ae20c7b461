"""What can be seen of a text: blank texts."""

import unicodedata

# Characters of the categories letter or symbol that have no visible shape.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def is_blank(text: str) -> bool:
    """Whether nothing is visible: only spaces, marks and characters without a shape."""
    return not any(
        unicodedata.category(character)[0] not in "ZCM" and character not in _BLANK
        for character in text
    )
