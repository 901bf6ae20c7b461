"""The words of the interface, in the reader's language: in the live tool and in packages alike.

Messages are gettext's: English in the code, translations in ``translations/<language>/LC_MESSAGES/
minga.po``. A compiled ``minga.mo`` beside it is used while it is fresh; otherwise the .po is
compiled in memory (and kept, where ``remembered.py`` may). A ``%`` in a message always starts a
placeholder (``%(name)s``); write ``%%`` for the sign itself.
"""

import gettext
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import cache, cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from courseware import amounts, places
from courseware.languages import choose, direction
from courseware.po import COMPILER, compile_po
from courseware.remembered import remembered

if TYPE_CHECKING:
    from babel import Locale

LANGUAGES = ("es", "en", "fr", "pt", "ar")
DOMAIN = "minga"
_FALLBACK = "en"
_STEP = 1000
_UNITS = ("kilobyte", "megabyte", "gigabyte")
_FEW = 10

Style = Literal["full", "long", "medium", "short"]


class Interface:
    """Messages, dates, numbers and sizes in one language. Made once, shared by all threads."""

    def __init__(self, language: str, catalogue: gettext.NullTranslations) -> None:
        self.lang = language
        self.dir = direction(language)
        self._catalogue = catalogue

    def __repr__(self) -> str:
        return f"Interface({self.lang!r})"

    @cached_property
    def locale(self) -> "Locale":
        """Babel's description of the language."""
        from babel import Locale

        return Locale.parse(self.lang, sep="-")

    def message(self, message: str, context: str | None = None) -> str:
        """Return ``message`` translated, its placeholders untouched."""
        if context is None:
            return self._catalogue.gettext(message)
        return self._catalogue.pgettext(context, message)

    def plural_message(self, one: str, many: str, n: int, context: str | None = None) -> str:
        """Return the translated form that ``n`` asks for, its placeholders untouched."""
        if context is None:
            return self._catalogue.ngettext(one, many, n)
        return self._catalogue.npgettext(context, one, many, n)

    def gettext(self, message: str, **values: object) -> str:
        """Return ``message`` translated, with its placeholders filled in."""
        return filled(self.message(message), message, values)

    def ngettext(self, one: str, many: str, n: int, **values: object) -> str:
        """Return the form of the message that ``n`` asks for; ``%(n)s`` shows ``n``, formatted."""
        values = {"n": self.number(n), **values}
        return filled(self.plural_message(one, many, n), one if n == 1 else many, values)

    def pgettext(self, context: str, message: str, **values: object) -> str:
        """Return ``message`` translated for the place that ``context`` names."""
        return filled(self.message(message, context), message, values)

    def number(self, number: float) -> str:
        """Return a number with the language's separators."""
        return _number(self, number)

    def listed(self, names: Sequence[str]) -> str:
        """Return several names as one would say them: ``Ana, Bo and Cy``."""
        if len(names) < 2:
            return "".join(names)
        if len(names) == 1:
            return names[0]
        from babel.lists import format_list

        return format_list(names, locale=self.locale)

    def date(self, moment: date, style: Style = "long") -> str:
        """Return the day of ``moment``."""
        from babel.dates import format_date

        return format_date(moment, style, locale=self.locale)

    def datetime(
        self, moment: datetime, style: Style = "medium", zone: tzinfo | None = None
    ) -> str:
        """Return the day and the time in ``zone`` (UTC unless given); a naive moment is in UTC."""
        return _datetime(self, moment, style, zone or UTC)

    def size(self, size: float) -> str:
        """Return ``size``, in bytes, as people read it: ``2.8 MB``."""
        amount, step = size / _STEP, 0
        while step < len(_UNITS) - 1 and abs(round(amount)) >= _STEP:
            amount, step = amount / _STEP, step + 1
        shown = round(amount, 1) if abs(amount) < _FEW else round(amount)
        return self._unit(f"digital-{_UNITS[step]}", shown)

    def duration(self, seconds: float = 0, *, minutes: float = 0) -> str:
        """Return a length of time: ``45 min``, ``2 min 30 sec``, ``1 hour 5 min``."""
        whole = max(0, round(seconds + minutes * 60))
        hours, rest = divmod(whole, 3600)
        minute, second = divmod(rest, 60)
        # The short hour is wrong in some languages of the repository ("1 horas"): the long one.
        parts = [self._unit("duration-hour", hours, "long")] if hours else []
        parts += [self._unit("duration-minute", minute)] if minute else []
        parts += (
            [self._unit("duration-second", second)] if not hours and (second or not whole) else []
        )
        return (" و" if self.lang == "ar" else " ").join(parts)

    def _unit(self, unit: str, value: float, length: Literal["short", "long"] = "short") -> str:
        # The short Arabic units of CLDR are single letters, which few readers know.
        return _quantity(self, unit, value, "long" if self.lang == "ar" else length)


# Babel takes as long for one date as the rest of a post's rendering, and a page that many people
# read shows them all the same dates and numbers.


@lru_cache(maxsize=1024, typed=True)
def _number(ui: Interface, number: float) -> str:
    known = amounts.number(number, ui.lang)
    if known is not None:
        return known
    from babel.numbers import format_decimal

    return format_decimal(number, locale=ui.locale)


@lru_cache(maxsize=8192)
def _datetime(ui: Interface, moment: datetime, style: Style, zone: tzinfo) -> str:
    from babel.dates import format_date, format_time, get_datetime_format

    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    local = aware.astimezone(zone)
    day = format_date(local, style, locale=ui.locale)
    time = format_time(local.replace(tzinfo=None), "short", locale=ui.locale)
    pattern = str(get_datetime_format(style, locale=ui.locale))
    return pattern.replace("'", "").replace("{0}", time).replace("{1}", day)


@lru_cache(maxsize=1024, typed=True)
def _quantity(ui: Interface, unit: str, value: float, length: Literal["short", "long"]) -> str:
    known = amounts.quantity(unit, value, ui.lang)
    if known is not None:
        return known
    from babel.units import format_unit

    return format_unit(value, unit, length, locale=ui.locale)


def filled(translated: str, original: str, values: dict[str, Any]) -> str:
    """Fill the placeholders in; a translation that cannot take them gives way to the original."""
    for text in (translated, original):
        if "%" not in text:
            return text
        try:
            return text % values
        except (KeyError, ValueError, TypeError):
            continue
    return original


@lru_cache(maxsize=256)
def interface(language: str) -> Interface:
    """Return the interface in ``language``, or in the nearest of ``LANGUAGES``, else in English."""
    return _interface(choose([language], LANGUAGES, _FALLBACK))


@cache
def _interface(language: str) -> Interface:
    return Interface(language, catalogue(places.translations(), language))


def catalogue(root: Path, language: str) -> gettext.NullTranslations:
    """Load the messages of one language; without a catalogue every message stays English."""
    source = root / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    compiled = source.with_suffix(".mo")
    try:
        if compiled.is_file() and not _older(compiled, source):
            return gettext.GNUTranslations(BytesIO(compiled.read_bytes()))
        text = source.read_bytes()
        words = remembered("words", f"{language}.mo", COMPILER + text, lambda: compile_po(text))
        return gettext.GNUTranslations(BytesIO(words))
    except FileNotFoundError:
        return gettext.NullTranslations()


def _older(compiled: Path, source: Path) -> bool:
    return source.is_file() and compiled.stat().st_mtime_ns < source.stat().st_mtime_ns
