"""People without a name can be told apart, and everybody has two letters and a colour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.i18n import interface
from lti_tool.discussion.names import code_of, initials, shown, tone

KEY = "k" * 40
SPANISH = interface("es")


def test_codes_are_distinct_and_stable() -> None:
    codes = [code_of(KEY, number) for number in range(1, 5001)]
    assert len(set(codes)) == 5000
    assert {len(code) for code in codes} == {4}
    assert codes == [code_of(KEY, number) for number in range(1, 5001)]


def test_beyond_a_million_persons_codes_grow_longer_and_stay_distinct() -> None:
    numbers = [*range(2**20 - 500, 2**20 + 500), *range(2**30 - 50, 2**30 + 50)]
    codes = {code_of(KEY, number) for number in numbers}
    assert len(codes) == len(numbers)
    assert {len(code) for code in codes} == {4, 6, 8}


def test_without_the_key_a_code_tells_nothing() -> None:
    other = [code_of("o" * 40, number) for number in range(1, 101)]
    ours = [code_of(KEY, number) for number in range(1, 101)]
    assert sum(one == two for one, two in zip(ours, other, strict=True)) < 3
    assert ours != sorted(ours)


def test_a_name_is_shown_as_it_is_and_a_code_after_a_word() -> None:
    assert shown(SPANISH, "Ana Quispe", "4F2K", "participant") == "Ana Quispe"
    words = {shown(SPANISH, None, "4F2K", role) for role in ("participant", "instructor", "guest")}
    assert len(words) == 3
    assert all(word.endswith(" 4F2K") for word in words)
    assert shown(interface("en"), None, None, "guest") == "Guest"


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
        ("王小明", "王"),
        ("नमस्ते कुमार", "नकु"),
        ("👩🏽\u200d🌾 Rosa", "👩🏽\u200d🌾R"),
        ("🇵🇪🇧🇴 Perú", "🇵🇪P"),
        ("Jean (he/him)", "J"),
        ("“Lola” Paz", "LP"),
        ("ßeta", "ß"),
    ],
)
def test_initials_are_what_people_take_for_letters(name: str, letters: str) -> None:
    assert initials(name, None) == letters


def test_a_nameless_person_has_the_first_two_of_the_code() -> None:
    assert initials(None, "4F2K") == "4F"
    assert initials(" — ", "4F2K") == "4F"
    assert initials(None, None) == "?"


@given(st.text(max_size=40))
def test_every_name_has_initials_and_a_tone(name: str) -> None:
    assert initials(name, "4F2K")
    assert tone(name) in (1, 2)


def test_both_tones_are_used() -> None:
    assert {tone(f"person {number}") for number in range(50)} == {1, 2}
