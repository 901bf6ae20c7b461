"""What can be seen of a text: blank texts, and names that cannot disturb the text around them."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# Characters of the categories letter or symbol that have no visible shape.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def is_blank(text: str) -> bool:
    """Whether nothing is visible: only spaces, marks and characters without a shape."""
    return not any(
        unicodedata.category(character)[0] not in "ZCM" and character not in _BLANK
        for character in text
    )


_MAX_MARKS = 4
"""Most combining marks on a letter of a name. Hebrew and Tibetan need as many, others fewer."""
_LONGEST_NAME = 60
_JOINERS = "\u200c\u200d"
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb]"
    "|[\u202a-\u202e]"  # directional embeddings and overrides
)
_ISOLATES = re.compile("[\u2066-\u2069]")
_AFTER_LATIN = re.compile("[^\x00-\u02ff]")
"""There are no combining marks before U+0300."""


@lru_cache(maxsize=4096)
def plain_name(text: str) -> str:
    """Return a name or title as it can be shown; empty if nothing of it would be visible.

    Directional controls can make a name appear as another one, and stacked marks paint over the
    lines around it. Isolates stay if each is closed; joiners stay, because Persian, Indic scripts
    and emoji need them.
    """
    if text.isascii():
        return text
    text = _UNSEEN.sub("", text)
    if _ISOLATES.search(text) and not _are_closed(text):
        text = _ISOLATES.sub("", text)
    if _AFTER_LATIN.search(text):
        text = "".join(_with_few_marks(text))
    return "" if is_blank(text) else text


def _are_closed(text: str) -> bool:
    depth = 0
    for character in _ISOLATES.findall(text):
        depth += -1 if character == "\u2069" else 1
        if depth < 0:
            return False
    return depth == 0


def _with_few_marks(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        if unicodedata.category(character)[0] == "M":
            marks += 1
        elif character not in _JOINERS:
            marks = 0
        if marks <= _MAX_MARKS:
            yield character


@lru_cache(maxsize=4096)
def shortened(text: str, most: int = _LONGEST_NAME) -> str:
    """Return the start of a long name, cut between letters, with an ellipsis."""
    if len(text) <= most:
        return text
    text = _ISOLATES.sub("", text)  # the end of one may be cut off
    end = most - 1
    while end > 1 and _continues(text, end):
        end -= 1
    return f"{text[:end].rstrip()}…"


def _continues(text: str, at: int) -> bool:
    """Whether the character at a position belongs to the letter before it."""
    return unicodedata.category(text[at])[0] == "M" or _ZWJ in text[at - 1 : at + 1]


_ZWJ = "\u200d"
