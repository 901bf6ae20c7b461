"""What is typed is not lost where the browser refuses local storage, as in Moodle's frame."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Dialog, Page, expect
from sqlalchemy import update

from lti_tool.sessions.model import LaunchSession
from lti_tool.storage.database import now
from tests.browser.conftest import OpenContext
from tests.browser.live_pages import (
    BOX,
    THIRD_PARTY_BLOCKED,
    TOOL_COOKIES_BLOCKED,
    detect,
    enter_again,
    open_as,
    tool_frame,
    write,
)
from tests.support.chromium import OpenPage
from tests.support.site import Site

pytestmark = pytest.mark.browser

DENIED = (
    "Object.defineProperty(window, 'localStorage', "
    "{get() { throw new DOMException('denied', 'SecurityError') }})"
)


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
    enter_again(page, home)


def show_new_posts(page: Page, home: Site) -> None:
    write(home, "maria", "Hola desde lejos")
    detect(home, "es", "Hola")  # or the filter by language hides it
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
    detect(home, "es", "Una ciudad")
    detect(home, "fr", "Une ville")
    page = open_page()
    page.add_init_script(DENIED)
    warnings: list[str] = []

    def warned(dialog: Dialog) -> None:
        warnings.append(dialog.type)
        dialog.accept()

    page.on("dialog", warned)
    enter_again(page, home)
    written = ""
    for number, leave in enumerate(LEAVE):
        written += f"Frase {number}. "
        page.fill(BOX, written)
        leave(page, home)
        expect(page.locator(BOX)).to_have_value(written)
        expect(page.locator("[data-note]")).to_be_visible()
    assert warnings == []
    page.fill(BOX, written + "Y más.")
    page.reload()  # at once: the server may get it after it has made the page
    assert warnings == ["beforeunload"]
    expect(page.locator(BOX)).to_have_value(written + "Y más.")
    page.click("[data-publish]")
    expect(page.locator("article.post", has_text="Frase 0.")).to_be_visible()
    page.reload()
    expect(page.locator(BOX)).to_have_value("")


@pytest.mark.parametrize(
    ("user", "preferences"), [("amina", TOOL_COOKIES_BLOCKED), ("devika", THIRD_PARTY_BLOCKED)]
)
def test_in_a_frame_of_another_site_whose_storage_is_refused(
    home: Site, open_context: OpenContext, user: str, preferences: dict[str, object]
) -> None:
    context = open_context(preferences)
    page = context.new_page()
    frame = open_as(page, home, user)
    tried = "() => { try { return localStorage.length } catch (error) { return error.name } }"
    assert frame.evaluate(tried) == "SecurityError"
    with page.expect_response("**/draft?*"):
        frame.fill(BOX, "Escrito en un marco")
    with page.expect_event("framenavigated"):
        frame.click("nav.languages a[lang=fr]")
    expect(tool_frame(page, home).locator(BOX)).to_have_value("Escrito en un marco")
    if preferences == THIRD_PARTY_BLOCKED:  # without any cookie, Chromium asks to send a form again
        with page.expect_event("framenavigated"):
            frame.evaluate("history.back()")
        expect(tool_frame(page, home).locator(BOX)).to_have_value("Escrito en un marco")
    another_tab = open_as(context.new_page(), home, user)
    expect(another_tab.locator(BOX)).to_have_value("Escrito en un marco")


def test_a_reply_and_an_edit_are_found_again(home: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script(DENIED)
    enter_again(page, home)
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
    enter_again(page, home)
    links = page.locator("[data-other-draft]")
    expect(links).to_have_count(2)
    page.locator("[data-reply-target]").first.click()
    expect(page.locator(BOX)).to_have_value("Una respuesta a medias")
    page.click("[data-cancel]")
    page.locator("[data-other-draft][href$='/edit']").click()
    expect(page.locator("#text")).to_have_value("El mío, a medias")


def end_sessions(home: Site) -> None:
    """Let the time of all sessions be over."""
    times = {"created_at": now() - timedelta(hours=12), "expires_at": now() - timedelta(minutes=1)}
    with home.tool.database.write_core() as connection:
        connection.execute(update(LaunchSession).values(**times))


def expect_kept(page: Page, form: str) -> None:
    """The page says that the session has ended and that the text is saved as a draft."""
    kept = page.locator(form).get_attribute("data-kept")
    assert kept
    expect(page.locator(f"{form} [data-error]")).to_have_text(kept)


def test_a_text_typed_after_the_end_of_the_session_is_found_again(
    home: Site, open_page: OpenPage
) -> None:
    page = open_page()
    page.add_init_script(DENIED)
    enter_again(page, home)
    end_sessions(home)
    page.fill(BOX, "Escrito muy despacio")
    expect_kept(page, "form[data-composer]")
    enter_again(page, home)
    expect(page.locator(BOX)).to_have_value("Escrito muy despacio")
    end_sessions(home)
    page.fill(BOX, "Escrito muy despacio, al fin")
    page.click("[data-publish]")
    expect_kept(page, "form[data-composer]")
    enter_again(page, home)
    expect(page.locator(BOX)).to_have_value("Escrito muy despacio, al fin")
    page.click("[data-publish]")
    mine = page.locator("article.post", has_text="Escrito muy despacio")
    mine.locator("a[href$='/edit']").click()
    end_sessions(home)
    page.fill("#text", "Escrito muy, muy despacio")
    expect_kept(page, "form[data-edit]")
    enter_again(page, home)
    page.locator("[data-other-draft][href$='/edit']").first.click()
    expect(page.locator("#text")).to_have_value("Escrito muy, muy despacio")


def test_a_page_whose_session_has_ended_stops_asking_for_new_posts(
    home: Site, open_page: OpenPage
) -> None:
    page = open_page()
    page.clock.install()
    enter_again(page, home)
    asked: list[int] = []
    page.on("response", lambda each: "/poll" in each.url and asked.append(each.status))
    with page.expect_response("**/poll*"):
        page.clock.run_for(26_000)
    end_sessions(home)
    with page.expect_response("**/poll*"):
        page.clock.run_for(26_000)
    page.wait_for_timeout(300)
    page.clock.run_for(120_000)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(300)
    assert asked == [200, 403]


HIDE = """() => {
  Object.defineProperty(document, 'hidden', {value: true, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.mark.parametrize(
    "sleep", [HIDE, "window.dispatchEvent(new Event('pagehide'))"], ids=["hidden", "left"]
)
def test_a_device_that_sleeps_has_sent_the_text(
    home: Site, open_page: OpenPage, sleep: str
) -> None:
    page = open_page()
    page.add_init_script(DENIED)
    page.clock.install()
    enter_again(page, home)
    page.clock.pause_at(now() + timedelta(minutes=1))
    sent: list[str] = []
    page.on("request", lambda each: "/draft?" in each.url and sent.append(each.post_data or ""))
    page.fill(BOX, "A second of rest")
    page.clock.run_for(900)
    assert sent == []
    with page.expect_response("**/draft?*"):
        page.clock.run_for(200)
    page.fill(BOX, "No rest before sleep")
    with page.expect_response("**/draft?*"):
        page.evaluate(sleep)
    assert [text in body for text, body in zip(("second", "before"), sent, strict=True)] == [
        True
    ] * 2
