"""What is typed is not lost where the browser refuses local storage, as in Moodle's frame."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.test_news import write
from tests.support.chromium import OpenPage
from tests.support.site import Site

pytestmark = pytest.mark.browser

DENIED = (
    "Object.defineProperty(window, 'localStorage', "
    "{get() { throw new DOMException('denied', 'SecurityError') }})"
)
BOX = "#composer-text"


def enter(page: Page, home: Site) -> None:
    """Launch the activity again: a new session."""
    resource_link = home.browser().resource_link()
    page.goto(
        f"{home.lms.url}/courses/{resource_link.course_id}/activities/{resource_link.id}"
        "?as=joao&in=es&target=window"
    )
    page.wait_for_url(f"{home.tool.url}/l/*/")


def change_language(page: Page, home: Site) -> None:
    page.click("nav.languages a[lang=fr]")
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def press_a_chip(page: Page, home: Site) -> None:
    page.locator(".chip").nth(1).click()
    page.wait_for_url("**/*posts=*")


def saved(page: Page) -> None:
    note = page.locator("[data-note]")
    expect(note).to_be_visible()
    expect(note).to_have_text("Brouillon enregistré.")


def reload(page: Page, home: Site) -> None:
    saved(page)
    page.reload()


def return_later(page: Page, home: Site) -> None:
    saved(page)
    enter(page, home)


def show_new_posts(page: Page, home: Site) -> None:
    write(home, "maria", "Hola desde lejos")
    with home.tool.database.write_core() as connection:  # or the filter by language hides it
        connection.exec_driver_sql("UPDATE posts SET language = 'es' WHERE source LIKE 'Hola%%'")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator("[data-new] a").click()
    expect(page.locator("article.post", has_text="Hola desde lejos").first).to_be_focused()


LEAVE: list[Callable[[Page, Site], None]] = [
    change_language,
    press_a_chip,
    show_new_posts,
    reload,
    return_later,
]


def test_the_text_is_there_after_each_way_to_leave(home: Site, open_page: OpenPage) -> None:
    for text in ("Una ciudad aprende de otra ciudad", "Une ville apprend d’une autre ville"):
        write(home, "maria", text)
    with home.tool.database.write_core() as connection:
        connection.exec_driver_sql("UPDATE posts SET language = 'es' WHERE id = 1")
        connection.exec_driver_sql("UPDATE posts SET language = 'fr' WHERE id = 2")
    page = open_page()
    page.add_init_script(DENIED)
    warnings: list[str] = []

    def warned(dialog: Dialog) -> None:
        warnings.append(dialog.type)
        dialog.accept()

    page.on("dialog", warned)
    enter(page, home)
    written = ""
    for number, leave in enumerate(LEAVE):
        written += f"Frase {number}. "
        page.fill(BOX, written)
        leave(page, home)
        expect(page.locator(BOX)).to_have_value(written)
        expect(page.locator("[data-note]")).to_be_visible()
    assert warnings == []
    page.fill(BOX, written + "Y más.")
    page.reload()  # at once: nothing has stored it
    assert warnings == ["beforeunload"]
    page.click("[data-publish]")
    expect(page.locator("article.post", has_text="Frase 0.")).to_be_visible()
    page.reload()
    expect(page.locator(BOX)).to_have_value("")


def test_a_reply_and_an_edit_are_found_again(home: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script(DENIED)
    enter(page, home)
    page.fill(BOX, "El mío")
    page.click("[data-publish]")
    mine = page.locator("article.post", has_text="El mío")
    mine.locator("a[href$='/edit']").click()
    page.fill("#text", "El mío, a medias")
    page.locator("a.quiet").click()
    page.wait_for_url("**/#p*")
    page.locator("[data-reply-target]").first.click()
    page.fill(BOX, "Una respuesta a medias")
    page.click("[data-cancel]")
    expect(page.locator(BOX)).to_have_value("")
    expect(page.locator("article.post", has_text="El mío").first).to_be_visible()
    enter(page, home)
    links = page.locator("[data-other-draft]")
    expect(links).to_have_count(2)
    page.locator("[data-reply-target]").first.click()
    expect(page.locator(BOX)).to_have_value("Una respuesta a medias")
    page.click("[data-cancel]")
    page.locator("[data-other-draft][href$='/edit']").click()
    expect(page.locator("#text")).to_have_value("El mío, a medias")
