"""The module page in the frame of an LMS: its first screen, avatars, threads, and coming back."""

import pytest
from playwright.sync_api import Frame, Page, expect
from sqlalchemy import update

from lti_tool.discussion.model import Post
from tests.browser.conftest import OpenContext
from tests.browser.live_pages import detect, open_as, publish, write
from tests.support.site import Site

pytestmark = pytest.mark.browser

MOODLE = {"width": 883, "height": 580}
"""The frame of an activity in Moodle, in a window of 1280 pixels."""


def framed(page: Page, home: Site, user: str = "joao", language: str = "es") -> Frame:
    """The tool in a frame of Moodle's size."""
    frame = open_as(page, home, user, language=language)
    element = frame.frame_element()
    element.evaluate(
        "(frame, size) => Object.assign(frame.style, {position: 'fixed', inset: '0 auto auto 0', "
        "width: size.width + 'px', height: size.height + 'px', zIndex: 9})",
        MOODLE,
    )
    frame.evaluate("new Promise(requestAnimationFrame)")
    return frame


@pytest.mark.parametrize("language", ["es", "ar"])
def test_the_first_screen_of_a_frame_has_text(
    home: Site, open_context: OpenContext, language: str
) -> None:
    page = open_context(viewport={"width": 1280, "height": 720}).new_page()
    frame = framed(page, home, "joao", language)
    first = frame.locator(".part .prose p").first
    top = first.evaluate("element => element.getBoundingClientRect().top")
    line = first.evaluate("element => parseFloat(getComputedStyle(element).lineHeight)")
    assert top + 2 * line < MOODLE["height"], "two lines of the module can be read"


NAMES = (
    "മുഹമ്മദ് ക്ഷമ",
    "ஸ்ரீனிவாசன் க்ஷேத்ரா",
    "श्रीनिवास क्ष्मीश",
    "শ্রীকান্ত স্ত্রী",
    "ဂျွန် ခြွေ",
    "Wilhelmina Wong",
)
"""Names with wide initials."""

TOO_WIDE = """avatars => avatars.filter(avatar => {
  const range = document.createRange();
  range.selectNodeContents(avatar);
  const width = range.getBoundingClientRect().width;
  return !avatar.innerText.trim() || width > avatar.getBoundingClientRect().width;
}).map(avatar => avatar.innerText)"""


def test_initials_stay_inside_their_circle(home: Site, open_context: OpenContext) -> None:
    for name in NAMES:
        write(home, "devika", f"Written by {name}")
    with home.tool.database.write_core() as connection:
        for name in NAMES:
            written = Post.source == f"Written by {name}"
            connection.execute(update(Post).where(written).values(author_name=name))
    posts = framed(open_context().new_page(), home).locator("article.post")
    assert set(NAMES) <= set(posts.locator(".author").all_inner_texts())
    assert posts.locator(".avatar").evaluate_all(TOO_WIDE) == []


def test_threads_are_spaced_evenly_and_the_chips_count_ones_own_post(
    home: Site, open_context: OpenContext
) -> None:
    write(home, "maria", "Una conversación sin respuestas")
    write(home, "maria", "Encore une conversation")
    detect(home, "es", "Una")
    detect(home, "fr", "Encore")
    frame = framed(open_context().new_page(), home)
    count = frame.locator("[data-chips] .chip .count").first
    before = int(count.inner_text())
    publish(frame, "La mía, sin respuestas")
    expect(count).to_have_text(str(before + 1))
    gaps = frame.evaluate(
        """() => [...document.querySelectorAll(".threads > .thread")].slice(0, 3)
          .map((thread) => [thread.getBoundingClientRect(),
            thread.querySelector("article").getBoundingClientRect()])
          .map(([thread, post]) => Math.round(thread.bottom - post.bottom))"""
    )
    assert set(gaps) == {0}


def test_coming_back_offers_the_section_where_one_was(
    home: Site, open_context: OpenContext
) -> None:
    page = open_context().new_page()
    frame = framed(page, home, "amina", "fr")
    expect(frame.locator(".resume")).to_have_count(0)
    frame.locator("#readings h2").scroll_into_view_if_needed()
    frame.evaluate("document.querySelector('#readings').scrollIntoView()")
    expect(frame.locator("[data-nav=readings]")).to_have_attribute("aria-current", "true")
    page.goto(home.lms.url)
    page.wait_for_timeout(1000)  # the report outlives the page
    frame = framed(page, home, "amina", "fr")
    link = frame.locator(".resume a")
    expect(link).to_have_attribute("href", "#readings")
    assert frame.evaluate("scrollY") == 0, "offered: nobody is moved"
    link.click()
    expect(frame.locator("#readings h2")).to_be_in_viewport()
