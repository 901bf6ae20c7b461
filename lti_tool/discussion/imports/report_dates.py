"""Read the dates of a report, which are written for people in the language of who downloads it."""

import re
import unicodedata
from datetime import UTC, datetime
from functools import cache

from babel import Locale

from courseware.i18n import LANGUAGES

_DAY = re.compile(r"(?<![\d:])(\d{1,2})(?![\d:])")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_TIME = re.compile(r"(?<!\d)(\d{1,2})[:h](\d\d)(?::\d\d)?\s*([ap])?\.?\s?m?", re.I)
_WORDS = re.compile(r"[^\W\d_]+")


def read_date(text: str) -> datetime | None:
    """Return the moment of a text such as *Monday, 3 February 2025, 10:12 AM*, taken as UTC.

    None for a text without a year, a day and the name of a month in one of our languages, so also
    for a date in digits only, where day and month could be exchanged.
    """
    text = unicodedata.normalize("NFKC", text[:100]).translate(_digits())
    year, month = _YEAR.search(text), _month(text)
    if year is None or month is None:
        return None
    rest = text[: year.start()] + " " + text[year.end() :]
    time = _TIME.search(rest)
    hour = minute = 0
    if time is not None:
        hour, minute = int(time[1]), int(time[2])
        half = (time[3] or "").lower()
        hour = hour % 12 + 12 * (half == "p") if half and hour <= 12 else hour
        rest = rest[: time.start()] + " " + rest[time.end() :]
    day = _DAY.search(rest)
    if day is None:
        return None
    try:
        return datetime(int(year[1]), month, int(day[1]), hour, minute, tzinfo=UTC)
    except ValueError:
        return None


def _month(text: str) -> int | None:
    names = _months()
    for word in _WORDS.findall(text.casefold()):
        if word in names:
            return names[word]
    return None


@cache
def _months() -> dict[str, int]:
    found: dict[str, int] = {}
    for language in LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in Locale(language).months[context][width].items():
                    found.setdefault(name.casefold().rstrip("."), number)
    return found


@cache
def _digits() -> dict[int, str]:
    return {start + value: str(value) for start in (0x0660, 0x06F0) for value in range(10)}
