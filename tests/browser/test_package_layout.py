"""Layout and accessibility (axe) of every format with pages.

Each format is opened as its readers open it, in a narrow and a wide window, in light and dark mode.
Every kind of page is opened in Spanish and in Arabic (with one section in Spanish only); formats
with the same page share the languages. MINGA_SCREENSHOTS=<folder> also saves a screenshot of each.
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

SHOWN = {"es": ("videos", "questions", "discussion"), "ar": ("introduction", "readings")}
"""The language in which the page of each section is opened; the introduction is only in Spanish."""
WIDTHS = (320, 1280)
RULES_AT = {320: "es", 1280: "ar"}
"""The language in which axe's rules are checked at each width."""
LEAST_TEXT_AT = {320: 280, 1280: 600}
"""The least width of the text of a section's page in a window of each width."""
OF_WHOLE_SITES = {"landmark-one-main", "page-has-heading-one"}
"""Rules of axe for whole pages, which do not apply to the documents of a book."""
START = """(name) => {
  const box = document.querySelector(name).getBoundingClientRect();
  return document.dir === 'rtl' ? box.right : box.left;
}"""

SIZE = "(name) => parseFloat(getComputedStyle(document.querySelector(name)).fontSize)"
WIDTH = "(name) => document.querySelector(name).getBoundingClientRect().width"


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
    for name in SHOWN[page.evaluate("navigator.language")]:
        yield play(page, package, url=f"{name}.html").frame


def static_pages(module: Module, folder: Path, page: Page, form: str) -> Iterator[Page | Frame]:
    """Pages without scripts, in one language: those of cartridges and EPUBs."""
    language = page.evaluate("navigator.language")
    package = build(module, folder, format_name=form, languages=[language]).path
    with zipfile.ZipFile(package) as archive:
        pages = [name for name in archive.namelist() if name.endswith(("html", "htm"))]
    unread = {f"part-{name}" for name in SECTIONS if name not in SHOWN[language]}
    pages = [name for name in pages if Path(name).stem not in unread]
    assert pages
    for name in pages:
        play(page, package, url=name, alone=True, wait=False)
        yield page


KINDS = {
    "scorm12": (in_an_lms, "scorm12", ["es"]),
    "scorm12-alone": (standalone, "scorm12", ["es", "ar"]),
    "scorm12-sections": (sections, "scorm12", ["es", "ar"]),
    "scorm2004-4": (in_an_lms, "scorm2004-4", ["ar"]),
    "cmi5": (in_an_lms, "cmi5", ["es"]),
    "website": (standalone, "website", ["ar"]),
    "cc13": (static_pages, "cc13", ["es", "ar"]),
    "epub": (static_pages, "epub", ["es", "ar"]),
}
"""How each is opened, its format and the languages. Dark mode is tested in the first language."""


@pytest.mark.parametrize(
    ("kind", "language"),
    [(kind, language) for kind, (*_, languages) in KINDS.items() for language in languages],
)
def test_accessibility_and_layout(
    open_page: OpenPage, module: Module, tmp_path: Path, kind: str, language: str
) -> None:
    page = open_page(locale=language, reduced_motion="reduce")
    opened, form, languages = KINDS[kind]
    schemes = SCHEMES if language == languages[0] else SCHEMES[:1]
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
            if width == 320 and kind == "scorm12-alone":
                assert shown.locator("[data-status]").inner_text()
                status, bar = (shown.evaluate(WIDTH, one) for one in ("[data-status]", ".session"))
                assert status > 0.8 * bar, "the status has less than most of the width of a phone"
            if kind == "scorm12-sections":
                assert (
                    shown.evaluate("document.querySelector('main').offsetWidth")
                    >= (LEAST_TEXT_AT[width])
                )
                module_title, section_title = (shown.evaluate(SIZE, one) for one in ("h1", "h2"))
                assert module_title < section_title
            for scheme in schemes:
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
