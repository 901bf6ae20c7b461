"""Tables of posts: no cell that somebody typed vanishes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.markdown import TooComplex, post_html


def rows(text: str) -> list[list[str]]:
    """The cells of each row, without tags and attributes."""
    found = re.findall(r"<tr>(.*?)</tr>", post_html(text), re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in found]
    return [[re.sub(r"<[^>]*>", "", cell) for cell in row] for row in cells]


HEAD = "| a | b |\n|---|---|\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + "| 1 | 2 | 3 |", [["a", "b"], ["1", "2", "3"]]),
        (HEAD + "| 1 | 2 | 3 | 4 |\n| 5 | 6 |", [["a", "b"], ["1", "2", "3", "4"], ["5", "6"]]),
        (HEAD + "1 | 2 | 3", [["a", "b"], ["1", "2", "3"]]),
        ("a | b\n---|---\n1 | 2 | 3", [["a", "b"], ["1", "2", "3"]]),
        (HEAD + "| 1 |", [["a", "b"], ["1", ""]]),
        (HEAD + "| 1 | 2 | |", [["a", "b"], ["1", "2"]]),
        (HEAD + "| 1 | 2 | | 4 |", [["a", "b"], ["1", "2", "", "4"]]),
        (HEAD + "| 1 | 2 | | | |", [["a", "b"], ["1", "2"]]),
        (HEAD + "| 1 | 2 | x \\| y |", [["a", "b"], ["1", "2", "x | y"]]),
        (HEAD + "| 1 | 2 | **3** |", [["a", "b"], ["1", "2", "3"]]),
        (HEAD + "| 1 | 2 | <b>3</b> |", [["a", "b"], ["1", "2", "&lt;b&gt;3&lt;/b&gt;"]]),
        ("> | a |\n> |---|\n> | 1 | 2 |", [["a"], ["1", "2"]]),
        ("- | a |\n  |---|\n  | 1 | 2 |", [["a"], ["1", "2"]]),
        ("| a |\n|---|\n| 1 | 2 |\n\ntext\n\n| b |\n|---|\n| 3 | 4 |",
         [["a"], ["1", "2"], ["b"], ["3", "4"]]),
    ],
)  # fmt: skip
def test_a_row_keeps_all_its_cells(text: str, expected: list[list[str]]) -> None:
    assert rows(text) == expected


def test_links_in_further_cells_work() -> None:
    assert 'href="https://example.org/"' in post_html(HEAD + "| 1 | 2 | https://example.org/ |")


WORDS = st.text("abcñ漢é", min_size=1, max_size=5)


@given(st.lists(st.lists(WORDS, min_size=1, max_size=7), min_size=1, max_size=6))
def test_every_word_of_a_table_is_shown(body: list[list[str]]) -> None:
    text = HEAD + "\n".join("| " + " | ".join(row) + " |" for row in body)
    shown = [[cell for cell in row if cell] for row in rows(text)]
    assert shown == [["a", "b"], *body]


def test_rows_of_thousands_of_cells_are_bounded() -> None:
    with pytest.raises(TooComplex):
        post_html("|a|\n|-|\n" + "|a" * 9990)
