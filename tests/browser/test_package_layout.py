"""Layout and accessibility (axe) of every format with pages.

Each format is opened as its readers open it, in Spanish and in Arabic (with one section in Spanish
only), in a narrow and a wide window, in light and dark mode. MINGA_SCREENSHOTS=<folder> also saves
a screenshot of each.
"""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page

from courseware.module import Module
from courseware.parser.reader import read
from scorm_builder.build import build
from tests.browser.courses import course_of
from tests.support.accessibility import SCHEMES, violations
from tests.support.chromium import OpenPage
from tests.support.lms_page import play
from tests.support.small_module import SECTIONS, write_module

pytestmark = [pytest.mark.early, pytest.mark.browser]

LANGUAGES = ("es", "ar")
WIDTHS = (320, 1280)
RULES_AT = {320: "es", 1280: "ar"}
"""The language in which axe's rules are checked at each width."""
OF_WHOLE_SITES = {"landmark-one-main", "page-has-heading-one"}
"""Rules of axe for whole pages, which do not apply to the documents of a book."""
START = """(name) => {
  const box = document.querySelector(name).getBoundingClientRect();
  return document.dir === 'rtl' ? box.right : box.left;
}"""


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Module:
    folder = write_module(tmp_path_factory.mktemp("look"), questions=1)
    (folder / "ar/introduction.md").unlink()
    return read(folder)


def in_an_lms(module: Module, folder: Path, page: Page, form: str) -> Iterator[Page | Frame]:
    with course_of(form, build(module, folder, format_name=form).path) as course:
        yield course.open(page).frame


def standalone(module: Module, folder: Path, page: Page, form: str) -> Iterator[Page | Frame]:
    yield play(page, build(module, folder, format_name=form).path, alone=True).frame


def sections(module: Module, folder: Path, page: Page, form: str) -> Iterator[Page | Frame]:
    package = build(module, folder, format_name=form, per_section=True).path
    for name in SECTIONS:
        yield play(page, package, url=f"{name}.html").frame


def static_pages(module: Module, folder: Path, page: Page, form: str) -> Iterator[Page | Frame]:
    """Pages without scripts, in one language: those of cartridges and EPUBs."""
    language = page.evaluate("navigator.language")
    package = build(module, folder, format_name=form, languages=[language]).path
    with zipfile.ZipFile(package) as archive:
        pages = [name for name in archive.namelist() if name.endswith(("html", "htm"))]
    assert pages
    for name in pages:
        play(page, package, url=name, alone=True, wait=False)
        yield page


KINDS = {
    "scorm12": (in_an_lms, "scorm12"),
    "scorm12-alone": (standalone, "scorm12"),
    "scorm12-sections": (sections, "scorm12"),
    "scorm2004-4": (in_an_lms, "scorm2004-4"),
    "cmi5": (in_an_lms, "cmi5"),
    "website": (standalone, "website"),
    "cc13": (static_pages, "cc13"),
    "epub": (static_pages, "epub"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_accessibility_and_layout(
    open_page: OpenPage, module: Module, tmp_path: Path, kind: str, language: str
) -> None:
    page = open_page(locale=language, reduced_motion="reduce")
    opened, form = KINDS[kind]
    ignored = OF_WHOLE_SITES if kind == "epub" else set()
    found: list[tuple[object, ...]] = []
    for number, shown in enumerate(opened(module, tmp_path, page, form)):
        assert shown.locator("html").get_attribute("lang") == language
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            if shown.locator(".credits p").count() and kind != "epub":
                text, foot = (shown.evaluate(START, one) for one in (".part h2", ".credits p"))
                assert abs(text - foot) < 1, f"the footer is not aligned with the text: {width}"
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                save_screenshot(page, f"{kind}-{number}-{language}-{scheme}-{width}")
                if language == RULES_AT[width]:
                    found += [
                        (number, scheme, rule, *html)
                        for rule, *html in violations(shown, scheme)
                        if rule not in ignored
                    ]
    assert found == []


def save_screenshot(page: Page, name: str) -> None:
    if folder := os.environ.get("MINGA_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_the_status_has_most_of_the_width(
    open_page: OpenPage, module: Module, tmp_path: Path, language: str
) -> None:
    page = open_page(locale=language, viewport={"width": 320, "height": 700})
    shown = play(page, build(module, tmp_path).path, alone=True).frame
    assert shown.locator("[data-status]").inner_text()
    wide = "(name) => document.querySelector(name).getBoundingClientRect().width"
    assert shown.evaluate(wide, "[data-status]") > 0.8 * shown.evaluate(wide, ".session")
