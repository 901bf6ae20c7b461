import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from courseware.module import Module
from scorm_builder import VERSION, pages

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def rendered(module: Module) -> dict[str, str]:
    return pages.render(module, ("es", "en", "ar"), lambda path: path)


def test_a_page_for_each_language_and_the_launch_page_first(rendered: dict[str, str]) -> None:
    assert list(rendered) == ["index.html", "en.html", "ar.html"]
    langs = [re.search(r'<html lang="(\w+)" dir="(\w+)"', page) for page in rendered.values()]
    assert [match.groups() for match in langs if match] == [
        ("es", "ltr"),
        ("en", "ltr"),
        ("ar", "rtl"),
    ]


def test_the_launch_page_carries_the_other_languages(rendered: dict[str, str]) -> None:
    tree = html.document_fromstring(rendered["index.html"])
    carried = tree.xpath("//template")
    assert [one.get("data-language") for one in carried] == ["en", "ar"]
    for one in carried:
        assert one.xpath('.//section[@data-section="introduction"]')
        assert json.loads(one.xpath('.//script[@id="minga-words"]')[0].text)["language"] in "en ar"
    assert "<template" not in rendered["en.html"]


def test_without_scripts_the_languages_lead_to_files(rendered: dict[str, str]) -> None:
    for page in rendered.values():
        tree = html.document_fromstring(page)
        for template in tree.xpath("//template"):
            template.drop_tree()
        links = tree.xpath('//nav[@class="languages"]//a/@href')
        assert links == ["index.html", "en.html", "ar.html"]
        assert all(link in rendered for link in links)


def test_the_facts_for_the_script(rendered: dict[str, str]) -> None:
    tree = html.document_fromstring(rendered["index.html"])
    assert json.loads(tree.xpath('//script[@id="minga-module"]')[0].text) == {
        "id": "market",
        "version": "1.2.0",
        "languages": [
            {"tag": "es", "name": "Español"},
            {"tag": "en", "name": "English"},
            {"tag": "ar", "name": "العربية"},
        ],
        "sections": ["introduction", "videos", "readings", "questions", "discussion"],
        "required": ["introduction", "videos", "readings", "questions", "discussion"],
        "questions": 0,
        "package": {"format": "", "built_with": f"minga {VERSION}"},
    }


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["version"] == VERSION


def test_a_live_tool_is_named_and_nothing_is_asked_of_it(module: Module) -> None:
    about = pages.About("scorm12", "https://minga.example/?a=1&b=2")
    told = pages.render(module, ("es", "en"), lambda path: path, about)
    for page in told.values():
        tree = html.document_fromstring(page)
        link = tree.xpath('//section[@data-kind="discussion"]//a[contains(@href, "minga")]')[0]
        assert link.get("href") == link.text_content() == about.tool
        assert not tree.xpath('//@src[contains(., "minga.example")]')
    assert '"format": "scorm12"' in told["index.html"]
    plain = pages.render(module, ("es",), lambda path: path)["index.html"]
    assert "minga.example" not in plain


def test_a_module_without_questions_has_no_answers_to_take_away(module: Module) -> None:
    sections = tuple(one for one in module.sections if one.kind != "questions")
    page = pages.render(replace(module, sections=sections), ("en",), lambda path: path)
    assert "data-taking" not in page["index.html"]


def test_every_question_has_its_box(rendered: dict[str, str]) -> None:
    for page in (rendered["en.html"], rendered["ar.html"]):
        tree = html.document_fromstring(page)
        assert tree.xpath("//@data-answer") == ["who-buys", "who-sells"]
        for area in tree.xpath("//textarea[not(@data-take-text)]"):
            assert tree.xpath(f'//label[@for="{area.get("id")}"]')


def test_no_id_twice_no_script_and_no_style_inside_the_page(rendered: dict[str, str]) -> None:
    for page in rendered.values():
        tree = html.document_fromstring(page)
        for template in tree.xpath("//template"):
            template.drop_tree()
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert not tree.xpath("//@style | //style | //script[not(@src)][not(@type)]")
        assert not tree.xpath('//@*[starts-with(name(), "on")]')


def test_the_words_name_their_values_as_the_script_fills_them(rendered: dict[str, str]) -> None:
    tree = html.document_fromstring(rendered["en.html"])
    words = json.loads(tree.xpath('//script[@id="minga-words"]')[0].text)
    assert {name for name in words if "{" in words[name]} == {
        *("kept", "saved", "full", "full-unkept", "room", "made", "written-at", "changed-at")
    }


def test_a_package_asks_for_nothing_outside(rendered: dict[str, str]) -> None:
    for page in rendered.values():
        tree = html.document_fromstring(page)
        loaded = tree.xpath("//@src | //link/@href | //@poster | //@srcset")
        assert loaded
        assert not [address for address in loaded if "//" in address]
