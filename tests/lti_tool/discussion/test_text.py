"""Texts are stored as submitted, without characters that no reader can see or use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.characters import is_blank
from lti_tool.discussion.text import clean_text


@pytest.mark.parametrize(
    ("submitted", "stored"),
    [
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one\u2028two\u2029three\x85four", "one\ntwo\nthree\nfour"),
        ("nul\x00 and bell\x07", "nul and bell"),
        ("half \ud83d of a pair", "half  of a pair"),
        ("\ufeffmark", "mark"),
        ("e\u0301", "é"),
        ("\n \n  text  \n\n", "  text"),
        ("    code", "    code"),
        ("tab\tstays", "tab\tstays"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("\u202dleft\u202c", "left\u202c"),
    ],
)
def test_what_is_stored(submitted: str, stored: str) -> None:
    assert clean_text(submitted) == stored


@pytest.mark.parametrize(
    "submitted",
    ["\u200fمرحبا\u200e", "می\u200cخواهم", "👩\u200d🌾", "\u2067اسم\u2069", "\u0645\u0651"],
)
def test_marks_that_scripts_need_are_kept(submitted: str) -> None:
    assert clean_text(submitted) == submitted


@pytest.mark.parametrize(
    "submitted",
    [
        "",
        "   \n\t",
        "\u200b\u200b",
        "\u200d\ufe0f",
        "\u3164",
        "\u2800 \u00ad",
        "\u2067\u2069",
        "\u0301",
    ],
)
def test_invisible_texts_are_blank(submitted: str) -> None:
    assert is_blank(clean_text(submitted))


@pytest.mark.parametrize("submitted", ["a", ".", "👍", "ا", "1", "—"])
def test_one_visible_character_is_not_blank(submitted: str) -> None:
    assert not is_blank(clean_text(submitted))


@given(st.text(st.characters()))
def test_cleaning_is_idempotent(submitted: str) -> None:
    once = clean_text(submitted)
    assert clean_text(once) == once
    once.encode("utf-8")
    assert not set(once) & {"\r", "\x00", "\u202e"}
