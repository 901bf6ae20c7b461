"""*Leave* on a shared computer: nothing of the person stays in the browser."""

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import OpenContext
from tests.browser.live_pages import enter, in_a_tab, open_as, publish, tool_frame
from tests.support.site import Site

pytestmark = pytest.mark.browser

BOX = "#composer-text"
LEAVE = "form[data-leave] button"


def local_keys(frame: Frame) -> list[str]:
    return sorted(frame.evaluate("Object.keys(localStorage)"))


def left(page: Page) -> Frame:
    """The page after leaving."""
    for _ in range(200):
        for frame in page.frames:
            if frame.url.endswith("/leave"):
                expect(frame.locator("h1")).to_be_visible()
                expect(frame.locator("form")).to_have_count(0)
                return frame
        page.wait_for_timeout(50)
    raise AssertionError([frame.url for frame in page.frames])


def test_leaving_forgets_the_person_and_the_back_button_shows_nothing(
    home: Site, open_context: OpenContext
) -> None:
    context = open_context()
    page = context.new_page()
    frame = open_as(page, home, "joao")
    publish(frame, "Lo que queda publicado")
    person = frame.get_attribute("form[data-leave]", "data-person")
    others = ["minga 1 module-4 999  ", "other 1 2 3", f"mingax 1 module-4 {person}  "]
    own = [f"minga 7 module-9 {person} 5 ", f"minga edit 12 {person}"]
    for key in others + own:
        frame.evaluate('key => localStorage.setItem(key, \'{"text": "x", "at": 1}\')', key)
    frame.fill(BOX, "A medias")
    frame.click(LEAVE)  # the draft is saved on the server first
    frame = left(page)
    assert local_keys(frame) == sorted(others)
    page.evaluate("history.back()")
    for _ in range(20):
        page.wait_for_timeout(100)
        for each in page.frames:
            if each.url.startswith(home.tool.url):
                assert "Lo que queda publicado" not in each.content()
    assert not [each for each in context.cookies(home.tool.url) if "/l/" in each["path"]]
    frame = open_as(page, home, "joao")
    expect(frame.locator(BOX)).to_have_value("A medias")
    frame.fill(BOX, "")
    expect(frame.locator("[data-note]")).to_be_hidden()


def test_a_text_that_cannot_be_saved_needs_a_second_press(
    home: Site, open_context: OpenContext
) -> None:
    page = open_context().new_page()
    frame = open_as(page, home, "joao")
    page.route("**/draft?*", lambda route: route.abort())
    frame.fill(BOX, "No llega al servidor")
    frame.click(LEAVE)
    warning = frame.locator("form[data-leave] [data-unsaved]")
    expect(warning).not_to_be_empty()
    expect(frame.locator(BOX)).to_have_value("No llega al servidor")
    frame.locator(BOX).press_sequentially("!")
    expect(warning).to_be_empty()
    frame.click(LEAVE)
    expect(warning).not_to_be_empty()
    frame.click(LEAVE)
    frame = left(page)
    assert not [key for key in local_keys(frame) if key.startswith("minga ")]


def test_a_post_that_waits_needs_a_second_press_and_is_forgotten(
    home: Site, open_context: OpenContext
) -> None:
    page = open_context().new_page()
    frame = open_as(page, home, "joao")
    page.route("**/post?*", lambda route: route.abort())
    frame.fill(BOX, "Espera en este equipo")
    frame.click("[data-publish]")
    expect(frame.locator("[data-waiting-posts]")).to_contain_text("Espera en este equipo")
    frame.click(LEAVE)
    expect(frame.locator("form[data-leave] [data-unsaved]")).not_to_be_empty()
    frame.click(LEAVE)
    left(page)
    page.unroute("**/post?*")
    frame = open_as(page, home, "joao")
    expect(frame.locator(BOX)).to_be_visible()
    frame.wait_for_timeout(500)
    expect(frame.locator("[data-waiting-posts]")).to_be_hidden()
    expect(frame.locator("article.post", has_text="Espera en este equipo")).to_have_count(0)


def test_a_tab_of_its_own_has_its_own_cookie_and_is_left_too(
    home: Site, open_context: OpenContext
) -> None:
    context = open_context()
    frame = open_as(context.new_page(), home, "joao")
    tab = in_a_tab(context, frame)
    cookies = {each["name"]: each for each in context.cookies() if "/l/" in each["path"]}
    assert sorted(cookies) == ["minga", "minga-tab"]
    assert cookies["minga-tab"]["sameSite"] == "Lax"
    assert {each["expires"] for each in cookies.values()} == {-1}
    url = tab.url
    tab.click(LEAVE)
    tab.wait_for_url("**/leave")
    assert "minga-tab" not in {each["name"] for each in context.cookies()}
    answer = tab.goto(url)
    assert answer is not None
    assert answer.status == 403


def test_without_javascript(home: Site, open_context: OpenContext) -> None:
    page = open_context(java_script_enabled=False).new_page()
    enter(page, home, "devika", "en")
    page.click("noscript button")
    page.frame("tool").click("a#continue")
    page.frame("tool").click("noscript button, form button")
    frame = tool_frame(page, home)
    frame.click(LEAVE)
    frame.wait_for_url("**/leave")
    expect(frame.locator("main")).to_contain_text("open the activity from your course")
