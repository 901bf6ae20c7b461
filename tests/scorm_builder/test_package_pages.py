import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from courseware.module import Module
from courseware.parser.reader import read
from scorm_builder import VERSION, package_pages
from scorm_builder.sco_split import split
from tests.support.small_module import write_module

ROOT = Path(__file__).parents[2]


def ignore_file(path: str) -> None:
    """Asks for no files."""


@pytest.fixture(scope="module")
def rendered(module: Module) -> dict[str, str]:
    return package_pages.render(module, ("es", "en", "ar"), ignore_file)


def test_a_page_for_each_language_and_the_launch_page_first(rendered: dict[str, str]) -> None:
    assert list(rendered) == ["index.html", "en.html", "ar.html"]
    langs = [re.search(r'<html lang="(\w+)" dir="(\w+)"', page) for page in rendered.values()]
    assert [match.groups() for match in langs if match] == [
        ("es", "ltr"),
        ("en", "ltr"),
        ("ar", "rtl"),
    ]


def test_the_launch_page_contains_the_other_languages(rendered: dict[str, str]) -> None:
    tree = html.document_fromstring(rendered["index.html"])
    carried = tree.xpath("//template")
    assert [one.get("data-language") for one in carried] == ["en", "ar"]
    for one in carried:
        assert one.xpath('.//section[@data-section="introduction"]')
        assert json.loads(one.xpath('.//script[@id="minga-words"]')[0].text)["language"] in "en ar"
    assert "<template" not in rendered["en.html"]


def test_untranslated_texts_have_a_lang_attribute(rendered: dict[str, str]) -> None:
    tree = html.document_fromstring(rendered["ar.html"])
    (summary,) = tree.xpath('//p[@class="lede"]')
    assert (summary.get("lang"), summary.get("dir")) == ("es", "ltr")
    assert tree.xpath("//h1/@lang") == []


def test_without_scripts_the_languages_link_to_files(rendered: dict[str, str]) -> None:
    for page in rendered.values():
        tree = html.document_fromstring(page)
        for template in tree.xpath("//template"):
            template.drop_tree()
        links = tree.xpath('//nav[@class="languages"]//a/@href')
        assert links == ["index.html", "en.html", "ar.html"]
        assert all(link in rendered for link in links)


def test_the_module_data_for_the_script(rendered: dict[str, str]) -> None:
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
        "mastery": None,
        "section": None,
        "package": {"format": "", "built_with": f"minga {VERSION}"},
    }


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["version"] == VERSION


def test_a_live_tool_is_linked_and_not_requested(module: Module) -> None:
    about = package_pages.PageContext("scorm12", "https://minga.example/?a=1&b=2")
    pages = package_pages.render(module, ("es", "en"), ignore_file, about)
    for page in pages.values():
        tree = html.document_fromstring(page)
        link = tree.xpath('//section[@data-discussion]//a[contains(@href, "minga")]')[0]
        assert link.get("href") == link.text_content() == about.tool_url
        assert not tree.xpath('//@src[contains(., "minga.example")]')
    assert '"format": "scorm12"' in pages["index.html"]
    plain = package_pages.render(module, ("es",), ignore_file)["index.html"]
    assert "minga.example" not in plain


def test_without_questions_there_is_no_export(module: Module) -> None:
    sections = tuple(one for one in module.sections if one.kind.name != "questions")
    page = package_pages.render(replace(module, sections=sections), ("en",), ignore_file)
    assert "data-export-section" not in page["index.html"]


def test_every_question_has_a_text_field(rendered: dict[str, str]) -> None:
    for page in (rendered["en.html"], rendered["ar.html"]):
        tree = html.document_fromstring(page)
        assert tree.xpath("//@data-answer") == ["who-buys", "who-sells"]
        for area in tree.xpath("//textarea[not(@data-export-text)]"):
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


def test_the_placeholders_of_messages_match_the_script(rendered: dict[str, str]) -> None:
    tree = html.document_fromstring(rendered["en.html"])
    words = json.loads(tree.xpath('//script[@id="minga-words"]')[0].text)
    assert {name for name in words if "{" in words[name]} == {
        *("on-device", "saved", "full", "remaining", "made", "written-at", "changed-at")
    }


def test_a_package_requests_nothing_from_other_hosts(rendered: dict[str, str]) -> None:
    for page in rendered.values():
        tree = html.document_fromstring(page)
        loaded = tree.xpath("//@src | //link/@href | //@poster | //@srcset")
        assert loaded
        assert not [address for address in loaded if "//" in address]


def part(module: Module, section: str, **about: Any) -> dict[str, str]:
    (found,) = [one for one in split(module) if one.section.id == section]
    pages = package_pages.PageContext(
        section=section, questions_before=found.questions_before, **about
    )
    return package_pages.render(found.module, ("es", "en", "ar"), ignore_file, pages)


def test_a_section_has_a_page_for_each_language_too(module: Module) -> None:
    drawn = part(module, "videos")
    assert list(drawn) == ["videos.html", "videos.en.html", "videos.ar.html"]
    tree = html.document_fromstring(drawn["videos.html"])
    assert [one.get("data-language") for one in tree.xpath("//template")] == ["en", "ar"]
    assert tree.xpath('//body/nav[@class="languages"] | //header//nav//a/@href')[:3] == list(drawn)


def test_a_section_page_contains_only_that_section(module: Module) -> None:
    tree = html.document_fromstring(part(module, "videos")["videos.en.html"])
    assert [one.get("data-section") for one in tree.xpath("//section[@data-section]")] == ["videos"]
    assert [one.text_content().strip() for one in tree.xpath("//h1 | //h2")] == [
        "The market",
        "Videos",
    ]
    assert tree.findtext(".//title") == "Videos – The market"
    assert not tree.xpath(
        '//nav[@class="contents"] | //*[@class="lede"] | //*[@data-export-section]'
    )
    words = json.loads(tree.xpath('//script[@id="minga-words"]')[0].text)
    assert (words["title"], words["document"]) == ("The market", "Videos – The market")
    assert words["finished"] == "You have completed this section of the module."


def test_links_to_other_sections_become_text(tmp_path: Path) -> None:
    folder = write_module(tmp_path)
    (folder / "es/introduction.md").write_text(
        "# Introducción\n\n[La **película**](videos.md#film), [las lecturas](readings.md), "
        "[más abajo](#mas), [fuera](https://example.org/) y [la guía](../media/guide.pdf).\n\n"
        "## Más {#mas}\n\n[Arriba](introduction.md)\n",
        "utf-8",
    )
    drawn = part(read(folder), "introduction")["introduction.html"]
    main = html.document_fromstring(drawn.partition("<template")[0]).xpath("//main")[0]
    leading = {link.text_content(): link.get("href") for link in main.xpath(".//a")}
    assert list(leading) == ["más abajo", "fuera", "la guía", "Arriba"]
    assert "La película, las lecturas" in main.text_content()
    assert main.xpath(".//strong")


def test_questions_have_the_same_numbers_in_section_pages(module: Module) -> None:
    asking = module.sections[3]
    first = replace(asking, id="first", items=asking.items[:1])
    second = replace(asking, id="second", items=asking.items[1:])
    tree = html.document_fromstring(
        part(replace(module, sections=(first, second)), "second")["second.en.html"]
    )
    (number,) = tree.xpath('//section[@data-section]//h3/span[@class="letter"]')
    assert number.text == "2."


def test_a_section_page_has_its_part_of_the_rule(tmp_path: Path) -> None:
    module = read(write_module(tmp_path, questions=1, mastery=80))
    drawn = part(module, "questions")["questions.html"]
    facts = json.loads(
        html.document_fromstring(drawn).xpath('//script[@id="minga-module"]')[0].text
    )
    assert {name: facts[name] for name in ("id", "section", "sections", "required")} == {
        "id": "market",
        "section": "questions",
        "sections": ["questions"],
        "required": ["questions"],
    }
    assert (facts["questions"], facts["mastery"]) == (1, 80)


def test_a_discussion_sco_does_not_mention_answers_below_it(module: Module) -> None:
    sentence = "copy or download them below"
    tool = "https://minga.example"
    whole = package_pages.render(
        module, ("en",), ignore_file, package_pages.PageContext("scorm12", tool)
    )
    assert sentence in whole["index.html"]
    assert sentence not in part(module, "discussion", tool_url=tool)["discussion.en.html"]


def test_formats_share_rendered_pages_and_files(tmp_path: Path) -> None:
    folder = write_module(tmp_path)
    module, languages = read(folder), ("es", "en", "ar")
    pages: list[dict[str, str]] = []
    needed: list[list[str]] = []
    for form in ("scorm12", "scorm2004-4", "scorm12"):
        files: list[str] = []
        pages.append(
            package_pages.render(module, languages, files.append, package_pages.PageContext(form))
        )
        needed.append(files)
    assert pages[0] == pages[2], "what was drawn before is the same"
    assert needed[0] == needed[1] == needed[2], "and still says what it needs"
    alone = package_pages.render(
        read(folder), languages, ignore_file, package_pages.PageContext("scorm2004-4")
    )
    assert pages[1] == alone


def test_a_module_that_was_read_again_is_rendered_again(tmp_path: Path) -> None:
    folder = write_module(tmp_path)
    text = next(path for path in (folder / "en").rglob("*.md") if "discussion" in path.name)
    before = package_pages.render(read(folder), ("en",), ignore_file)["index.html"]
    text.write_text(text.read_text("utf-8") + "\nA word more.\n", "utf-8")
    after = package_pages.render(read(folder), ("en",), ignore_file)["index.html"]
    assert "A word more." not in before
    assert "A word more." in after
