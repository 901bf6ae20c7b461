"""What a participant takes out of a package: copied, as a file, on paper, or by hand."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html

from courseware.answers import read
from courseware.parser.reader import read as read_module
from scorm_builder import VERSION
from scorm_builder.build import build
from tests.browser.package_player import answer, package
from tests.support.chromium import OpenPage
from tests.support.lms_page import ORIGIN, Player, play
from tests.support.small_module import write_module

pytestmark = pytest.mark.browser
__all__ = ["package"]

HOSTILE = "<script>alert(1)</script>\n\n«Yo» & 👩🏽‍🌾 نحن \ud83d"
AS_KEPT = HOSTILE.replace("\ud83d", "\ufffd")
WITHOUT_FILES = "() => { URL.createObjectURL = () => { throw new TypeError('none') } }"
WITHOUT_PAPER = "() => { window.print = undefined }"
WITHOUT_CLIPBOARD = "() => { document.execCommand = () => false }"
PRINTS = """() => {
  window.print = () => {
    window.dispatchEvent(new Event('beforeprint'));
    window.printed = (window.printed || 0) + 1;
  };
}"""


def take(player: Player, how: str) -> None:
    player.frame.locator(f"[data-take={how}]").click()


def news(player: Player) -> str:
    return player.frame.locator("[data-take-news]").inner_text()


def download(player: Player, how: str) -> tuple[str, str]:
    """Press the button; the file's name and its text."""
    with player.page.expect_download() as coming:
        take(player, how)
    return coming.value.suggested_filename, Path(coming.value.path()).read_text("utf-8")


def test_an_answer_is_taken_away_in_every_way(open_page: OpenPage, package: Path) -> None:
    page = open_page(locale="en-GB", permissions=["clipboard-read", "clipboard-write"])
    player = play(page, package)
    for how in ("copy", "html", "json", "print"):
        take(player, how)
        assert "not written an answer" in news(player)

    answer(player, "who-sells", "My grandmother.")
    take(player, "copy")
    player.frame.get_by_text("paste").first.wait_for()
    shown = player.frame.locator("[data-take-text]").input_value()
    copied = shown or player.page.evaluate("navigator.clipboard.readText()")
    assert copied == "2. Who sells?\n\nMy grandmother."

    script = "(text) => { document.querySelector('#a-who-sells').value = text }"
    player.frame.evaluate(script, HOSTILE)
    player.frame.locator("#a-who-sells").dispatch_event("input")
    the_data_is_whole(*download(player, "json"))
    the_page_is_readable(*download(player, "html"))
    assert "If it is not, copy the text below" in news(player)
    assert "«Yo»" in player.frame.locator("[data-take-text]").input_value()
    assert player.asked == []
    assert player.lms("lms.refusals") == []


def the_data_is_whole(name: str, text: str) -> None:
    assert name == "market-answers.json"
    found = read(text.encode())
    assert (found.module, found.module_version, found.module_title) == (
        "market",
        "1.2.0",
        "The market",
    )
    assert (found.learner_id, found.learner_name) == ("student1", "Araújo, João")
    assert (found.language, found.package, found.built_with) == (
        "en",
        "scorm12",
        f"minga {VERSION}",
    )
    (one,) = found.answers
    assert (one.question, one.question_text) == ("who-sells", "Who sells?")
    assert (one.text, one.language) == (AS_KEPT, "en")
    assert one.written_at is not None
    assert one.changed_at is not None
    assert one.written_at <= one.changed_at <= found.made_at


def the_page_is_readable(name: str, text: str) -> None:
    assert name == "market-answers.html"
    assert text.startswith('<!doctype html>\n<html lang="en" dir="ltr">')
    tree = html.document_fromstring(text)
    assert tree.xpath("//h1/text()") == ["The market"]
    assert tree.xpath("//h2/text()") == ["Who sells?"]
    assert tree.xpath('//p[@class="text"]/text()') == [AS_KEPT.strip()]
    assert "Araújo, João" in tree.text_content()
    assert re.search(r"Written on .*20\d\d", tree.text_content())
    assert not tree.xpath("//script | //@src | //link")


def test_paper_holds_the_answers_alone_until_the_next_gesture(
    open_page: OpenPage, package: Path
) -> None:
    player = play(open_page(locale="ar"), package)
    player.frame.evaluate(PRINTS)
    answer(player, "who-buys", "جارتي\nأنا")
    take(player, "print")
    assert player.frame.evaluate("window.printed") == 1
    player.page.emulate_media(media="print")
    paper = player.frame.locator(".paper")
    assert paper.is_visible()
    assert "من يشتري؟" in paper.inner_text()
    assert "Araújo, João" in paper.inner_text()
    for hidden in (".masthead", "[data-section=introduction]", "#a-who-buys", "[data-take]"):
        assert player.frame.locator(hidden).first.is_hidden()
    player.page.emulate_media(media="screen")
    assert paper.is_hidden()
    player.frame.locator(".masthead h1").click()
    player.page.emulate_media(media="print")
    assert player.frame.locator("#a-who-buys").is_visible()


@pytest.mark.parametrize(
    ("how", "script", "told"),
    [
        ("html", WITHOUT_FILES, "copy the text below"),
        ("json", WITHOUT_FILES, "copy the text below"),
        ("print", WITHOUT_PAPER, "copy the text below"),
        ("copy", WITHOUT_CLIPBOARD, "paste"),
    ],
)
def test_where_that_fails_the_text_is_at_hand(
    open_page: OpenPage, package: Path, how: str, script: str, told: str
) -> None:
    player = play(open_page(locale="en-GB"), package, script="")
    player.frame.evaluate(script)
    answer(player, "who-buys", "Me")
    take(player, how)
    area = player.frame.locator("[data-take-text]")
    area.wait_for()
    assert told in news(player)
    if how == "json":
        held = json.loads(area.input_value())
        assert held["learner"] == {"id": None, "name": None}
        assert held["answers"][0]["text"] == "Me"
    else:
        assert area.input_value() == "1. Who buys?\n\nMe"


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
def test_axe_finds_nothing_while_an_answer_is_taken(
    open_page: OpenPage, package: Path, language: str, scheme: Any
) -> None:
    page = open_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    play(page, package)
    page.goto(f"{ORIGIN}/package/index.html?language={language}")
    page.locator("#a-who-buys").fill("Yo")
    page.evaluate(WITHOUT_FILES)
    page.locator("[data-take=html]").click()
    page.locator("[data-take-text]").wait_for()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_with_a_live_tool_the_way_there_is_told_and_nothing_is_sent(
    open_page: OpenPage, tmp_path: Path
) -> None:
    made = build(read_module(write_module(tmp_path)), tmp_path, tool_url="https://minga.example/")
    player = play(open_page(locale="en-GB"), made.path)
    answer(player, "who-buys", "Me")
    link = player.frame.get_by_role("link", name="https://minga.example", exact=True)
    assert link.get_attribute("target") == "_blank"
    assert player.frame.get_by_text("paste each one under its question").is_visible()
    assert player.asked == []
