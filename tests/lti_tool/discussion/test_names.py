"""Display names, pseudonym codes, initials and colours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.i18n import interface
from lti_tool.discussion.names import display_name, initials, long_name, pseudonym_code, tone

KEY = "k" * 40
SPANISH = interface("es")


def test_codes_are_distinct_and_stable() -> None:
    codes = [pseudonym_code(KEY, number) for number in range(1, 5001)]
    assert len(set(codes)) == 5000
    assert {len(code) for code in codes} == {4}
    assert codes == [pseudonym_code(KEY, number) for number in range(1, 5001)]


def test_codes_above_a_million_users_are_longer_and_distinct() -> None:
    numbers = [*range(2**20 - 500, 2**20 + 500), *range(2**30 - 50, 2**30 + 50)]
    codes = {pseudonym_code(KEY, number) for number in numbers}
    assert len(codes) == len(numbers)
    assert {len(code) for code in codes} == {4, 6, 8}


def test_codes_depend_on_the_key() -> None:
    other = [pseudonym_code("o" * 40, number) for number in range(1, 101)]
    ours = [pseudonym_code(KEY, number) for number in range(1, 101)]
    assert sum(one == two for one, two in zip(ours, other, strict=True)) < 3
    assert ours != sorted(ours)


def test_names_are_unchanged_and_codes_follow_a_word() -> None:
    assert display_name(SPANISH, "Ana Quispe", "4F2K", "participant") == "Ana Quispe"
    words = {
        display_name(SPANISH, None, "4F2K", role) for role in ("participant", "instructor", "guest")
    }
    assert len(words) == 3
    assert all(word.endswith(" 4F2K") for word in words)
    assert display_name(interface("en"), None, None, "guest") == "Guest"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana María Quispe", "AQ"),
        ("ana", "A"),
        ("élodie N’Diaye", "ÉN"),
        ("e\u0301lodie", "É"),
        ("محمد علي", "م\u200cع"),
        ("أمينة السعدي", "أ\u200cس"),
        ("ال", "ا"),
        ("ദേനാ നായർ", "ദേ"),
        ("നവനീത് മനോജ്", "ന"),
        ("தமிழ் செல்வன்", "த"),
        ("\u202eAna", "A"),
        ("王小明", "王"),
        ("नमस्ते कुमार", "नकु"),
        ("👩🏽\u200d🌾 Rosa", "👩🏽\u200d🌾R"),
        ("🇵🇪🇧🇴 Perú", "🇵🇪P"),
        ("Jean (he/him)", "J"),
        ("“Lola” Paz", "LP"),
        ("ßeta", "ß"),
    ],
)
def test_initials_are_graphemes(name: str, letters: str) -> None:
    assert initials(name, None) == letters


def test_initials_of_users_without_a_name() -> None:
    assert initials(None, "4F2K") == "4F"
    assert initials(" — ", "4F2K") == "4F"
    assert initials(None, None) == "?"


@given(st.text(max_size=40))
def test_every_name_has_initials_and_a_tone(name: str) -> None:
    assert initials(name, "4F2K")
    assert tone(name) in (1, 2)


def test_both_tones_are_used() -> None:
    assert {tone(f"user {number}") for number in range(50)} == {1, 2}


@pytest.mark.parametrize("name", ["\u200b", "\u202e\u3164", "\u0301"])
def test_an_invisible_name_is_shown_as_a_pseudonym(name: str) -> None:
    assert display_name(SPANISH, name, "4F2K", "participant").endswith(" 4F2K")


def test_long_names_are_shortened() -> None:
    name = "Ana " * 50
    assert len(display_name(SPANISH, name, None, "participant")) <= 60
    assert long_name(name) == name
    assert long_name("Ana") is None
    assert long_name(None) is None
