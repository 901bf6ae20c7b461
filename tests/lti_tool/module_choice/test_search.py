"""Search of the picker: words in any language of a module, its languages, and what stays listed."""

import re

import pytest

from courseware import resources
from courseware.library import Library
from lti_tool.module_choice import pages, search
from lti_tool.module_choice.search import Search
from tests.lti_tool.module_choice.picker import Picker
from tests.support.site import Site

FOUR, WRITING = "module-4", "how-to-write-a-module"
BOTH = [FOUR, WRITING]


@pytest.mark.parametrize(
    ("words", "language", "found"),
    [
        ("", "", BOTH),
        ("   ", "", BOTH),
        ("económico", "", [FOUR]),
        ("ECONOMICO ciudades", "", [FOUR]),  # without accents and case
        ("cidade", "", [FOUR]),  # the beginning of a word, in Portuguese
        ("idade", "", []),
        ("markdown", "", [WRITING]),  # in the text of a section
        ("económico markdown", "", []),  # all words
        ("module-4", "", [FOUR, WRITING]),
        ("Português", "", [FOUR]),
        ("", "fr", [FOUR]),
        ("", "en", BOTH),
        ("cooperation", "fr", [FOUR]),
        ("", "ar", []),
        ("***", "", []),
        ("\0", "", []),
        ("x" * 5000, "", []),
        ("%_", "", []),
    ],
)
def test_what_is_found(words: str, language: str, found: list[str]) -> None:
    modules = Library(resources.content()).modules()
    listed = search.find(modules, Search.of(words, language))
    assert [module.id for module in listed] == found


def listed(picker: Picker) -> list[str]:
    return re.findall(r'name="module" value="([^"]+)"', picker.page.text.partition("<fieldset")[2])


def test_selected_modules_stay_in_the_list(home: Site) -> None:
    picker = Picker(home).press(WRITING, act="search", q="económico")
    assert listed(picker) == BOTH
    assert picker.selected() == [WRITING]
    assert "1 of 2 modules match." in picker.page.text
    picker.press(act="search", q="zzqx")
    assert listed(picker) == [WRITING]
    assert "No module matches." in picker.page.text


def test_enter_searches_where_the_search_was_changed_and_adds_otherwise(home: Site) -> None:
    picker = Picker(home).press(FOUR, act="search", q="ciudad")
    assert listed(picker.press(act="enter", q="markdown")) == BOTH
    assert [item["custom"]["module"] for item in picker.press(act="enter").items()] == [FOUR]


def test_a_short_list_has_no_search(home: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 'name="q"' not in Picker(home).page.text
    monkeypatch.setattr(pages, "_FEW_MODULES", 1)
    page = Picker(home).page.text
    assert 'name="q"' in page
    assert re.findall(r'<option value="([a-z]*)" lang', page) == ["en", "es", "fr", "pt"]


def test_a_preview_shows_the_texts_in_each_language(home: Site) -> None:
    picker = Picker(home).press(FOUR, preview=FOUR)
    assert "Few of the questions a city faces are its alone." in picker.page.text
    assert 'id="composer"' not in picker.page.text
    picker.press(preview=f"{FOUR} fr")
    assert "Coopération entre villes" in picker.page.text
    picker.press(preview=f"{FOUR} xx")
    assert "City-to-city cooperation" in picker.page.text
    assert listed(picker.press(preview="no-such-module")) == []
