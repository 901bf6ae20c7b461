"""What we write ourselves is what Babel writes."""

import pytest
from babel import Locale
from babel.numbers import format_decimal
from babel.units import format_unit
from hypothesis import given
from hypothesis import strategies as st

from courseware import amounts
from courseware.interface import LANGUAGES, interface
from courseware.languages import endonym

OURS = ("es", "en", "fr", "pt")
UNITS = {
    **{f"digital-{name}": "short" for name in ("kilobyte", "megabyte", "gigabyte")},
    **{"duration-minute": "short", "duration-second": "short", "duration-hour": "long"},
}
VALUES = [*range(1001), *(tenth / 10 for tenth in range(101)), 0.125, 999.5, 999.999]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_amount_that_pages_say(language: str) -> None:
    for value in VALUES:
        number = format_decimal(value, locale=language)
        assert interface(language).number(value) == number
        assert amounts.number(value, language) in (
            {number} if language in OURS and value < amounts.LIMIT else {None}
        )
        for unit, length in UNITS.items():
            ours = amounts.quantity(unit, value, language)
            assert ours in (None, format_unit(value, unit, length, locale=language))


@given(st.one_of(st.integers(), st.floats()), st.sampled_from([*LANGUAGES, "qu"]))
def test_any_number_is_babels_or_left_to_it(value: float, language: str) -> None:
    ours = amounts.number(value, language)
    assert ours is None or ours == format_decimal(value, locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_names_of_the_languages(language: str) -> None:
    assert endonym(language).lower() == Locale.parse(language).get_display_name().lower()
