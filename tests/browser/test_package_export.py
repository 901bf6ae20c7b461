"""Exporting the answers from a package: clipboard, file, print, or the text field."""

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
from tests.support.lms_page import Player, play
from tests.support.small_module import write_module

pytestmark = pytest.mark.browser
__all__ = ["package"]

HOSTILE = "<script>alert(1)</script>\n\n«Yo» & 👩🏽‍🌾 نحن \ud83d"
STORED_TEXT = HOSTILE.replace("\ud83d", "\ufffd")
NO_DOWNLOADS = "() => { URL.createObjectURL = () => { throw new TypeError('none') } }"
NO_PRINTING = "() => { window.print = undefined }"
NO_CLIPBOARD = "() => { document.execCommand = () => false }"
SHOWN = """(text) => document.querySelector('iframe').contentDocument
  .querySelector('[data-export-text]').value.includes(text)"""
RECORD_PRINTING = """() => {
  window.print = () => {
    window.dispatchEvent(new Event('beforeprint'));
    window.printed = (window.printed || 0) + 1;
  };
}"""


def export(player: Player, method: str) -> None:
    player.frame.locator(f"[data-export={method}]").click()


def export_status(player: Player) -> str:
    return player.frame.locator("[data-export-status]").inner_text()


def download(player: Player, method: str) -> tuple[str, str]:
    """Click the button; return the file's name and its text."""
    with player.page.expect_download() as coming:
        export(player, method)
    return coming.value.suggested_filename, Path(coming.value.path()).read_text("utf-8")


def test_answers_are_exported_in_every_way(open_page: OpenPage, package: Path) -> None:
    page = open_page(locale="en-GB", permissions=["clipboard-read", "clipboard-write"])
    player = play(page, package)
    for method in ("copy", "html", "json", "print"):
        export(player, method)
        assert "not written an answer" in export_status(player)

    answer(player, "who-sells", "My grandmother.")
    export(player, "copy")
    player.frame.get_by_text("paste").first.wait_for()
    shown = player.frame.locator("[data-export-text]").input_value()
    copied = shown or player.page.evaluate("navigator.clipboard.readText()")
    assert copied == "2. Who sells?\n\nMy grandmother."

    script = "(text) => { document.querySelector('#a-who-sells').value = text }"
    player.frame.evaluate(script, HOSTILE)
    player.frame.locator("#a-who-sells").dispatch_event("input")
    check_json_export(*download(player, "json"))
    check_html_export(*download(player, "html"))
    assert "If it is not, copy the text below" in export_status(player)
    assert "«Yo»" in player.frame.locator("[data-export-text]").input_value()
    assert player.external_requests == []
    assert player.lms("lms.refusals") == []


def check_json_export(name: str, text: str) -> None:
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
    assert (one.text, one.language) == (STORED_TEXT, "en")
    assert one.written_at is not None
    assert one.changed_at is not None
    assert one.written_at <= one.changed_at <= found.made_at


def check_html_export(name: str, text: str) -> None:
    assert name == "market-answers.html"
    assert text.startswith('<!doctype html>\n<html lang="en" dir="ltr">')
    tree = html.document_fromstring(text)
    assert tree.xpath("//h1/text()") == ["The market"]
    assert tree.xpath("//h2/text()") == ["Who sells?"]
    assert tree.xpath('//p[@class="text"]/text()') == [STORED_TEXT.strip()]
    assert "Araújo, João" in tree.text_content()
    assert re.search(r"Written on .*20\d\d", tree.text_content())
    assert not tree.xpath("//script | //@src | //link")


def test_print_contains_only_the_answers_until_the_next_click(
    open_page: OpenPage, package: Path
) -> None:
    player = play(open_page(locale="ar"), package)
    player.frame.evaluate(RECORD_PRINTING)
    answer(player, "who-buys", "جارتي\nأنا")
    export(player, "print")
    assert player.frame.evaluate("window.printed") == 1
    player.page.emulate_media(media="print")
    paper = player.frame.locator(".paper")
    assert paper.is_visible()
    assert "من يشتري؟" in paper.inner_text()
    assert "Araújo, João" in paper.inner_text()
    for hidden in (".masthead", "[data-section=introduction]", "#a-who-buys", "[data-export]"):
        assert player.frame.locator(hidden).first.is_hidden()
    player.page.emulate_media(media="screen")
    assert paper.is_hidden()
    player.frame.locator(".masthead h1").click()
    player.page.emulate_media(media="print")
    assert player.frame.locator("#a-who-buys").is_visible()


def test_if_an_export_fails_the_text_is_shown_for_copying(
    open_page: OpenPage, package: Path
) -> None:
    player = play(open_page(locale="en-GB"), package, script="")
    for script in (NO_DOWNLOADS, NO_PRINTING, NO_CLIPBOARD):
        player.frame.evaluate(script)
    area = player.frame.locator("[data-export-text]")
    for method, message in (
        ("html", "copy the text below"),
        ("json", "copy the text below"),
        ("print", "copy the text below"),
        ("copy", "paste"),
    ):
        text = f"Me, with {method}"
        answer(player, "who-buys", text)
        export(player, method)
        player.page.wait_for_function(SHOWN, arg=text)
        assert area.is_visible(), method
        assert message in export_status(player), method
        if method == "json":
            exported = json.loads(area.input_value())
            assert exported["learner"] == {"id": None, "name": None}
            assert exported["answers"][0]["text"] == text
        else:
            assert area.input_value() == f"1. Who buys?\n\n{text}", method


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
def test_export_has_no_axe_violations(
    open_page: OpenPage, package: Path, language: str, scheme: Any
) -> None:
    page = open_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    play(page, package, url=f"index.html?language={language}", alone=True)
    page.locator("#a-who-buys").fill("Yo")
    page.evaluate(NO_DOWNLOADS)
    page.locator("[data-export=html]").click()
    page.locator("[data-export-text]").wait_for()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_with_a_tool_url_the_page_links_to_it_and_sends_nothing(
    open_page: OpenPage, tmp_path: Path
) -> None:
    built = build(read_module(write_module(tmp_path)), tmp_path, tool_url="https://minga.example/")
    player = play(open_page(locale="en-GB"), built.path)
    answer(player, "who-buys", "Me")
    link = player.frame.get_by_role("link", name="https://minga.example", exact=True)
    assert link.get_attribute("target") == "_blank"
    assert player.frame.get_by_text("paste each one under its question").is_visible()
    assert player.external_requests == []
