"""Numbers below a thousand and their units, in languages that write them simply.

Babel writes any number in any language, but takes as long to load for it as half a package takes to
build. A page says a few amounts only, so how those are written stands here; a test holds every one
against Babel, whose forms are those of the Common Locale Data Repository
(https://cldr.unicode.org). What does not stand here, Arabic with its six forms for instance, is
Babel's.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

LIMIT = 1000
"""From here on languages part thousands, and Babel does it."""


class _Spelling(NamedTuple):
    """How a language writes amounts: ``is_one`` says where the first of two forms is used."""

    point: str
    is_one: Callable[[float], bool]
    units: Mapping[str, tuple[str, ...]]


def _just_one(number: float) -> bool:
    return number == 1


def _less_than_two(number: float) -> bool:
    return number < 2


def _units(*forms: str) -> dict[str, tuple[str, ...]]:
    names = (
        *("digital-kilobyte", "digital-megabyte", "digital-gigabyte"),
        *("duration-hour", "duration-minute", "duration-second"),
    )
    return {name: tuple(form.split("|")) for name, form in zip(names, forms, strict=True)}


_SPELLINGS = {  # French parts a number from its unit by spaces that do not break
    "es": _Spelling(
        ",", _just_one, _units("{} kB", "{} MB", "{} GB", "{} hora|{} horas", "{} min", "{} s")
    ),
    "en": _Spelling(
        ".", _just_one, _units("{} kB", "{} MB", "{} GB", "{} hour|{} hours", "{} min", "{} sec")
    ),
    "fr": _Spelling(
        ",",
        _less_than_two,
        _units(
            *("{}\u202fko", "{}\u202fMo", "{}\u202fGo"),
            *("{}\u00a0heure|{}\u00a0heures", "{}\u00a0min", "{}\u202fs"),
        ),
    ),
    "pt": _Spelling(
        ",",
        _less_than_two,
        _units(
            *("{} kByte|{} kB", "{} MByte|{} MB", "{} GByte|{} GB"),
            *("{} hora|{} horas", "{} min", "{} s"),
        ),
    ),
}


def number(value: float, language: str) -> str | None:
    """Return a number as the language writes it, or None if it does not stand here."""
    spelling = _SPELLINGS.get(language)
    if spelling is None or type(value) not in (int, float) or not 0 <= value < LIMIT:
        return None
    if round(value, 3) != value:
        return None
    return f"{value:.3f}".rstrip("0").rstrip(".").replace(".", spelling.point)


def quantity(unit: str, value: float, language: str) -> str | None:
    """Return an amount of a unit (as CLDR names it), or None if it does not stand here."""
    shown = number(value, language)
    if shown is None:
        return None
    spelling = _SPELLINGS[language]
    forms = spelling.units[unit]
    return forms[0 if spelling.is_one(value) else -1].format(shown)
