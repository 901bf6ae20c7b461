"""Dates and numbers in the reader's region; no date can be read as another day."""

import re
from datetime import UTC, date, datetime

import pytest
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st

from courseware.i18n import LANGUAGES, interface
from courseware.languages import with_region

MOMENT = datetime(2026, 11, 12, 15, 6, tzinfo=UTC)


def plain(text: str) -> str:
    """Return a text with ordinary spaces, and without marks of direction."""
    return text.replace("\u202f", " ").replace("\u00a0", " ").replace("\u200f", "")


REGIONS = {
    "en": ("Nov 12, 2026, 3:06 PM", "1,234.5"),
    "en-US": ("Nov 12, 2026, 3:06 PM", "1,234.5"),
    "en-GB": ("12 Nov 2026, 15:06", "1,234.5"),
    "en-AU": ("12 Nov 2026, 3:06 pm", "1,234.5"),
    "en-NZ": ("12 Nov 2026, 3:06 pm", "1,234.5"),
    "en-IE": ("12 Nov 2026, 15:06", "1,234.5"),
    "en-ZA": ("12 Nov 2026, 15:06", "1 234,5"),
    "es": ("12 nov 2026, 15:06", "1.234,5"),
    "es-ES": ("12 nov 2026, 15:06", "1.234,5"),
    "es-MX": ("12 nov 2026, 3:06 p.m.", "1,234.5"),
    "es-419": ("12 nov 2026, 3:06 p.m.", "1,234.5"),
    "es-CO": ("12 de noviembre de 2026, 3:06 p. m.", "1.234,5"),
    "es-PR": ("12 de noviembre de 2026, 3:06 p. m.", "1,234.5"),
    "pt": ("12 de nov. de 2026 15:06", "1.234,5"),
    "pt-BR": ("12 de nov. de 2026 15:06", "1.234,5"),
    "pt-PT": ("12 de novembro de 2026, 15:06", "1 234,5"),
    "fr": ("12 nov. 2026, 15:06", "1 234,5"),
    "fr-CA": ("12 nov. 2026, 15 h 06", "1 234,5"),
    "fr-BE": ("12 nov. 2026, 15:06", "1 234,5"),
    "ar": ("12 نوفمبر 2026، 3:06 م", "1,234.5"),
    "ar-EG": ("12 نوفمبر 2026، 3:06 م", "1,234.5"),
    "ar-MA": ("12 نونبر 2026، 15:06", "1.234,5"),
    # Regions where CLDR does not have the language, and what is no region
    "en-MX": ("Nov 12, 2026, 3:06 PM", "1,234.5"),
    "es-XX": ("12 nov 2026, 15:06", "1.234,5"),
    "en_GB.UTF-8": ("12 Nov 2026, 15:06", "1,234.5"),
}


@pytest.mark.parametrize("tag", REGIONS)
def test_dates_and_numbers_are_those_of_the_region(tag: str) -> None:
    ui = interface(tag)
    assert (plain(ui.datetime(MOMENT)), plain(ui.number(1234.5))) == REGIONS[tag]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_region_writes_the_month_as_a_number(language: str) -> None:
    tags = [tag.replace("_", "-") for tag in locale_identifiers()]
    for tag in (each for each in tags if re.fullmatch(rf"{language}(-[A-Z]{{2}}|-\d{{3}})?", each)):
        for style in ("full", "long", "medium"):
            shown = interface(tag).date(date(2026, 11, 12), style)
            assert re.search(r"[^\W\d_]{3,}", shown), (tag, style, shown)
            assert re.findall(r"\d+", shown) in (["12", "2026"], ["2026", "12"]), (tag, shown)


@pytest.mark.parametrize(
    ("language", "wanted", "tag"),
    [
        ("en", [], "en"),
        ("en", [None, "", "x"], "en"),
        ("en", ["en"], "en"),
        ("en", ["en-GB"], "en-GB"),
        ("en", ["en", "en-AU", "en-US"], "en-AU"),
        ("en", ["es-MX", "en-GB"], "en-GB"),
        ("en", ["es-MX"], "en"),
        ("es", ["es_mx.UTF-8"], "es-MX"),
        ("es", ["es-419"], "es-419"),
        ("pt", ["pt-Latn-PT"], "pt-PT"),
        ("ar", ["ar-EG-u-nu-arab"], "ar-EG"),
        ("es", ["est-EE"], "es"),
    ],
)
def test_the_region_is_that_of_the_first_tag_in_the_language(
    language: str, wanted: list[str | None], tag: str
) -> None:
    assert with_region(language, wanted) == tag


@given(st.text() | st.from_regex(r"[a-z]{2,3}[-_][A-Za-z0-9]{1,4}"))
def test_any_tag_gives_an_interface(tag: str) -> None:
    assert interface(tag).lang in LANGUAGES
    assert interface(with_region("en", [tag])).lang == "en"


@pytest.mark.parametrize(
    ("tag", "locale"),
    [("en", "en"), ("en-GB", "en-GB"), ("ar-EG", "ar-EG-u-nu-latn"), ("ar", "ar-u-nu-latn")],
)
def test_scripts_use_the_same_region_and_digits(tag: str, locale: str) -> None:
    assert interface(tag).script_locale == locale
