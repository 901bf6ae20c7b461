"""Activities that are one section of a module, or its discussion alone."""

import re

import pytest

from tests.lti_tool.module_page.test_views import MAX_STATEMENTS
from tests.support.site import Site
from tests.support.statements import counted
from tests.support.tabs import Tab, opened

SECTIONS = ["introduction", "videos", "readings", "questions", "discussion"]


def sections(page: str) -> list[str]:
    return re.findall(r'data-section="([^"]+)"', page)


def part_of(home: Site, part: str, link: str = "", **given: object) -> Tab:
    custom = {"module": "module-4", "part": part}
    return opened(home, link or f"part {part}", custom=custom, **given)


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("part", "shown"),
    [
        ("section/introduction", ["introduction"]),
        ("section/questions", ["questions", "discussion"]),
        ("discussion", ["discussion"]),
        ("", SECTIONS),
        ("section/not-there", SECTIONS),
        ("../../etc/passwd", SECTIONS),
    ],
)
def test_the_part_that_the_link_names_is_shown(home: Site, part: str, shown: list[str]) -> None:
    tab = part_of(home, part)
    assert sections(tab.page.text) == shown
    assert ('id="composer"' in tab.page.text) is ("discussion" in shown)
    with counted(home.tool.database) as statements:
        tab.get()
    assert len(statements) <= MAX_STATEMENTS


@pytest.mark.parametrize("path", ["discussion", "section/videos", "section/videos/"])
def test_the_url_alone_names_the_part_too(home: Site, path: str) -> None:
    target = f"{home.tool.url}/m/module-4/{path}"
    assert sections(opened(home, f"url {path}", target=target).page.text) == [
        path.removeprefix("section/").rstrip("/")
    ]


@pytest.mark.parametrize("part", ["section/introduction", "discussion"])
def test_there_is_a_way_to_the_whole_module_and_back(home: Site, part: str) -> None:
    tab = part_of(home, part)
    [href] = re.findall(r'href="([^"]+)">Show the whole module', tab.page.text)
    whole = tab.browser.get(href)
    assert sections(whole.text) == SECTIONS
    [back] = re.findall(r'href="([^"]+)">Back to the (?:section|discussion)<', whole.text)
    assert sections(tab.browser.get(back).text) == [part.removeprefix("section/")]
    # Links of the whole page lead to the whole page.
    assert "?question=" in whole.text
    for href in re.findall(r'href="([^"]*[?&](?:lang|question)=[^"]*)"', whole.text):
        assert "whole=1" in href


def test_a_post_of_the_whole_module_leads_to_its_discussion(home: Site) -> None:
    tab = part_of(home, "section/introduction", "posts", sub="posts of parts")
    whole = tab.get("?whole=1")
    posted = tab.browser.submit(tab.composer(whole), text="From the whole module")
    assert "From the whole module" in posted.text
    assert 'id="discussion"' in posted.text


def test_the_module_language_of_the_activity(home: Site) -> None:
    custom = {"module": "module-4", "modulelanguage": "fr"}
    tab = opened(home, "in French", custom=custom, sub="reads French")
    page = tab.page.text
    assert '<html lang="en"' in page, "the interface is in the reader's own language"
    assert "Coopération entre villes" in page
    # A person who chooses another language keeps it.
    assert "Cooperação" in tab.get("?lang=pt").text
    assert "Cooperação" in tab.get().text


@pytest.mark.parametrize("language", ["xx", "$Unknown.language", "x" * 5000, "../fr", ""])
def test_a_language_that_the_module_lacks_is_ignored(home: Site, language: str) -> None:
    custom = {"module": "module-4", "modulelanguage": language}
    tab = opened(home, f"language {language[:20]}", custom=custom, sub=f"reads {language[:20]}")
    assert "City-to-city cooperation" in tab.page.text


def test_an_instructors_choice_of_a_part_applies_to_open_sessions(home: Site) -> None:
    link = "a part is chosen"
    teacher = part_of(home, "section/videos", link, user="maria")
    student = part_of(home, "section/videos", link)
    chosen = teacher.post("choose", module="module-4", **{"module-4.part": "discussion"})
    assert chosen.status_code == 303
    for tab in (teacher, student, part_of(home, "section/videos", link, user="amina")):
        assert sections(tab.get().text) == ["discussion"]


def test_a_copy_shows_the_part_of_its_original(home: Site) -> None:
    part_of(home, "discussion", "original of a part")
    custom = {"resource_link_id_history": "original of a part"}
    assert sections(opened(home, "copy of a part", custom=custom).page.text) == ["discussion"]
