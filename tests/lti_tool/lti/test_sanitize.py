"""Text that others wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.sanitize import clean, is_identifier, is_storable, is_variable

_ANY = st.text(st.characters(codec=None))


@given(_ANY, st.integers(1, 50))
def test_what_is_cleaned_can_be_stored(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert is_storable(cleaned)
    assert cleaned.encode().decode() == cleaned
    assert clean(cleaned, limit) == cleaned


@pytest.mark.parametrize("text", ["عائشة", "测试", "a\u200db", "👩🏽‍🌾", "e\u0301", "1 < 2 & 3"])
def test_what_people_write_is_kept(text: str) -> None:
    assert clean(text, 100) == text


@given(_ANY)
def test_an_identifier_can_be_stored(text: str) -> None:
    if is_identifier(text):
        assert text.encode().decode() == text
        assert "\0" not in text
        assert len(text) <= 255


@pytest.mark.parametrize("text", ["", "a" * 256, "a\0", "a\nb", "\ud800"])
def test_what_is_no_identifier(text: str) -> None:
    assert not is_identifier(text)


@pytest.mark.parametrize("text", ["1", "a b", '{"a": 1}', "ñ", "a" * 255, "$x"])
def test_what_is_an_identifier(text: str) -> None:
    assert is_identifier(text)


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ("$User.image", True),
        ("$Canvas.masqueradingUser.id", True),
        ("$ResourceLink.available.startDateTime", True),
        ("$User", False),
        ("$100", False),
        ("$1.50", False),
        ("$User.image and more", False),
        ("User.image", False),
        ("", False),
    ],
)
def test_unsubstituted_variables(text: str, variable: bool) -> None:
    assert is_variable(text) is variable


def test_what_nobody_can_see_is_no_name() -> None:
    assert clean("\u200b\u3164", 100) == ""
    assert (
        clean("Prof\u202e Alice\u0301\u0301\u0301\u0301\u0301\u0301", 100)
        == "Prof Alice" + "\u0301" * 4
    )
