"""Names and titles of platforms: what is shown of them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.characters import is_blank, plain_name, shortened


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Prof\u202eecilA", "ProfecilA"),
        ("\u202dAna\u202c", "Ana"),
        ("\u202bAna", "Ana"),
        ("\u2067Ana", "Ana"),
        ("Ana\u2069", "Ana"),
        ("Ana\u2069\u2067", "Ana"),
        ("A\u200bn\u00ada\ufeff", "Ana"),
        ("\u200e\u200fAna", "Ana"),
        ("Z" + "\u0301" * 50, "Z" + "\u0301" * 4),
        ("ก" + "\u0e47" * 50, "ก" + "\u0e47" * 4),
        ("a\u034f" + "\u0301\u034f" * 9, "a" + "\u0301" * 4),
    ],
)
def test_what_disturbs_the_text_around_a_name_is_removed(name: str, shown: str) -> None:
    assert plain_name(name) == shown


@pytest.mark.parametrize(
    "name",
    ["Ana Quispe", "محمد علي", "می\u200cخواهم", "👩🏽\u200d🌾 Rosa", "🏴",
     "\u2068علي\u2069 Ana", "നായർ", "क्ष्म्य", "ประเสริฐ น้ำ", "Nguyễn", "שָׁלוֹם", "བསྒྲུབས", "❤\ufe0f", "ö"],
)  # fmt: skip
def test_names_of_people_stay(name: str) -> None:
    assert plain_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "\u200b", "\u200d\u200c", "\u3164", "\u2800", "\u0301", "\u2067\u2069", "\u202e"],
)
def test_an_invisible_name_is_none(name: str) -> None:
    assert plain_name(name).strip() == ""


@given(st.text(max_size=60))
def test_it_is_idempotent(name: str) -> None:
    once = plain_name(name)
    assert plain_name(once) == once
    assert name.isascii() or once == "" or not is_blank(once)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a" * 60, "a" * 60),
        ("a" * 200, "a" * 59 + "…"),
        ("a" * 58 + "é" + "\u0301" * 3 + "b" * 9, "a" * 58 + "…"),
        ("a" * 58 + " b c d", "a" * 58 + "…"),
        ("a" * 58 + "👩\u200d🌾" + "b" * 9, "a" * 58 + "…"),
    ],
)
def test_long_names_are_shortened_between_letters(name: str, shown: str) -> None:
    assert shortened(name) == shown


def test_long_texts_take_little_time() -> None:
    start = time.process_time()
    for text in ("\u0301" * 100_000, "\u2067" * 100_000, "a\u200d" * 50_000):
        shortened(plain_name(text))
    assert time.process_time() - start < 5
