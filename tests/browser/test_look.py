"""Layout and accessibility of the pages: budgets, axe, reflow, keyboard, no JavaScript.

The pages are rendered from the real templates with sample data and shown by a real browser. With
MINGA_SCREENSHOTS=<folder> a screenshot of each page and scheme is saved.
"""

import gzip
import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from courseware import resources
from tests.browser import samples
from tests.browser.conftest import OpenPage
from tests.browser.sample_discussion import discussion, post
from tests.browser.sample_server import over_http, serve
from tests.support.accessibility import AXE, SCHEMES, mark_repeated, violations

pytestmark = [pytest.mark.early, pytest.mark.browser]

KB = 1024
LEAVES_BY_ITSELF = {"login-storage", "deep-linking-return"}


@pytest.fixture(scope="module", params=["es", "ar"])
def site(request: pytest.FixtureRequest) -> Mapping[str, str]:
    return samples.render_all(request.param)


def static(name: str) -> str:
    return (resources.static() / name).read_text("utf-8")


# Budgets (gzip): all modules of the script 27 KB, style of the pages that everyone sees 6.5 KB,
# of those that only instructors see 1.5 KB more, of the picker 1 KB more, style and script
# of administrators' pages 2.3 KB more, script of the full window 1 KB more, first HTML 25 KB at 20
# posts.
# Requests to our host: 4 besides the modules of the script.


@pytest.mark.parametrize(
    ("names", "budget"),
    [
        (["minga.css"], 6.5 * KB),
        (["instructors.css"], 1.5 * KB),
        (["choices.css"], 1 * KB),
        (["administrators.css", "administrators.js"], 2.3 * KB),
        (["full_window.js"], 1 * KB),
        (resources.scripts(), 27 * KB),
    ],
)
def test_static_files_are_within_their_budget(names: list[str], budget: float) -> None:
    assert sum(len(gzip.compress(static(name).encode(), 9)) for name in names) <= budget


def test_a_page_of_twenty_posts_is_small() -> None:
    words = "<p>" + "La minga junta a quienes solos no podrían, y cada quien trae lo suyo. " * 6
    many = discussion(threads=[post(n, f"Persona {n}", f"{words} {n}</p>") for n in range(20)])
    html = samples.render("module", "es", discussion=many)
    assert html.count("<article") >= 20
    assert len(gzip.compress(html.encode(), 9)) <= 25 * KB


def test_the_page_makes_few_requests_and_none_to_other_hosts(open_page: OpenPage) -> None:
    page = open_page()
    requests = serve(page, samples.render_all("es"))
    page.goto(f"{samples.ORIGIN}/module", wait_until="networkidle")
    urls = [request.url for request in requests]
    assert all(url.startswith(samples.ORIGIN) for url in urls)
    scripts = [url.rpartition("/")[2] for url in urls if url.endswith(".js")]
    assert sorted(scripts) == resources.scripts()  # each of them once, although it is preloaded
    assert len(urls) - len(scripts) <= 4, urls


def test_nothing_is_inline(site: Mapping[str, str]) -> None:
    for name, html in site.items():
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", html), name
        assert not re.search(r"<script(?![^>]*\ssrc=)", html), name


# Colours: 4.5:1 for text, 3:1 for the borders of controls and for the focus ring.


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "place"), [("light", 0), ("dark", 1)])
def test_colours_have_contrast(theme: str, place: int) -> None:
    roots = re.findall(r":root \{(.*?)\}", static("minga.css"), re.DOTALL)
    colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", roots[place]))
    for text in ("ink", "soft", "accent", "warm-ink"):
        for ground in ("paper", "card", "wash"):
            assert contrast(colour[text], colour[ground]) >= 4.5, (text, ground)
    assert contrast(colour["on-accent"], colour["accent"]) >= 4.5
    assert contrast(colour["warm-ink"], colour["warm-wash"]) >= 4.5
    for ground in ("paper", "card", "wash"):
        assert contrast(colour["edge"], colour[ground]) >= 3, ground


# Accessibility: axe with each language, width and colour scheme, reflow, keyboard, target size.


def test_dark_mode_changes_colours_only() -> None:
    """Therefore only axe's rules on colours are checked in it."""
    sheet = static("minga.css")
    dark = re.findall(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{([^}]*)\}\s*\}", sheet)
    assert len(dark) == sheet.count("prefers-color-scheme")
    assert re.fullmatch(r"(\s*--[\w-]+: #[0-9a-f]+;)+\s*", "".join(dark))


NAMES = samples.render_all("es").keys() - LEAVES_BY_ITSELF


@pytest.mark.parametrize(
    ("language", "width", "checked"),
    [("es", 320, NAMES), ("ar", 1280, NAMES & samples.one_of_each_template())],
    ids=["es-320", "ar-1280"],
)
def test_pages_are_accessible_and_nothing_overflows_at_320_pixels(
    open_page: OpenPage, language: str, width: int, checked: set[str]
) -> None:
    """The pages ``checked`` are accessible at ``width``; none in ``language`` overflows."""
    page = open_page()
    found = []
    parts: set[str] = set()
    with over_http(samples.render_all(language), {"axe.js": AXE.axe_script}) as origin:
        for name in sorted(NAMES):
            page.set_viewport_size({"width": 320, "height": 640})
            page.goto(f"{origin}/{name}")
            expect_no_overflow(page, name)
            if name not in checked:
                continue
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            page.add_script_tag(url="/axe.js")
            mark_repeated(page, parts)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                keep_picture(page, f"{name}-{language}-{scheme}-{width}")
                found += [(name, scheme, *wrong) for wrong in violations(page, scheme)]
            page.emulate_media(color_scheme="light")
    assert found == []


def expect_no_overflow(page: Page, name: str) -> None:
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(e =>
             !e.closest('table, pre, .hidden, .skip, svg') && e.getBoundingClientRect().width &&
             (e.getBoundingClientRect().right > innerWidth + 1
              || e.getBoundingClientRect().left < -1)).map(e => e.outerHTML.slice(0, 90))"""
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, (name, wide)
    assert wide == [], name


def keep_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("MINGA_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_keyboard_order(open_page: OpenPage, site: Mapping[str, str]) -> None:
    page = open_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    serve(page, site)
    page.goto(f"{samples.ORIGIN}/module")
    order, tops = [], []
    for _ in range(100):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => { const e = document.activeElement, r = e.getBoundingClientRect();
                 const at = [...document.querySelectorAll('*')].indexOf(e);
                 return [at, r.width * r.height > 0 && r.top < innerHeight && r.bottom > 0,
                         getComputedStyle(e).outlineStyle, e.outerHTML.slice(0, 80)]; }"""
        )
        place, visible, outline, html = seen
        if place <= 0 or "<body" in html or "<html" in html:
            break
        assert visible, html
        assert outline != "none" or "<video" in html, html  # the browser outlines its own controls
        order.append(place)
        tops.append(html)
    assert "skip" in tops[0]
    assert order == sorted(order)
    assert any("composer-text" in html for html in tops)
    assert any("data-reply-target" in html for html in tops)


def test_skip_links_move_the_focus(open_page: OpenPage) -> None:
    page = open_page(reduced_motion="no-preference")
    serve(page, samples.render_all("es"))
    page.goto(f"{samples.ORIGIN}/module")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_contents_list_taller_than_the_window_shows_its_current_entry(
    open_page: OpenPage,
) -> None:
    page = open_page(viewport={"width": 1280, "height": 700}, reduced_motion="reduce")
    parts = [f"m{n}" for n in range(30)]
    entries = "".join(f'<li><a href="#{id_}" data-nav="{id_}">{id_}</a></li>' for id_ in parts)
    sections = "".join(
        f'<section id="{id_}" data-section="{id_}"><h2>{id_}</h2>{"<p>Hola</p>" * 30}</section>'
        for id_ in parts
    )
    html = samples.render("module", "es")
    html = re.sub(r"(data-words=.*?<ol>)", lambda found: found[0] + entries, html, flags=re.DOTALL)
    html = html.replace("</main>", f"{sections}</main>")
    serve(page, {"module": html})
    page.goto(f"{samples.ORIGIN}/module#m22")
    current = page.locator('[data-nav][aria-current="true"]')
    expect(current).to_have_attribute("data-nav", "m22")
    expect(current).to_be_in_viewport(ratio=1)


def test_target_size(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    serve(page, samples.render_all("es"))
    page.goto(f"{samples.ORIGIN}/module")
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    pressed = "button, .button, .chip, .languages a, .contents a, .post-actions a, summary, select"
    for element in page.locator(pressed).all():
        if box := element.bounding_box():
            assert box["height"] >= 44, element.evaluate("e => e.outerHTML")
            assert box["width"] >= 44, element.evaluate("e => e.outerHTML")


# Without JavaScript, and in print.


def test_everything_works_without_javascript(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    serve(page, samples.render_all("es"))
    page.goto(f"{samples.ORIGIN}/module")
    form = page.locator("form.compose")
    assert form.get_attribute("method") == "post"
    assert form.locator("button[data-publish]").is_visible()
    assert (
        page.locator("#q-c2c .actions a").get_attribute("href") == "/l/abc/?question=c2c#composer"
    )
    assert (
        page.locator("#p1 .post-actions a").first.get_attribute("href")
        == "/l/abc/compose?reply_to=1"
    )
    assert page.locator(".cover").get_attribute("href").startswith("https://www.youtube.com/")
    page.goto(f"{samples.ORIGIN}/replying")
    assert "À Saint-Louis" not in page.locator("#composer").inner_text()
    assert page.locator("#composer blockquote").get_attribute("dir") == "rtl"
    assert page.locator("[name=reply_to]").get_attribute("value") == "3"
    page.goto(f"{samples.ORIGIN}/answering")
    assert page.locator("[name=text]").input_value() == "Sí, y además…"
    assert page.locator("#composer .error").is_visible()
    page.goto(f"{samples.ORIGIN}/launch-storage")
    assert page.locator("noscript .button").is_visible()
    for name in ("deep-linking-return", "login-storage"):
        page.goto(f"{samples.ORIGIN}/{name}")
        assert page.locator("main button, main a").first.is_visible()


def test_print_shows_the_text_without_controls(open_page: OpenPage) -> None:
    page = open_page()
    serve(page, samples.render_all("es"))
    page.goto(f"{samples.ORIGIN}/module")
    page.emulate_media(media="print")
    assert page.locator("#introduction .prose").is_visible()
    assert page.locator("#p1 .prose").is_visible()
    for control in (".composer", ".contents", ".chips", ".post-actions", "video"):
        assert not page.locator(control).first.is_visible(), control


# Languages: texts are marked with their language; names are isolated.


def test_fallback_sections_are_marked_and_have_their_language(site: Mapping[str, str]) -> None:
    html = site["module"]
    assert re.search(r'<h2 id="readings-title"[^>]* lang="en" dir="ltr"', html)
    assert 'class="notice"' in html


def test_posts_have_language_and_direction(site: Mapping[str, str]) -> None:
    assert re.search(r'<div class="prose says" lang="ar" dir="rtl">', site["module"])
    assert '<bdi dir="auto" class="author">أمينة السعدي</bdi>' in site["module"]


def test_an_empty_discussion(site: Mapping[str, str]) -> None:
    assert 'class="empty"' in site["empty"]
    assert "<article" not in site["empty"].split('id="discussion"')[1]


def test_a_closed_discussion_shows_the_reason(site: Mapping[str, str]) -> None:
    talk = site["closed"].split('id="discussion"')[1]
    assert "no está abierto a invitados" in talk
    assert 'class="empty"' not in talk
    assert "<textarea" not in talk


def test_submitted_texts_are_shown_again(site: Mapping[str, str]) -> None:
    assert "Lo que yo estaba escribiendo." in site["message"]


def test_names_are_escaped() -> None:
    evil = discussion(threads=[post(1, "<img src=x onerror=alert(1)>", "<p>Hola</p>")])
    html = samples.render("module", "es", discussion=evil)
    assert "<img src=x" not in html


def test_stacked_marks_do_not_paint_over_the_post_above(open_page: OpenPage) -> None:
    marks = "\u0316\u0301\u0323" * 60
    page = open_page()

    def above(text: str) -> bytes:
        threads = [post(1, "Ana", "<p>Arriba</p>"), post(2, f"Zoe{text}", f"<p>Zapato{text}</p>")]
        page.set_content(samples.render("module", "es", discussion=discussion(threads=threads)))
        page.add_style_tag(content=static("minga.css"))
        box = page.locator("article.post").first.bounding_box()
        assert box is not None
        return page.screenshot(full_page=True, clip={**box})  # type: ignore[arg-type]

    assert above(marks) == above("")
