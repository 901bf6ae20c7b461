"""Numbers, dates, sizes and durations in a language, formatted with Babel (CLDR).

Dates name their month: ``28/11/26`` and ``11/28/26`` are read differently in different countries.

Results are memoized: Babel takes as long to format one date as the rest of a post takes to render,
and the pages that many people read show them the same dates and numbers. ``babel.dates`` is
imported when a date is formatted: it searches the system for its time zone, which takes a builder,
that shows no dates, a twentieth of its time.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Literal

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

Style = Literal["full", "long", "medium"]

_STEP = 1000
_SIZE_UNITS = ("digital-kilobyte", "digital-megabyte", "digital-gigabyte")
_ONE_DECIMAL_BELOW = 10


@lru_cache(maxsize=1024, typed=True)
def number(value: float, locale: Locale) -> str:
    """Format a number with the language's separators."""
    return format_decimal(value, locale=locale)


def name_list(names: Sequence[str], locale: Locale) -> str:
    """Join names as in a sentence: ``Ana, Bo and Cy``."""
    return format_list(names, locale=locale) if len(names) > 1 else "".join(names)


def day(moment: date, style: Style, locale: Locale) -> str:
    """Format the day of a date or datetime, with the month by name."""
    from babel.dates import format_date

    pattern = locale.date_formats[style].pattern
    named = "MMM" in pattern or "LLL" in pattern
    # The medium style of some countries (pt-PT, es-CL, ar) is digits only.
    return format_date(moment, style if named else "long", locale=locale)


@lru_cache(maxsize=8192)
def day_and_time(moment: datetime, style: Style, zone: tzinfo, locale: Locale) -> str:
    """Format the day in ``style`` and the time without seconds, in ``zone``; naive means UTC."""
    from babel.dates import format_time, get_datetime_format

    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    local = aware.astimezone(zone)
    date_text = day(local, style, locale)
    time_text = format_time(local.replace(tzinfo=None), "short", locale=locale)
    pattern = str(get_datetime_format(style, locale=locale))
    return pattern.replace("'", "").replace("{0}", time_text).replace("{1}", date_text)


def size(number_of_bytes: float, locale: Locale) -> str:
    """Format a size in bytes: ``2.8 MB``."""
    amount, step = number_of_bytes / _STEP, 0
    while step < len(_SIZE_UNITS) - 1 and abs(round(amount)) >= _STEP:
        amount, step = amount / _STEP, step + 1
    rounded = round(amount, 1) if abs(amount) < _ONE_DECIMAL_BELOW else round(amount)
    return _unit(_SIZE_UNITS[step], rounded, "short", locale)


def duration(seconds: float, locale: Locale) -> str:
    """Format a duration: ``45 min``, ``2 min 30 sec``, ``1 hour 5 min`` (no seconds with hours)."""
    total = max(0, round(seconds))
    hours, rest = divmod(total, 3600)
    minutes, rest = divmod(rest, 60)
    # The short form of the hour is wrong in some languages of CLDR ("1 horas"), so the long one.
    parts = [_unit("duration-hour", hours, "long", locale)] if hours else []
    parts += [_unit("duration-minute", minutes, "short", locale)] if minutes else []
    if not hours and (rest or not total):
        parts.append(_unit("duration-second", rest, "short", locale))
    return (" و" if locale.language == "ar" else " ").join(parts)


@lru_cache(maxsize=1024, typed=True)
def _unit(unit: str, value: float, length: Literal["short", "long"], locale: Locale) -> str:
    # The short Arabic units of CLDR are single letters, which few readers know.
    length = "long" if locale.language == "ar" else length
    return format_unit(value, unit, length, locale=locale)
