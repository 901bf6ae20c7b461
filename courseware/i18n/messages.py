"""The messages of the user interface (gettext), in the live tool and in packages.

The English text in code and templates is the msgid; the translations are in
``translations/<language>/LC_MESSAGES/minga.po``. They are read from the compiled ``minga.mo``,
which the wheel contains and ``make`` builds; in a checkout a missing or outdated one is built here.
A ``%`` in a message always starts a placeholder (``%(name)s``); the sign itself is ``%%``.
"""

import gettext
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

from courseware import resources
from courseware.i18n import formatting
from courseware.i18n.formatting import Style
from courseware.languages import choose, direction, with_region

LANGUAGES = ("es", "en", "fr", "pt", "ar")
DOMAIN = "minga"
_FALLBACK = "en"


class Interface:
    """Messages, dates, numbers and sizes in one language. Immutable, shared by all threads.

    ``locale`` is Babel's locale, of the reader's region if that is known; ``tag`` is its BCP 47
    tag. They decide how dates and numbers are written.
    """

    def __init__(
        self, language: str, catalog: gettext.NullTranslations, locale: Locale | None = None
    ) -> None:
        self.lang = language
        self.dir = direction(language)
        self.locale = locale or Locale.parse(language, sep="-")
        self.tag = str(self.locale).replace("_", "-")
        self._catalog = catalog

    def __repr__(self) -> str:
        return f"Interface({self.tag!r})"

    @property
    def script_locale(self) -> str:
        """The locale for the formatting of scripts (``Intl``), with the digits used here."""
        return f"{self.tag}-u-nu-latn" if self.lang == "ar" else self.tag

    def message(self, message: str, context: str | None = None) -> str:
        """Return the translation of ``message`` with its placeholders not filled in."""
        if context is None:
            return self._catalog.gettext(message)
        return self._catalog.pgettext(context, message)

    def plural_message(self, one: str, many: str, n: int, context: str | None = None) -> str:
        """Return the translation in the plural form for ``n``, its placeholders not filled in."""
        if context is None:
            return self._catalog.ngettext(one, many, n)
        return self._catalog.npgettext(context, one, many, n)

    def gettext(self, message: str, **values: object) -> str:
        """Return the translation of ``message`` with its placeholders filled in."""
        return fill(self.message(message), message, values)

    def ngettext(self, one: str, many: str, n: int, **values: object) -> str:
        """Return the translation in the plural form for ``n``; ``%(n)s`` is ``n``, formatted."""
        values = {"n": self.number(n), **values}
        return fill(self.plural_message(one, many, n), one if n == 1 else many, values)

    def pgettext(self, context: str, message: str, **values: object) -> str:
        """Return the translation of ``message`` in a context (``msgctxt``), filled in."""
        return fill(self.message(message, context), message, values)

    def number(self, number: float) -> str:
        """Format a number with the language's separators."""
        return formatting.number(number, self.locale)

    def listed(self, names: Sequence[str]) -> str:
        """Join names as in a sentence: ``Ana, Bo and Cy``."""
        return formatting.name_list(names, self.locale)

    def date(self, moment: date, style: Style = "long") -> str:
        """Format the day of ``moment``."""
        return formatting.day(moment, style, self.locale)

    def datetime(
        self, moment: datetime, style: Style = "medium", zone: tzinfo | None = None
    ) -> str:
        """Format day and time in ``zone`` (default: UTC); a naive ``moment`` is in UTC."""
        return formatting.day_and_time(moment, style, zone or UTC, self.locale)

    def size(self, size: float) -> str:
        """Format a size in bytes: ``2.8 MB``."""
        return formatting.size(size, self.locale)

    def duration(self, seconds: float = 0, *, minutes: float = 0) -> str:
        """Format a duration: ``45 min``, ``2 min 30 sec``, ``1 hour 5 min``."""
        return formatting.duration(seconds + minutes * 60, self.locale)


def fill(translation: str, original: str, values: dict[str, Any]) -> str:
    """Fill in the placeholders; use ``original`` if the translation has unknown placeholders."""
    for text in (translation, original):
        if "%" not in text:
            return text
        try:
            return text % values
        except (KeyError, ValueError, TypeError):
            continue
    return original


@lru_cache(maxsize=256)
def interface(tag: str) -> Interface:
    """Return the interface in the nearest of ``LANGUAGES`` to a language tag, else in English.

    Dates and numbers are written as in the tag's region, if CLDR knows the language there.
    """
    language = choose([tag], LANGUAGES, _FALLBACK)
    return _interface(language, with_region(language, [tag]))


@cache
def _catalog(language: str) -> gettext.NullTranslations:
    return load(resources.translations(), language)


def _interface(language: str, regional: str) -> Interface:
    try:
        locale = Locale.parse(regional, sep="-")
    except (UnknownLocaleError, ValueError):
        return _interface(language, language)
    return _known_interface(language, locale)


@cache
def _known_interface(language: str, locale: Locale) -> Interface:
    return Interface(language, _catalog(language), locale)


def path_of(root: Path, language: str) -> Path:
    """Return the path of a language's catalog (.po) below the folder of translations."""
    return root / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def load(root: Path, language: str) -> gettext.NullTranslations:
    """Load the compiled catalog of a language; without a catalog all messages are English."""
    po = path_of(root, language)
    mo = po.with_suffix(".mo")
    if po.is_file() and not resources.installed() and _is_outdated(mo, po):
        from courseware.i18n.catalogs import compile_catalog, compiled

        try:
            compile_catalog(po, language)
        except OSError:  # the folder is read-only
            return gettext.GNUTranslations(BytesIO(compiled(po, language)))
    try:
        with mo.open("rb") as stream:
            return gettext.GNUTranslations(stream)
    except FileNotFoundError:
        return gettext.NullTranslations()


def _is_outdated(mo: Path, po: Path) -> bool:
    return not mo.is_file() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns
