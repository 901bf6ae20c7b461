"""Inserting texts into module.toml changes nothing else."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorm_builder.translation.toml_edit import with_texts

FILE = """\
languages = ["es", "en"]  # mine
[title]  # all of them
es = "Uno"
# a note
en = "One"

[summary]
es = '''
[title]
fr = "no"
'''
"""


def test_a_line_is_added_after_the_others() -> None:
    new = with_texts(FILE, "fr", {"title": 'Le "un"'}, listed=True)
    assert new == FILE.replace('"en"]', '"en", "fr"]').replace(
        'en = "One"\n', 'en = "One"\nfr = "Le \\"un\\""\n'
    )


def test_a_line_is_replaced() -> None:
    new = with_texts(FILE, "en", {"title": "Two"}, listed=True)
    assert new == FILE.replace('"One"', '"Two"')


@pytest.mark.parametrize(
    "text", ["title = {es = 'Uno'}\n", "title.es = 'Uno'\n", "[ 'title' ]\nes = 'Uno'\n", "a = 1\n"]
)
def test_other_ways_of_writing_are_not_edited(text: str) -> None:
    assert with_texts(text, "fr", {"title": "Un"}, listed=False) is None


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text(words: str) -> None:
    new = with_texts(FILE, "fr", {"title": words}, listed=False)
    assert new is not None
    assert tomllib.loads(new)["title"]["fr"] == words
