"""What people type is kept as theirs, without what no reader could see or use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.discussion.text import cleaned, is_blank


@pytest.mark.parametrize(
    ("typed", "kept"),
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
def test_what_is_kept(typed: str, kept: str) -> None:
    assert cleaned(typed) == kept


@pytest.mark.parametrize(
    "typed", ["\u200fمرحبا\u200e", "می\u200cخواهم", "👩\u200d🌾", "\u2067اسم\u2069", "\u0645\u0651"]
)
def test_marks_that_scripts_need_stay(typed: str) -> None:
    assert cleaned(typed) == typed


@pytest.mark.parametrize(
    "typed",
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
def test_what_nobody_can_see_is_blank(typed: str) -> None:
    assert is_blank(cleaned(typed))


@pytest.mark.parametrize("typed", ["a", ".", "👍", "ا", "1", "—"])
def test_the_least_sign_is_not_blank(typed: str) -> None:
    assert not is_blank(cleaned(typed))


@given(st.text(st.characters()))
def test_cleaning_is_done_once_and_for_all(typed: str) -> None:
    once = cleaned(typed)
    assert cleaned(once) == once
    once.encode("utf-8")
    assert not set(once) & {"\r", "\x00", "\u202e"}
