"""Pages of the tool in the demo LMS, and what users do there, for the tests in a real browser."""

from playwright.sync_api import BrowserContext, Frame, Page, expect
from sqlalchemy import select, update

from lti_tool.discussion.model import Discussion, Post
from lti_tool.discussion.recount import recount
from tests.support.plain_browser import forms
from tests.support.site import Site

THIRD_PARTY_BLOCKED = {"profile": {"block_third_party_cookies": True, "cookie_controls_mode": 1}}
TOOL_COOKIES_BLOCKED = {
    "profile": {"content_settings": {"exceptions": {"cookies": {"localhost,*": {"setting": 2}}}}}
}
BOX = "#composer-text"
"""The text field of the form for a post."""


def enter(page: Page, home: Site, user: str, language: str = "es", course: str = "") -> None:
    """Choose a user in the demo LMS and launch."""
    page.goto(home.lms.url)
    if course:
        page.check(f"input[name=course][value={course}]")
    page.check(f"input[name=as][value={user}]")
    page.check(f"input[name=in][value={language}]")
    page.click("button[name=go][value=activity]")


def tool_frame(page: Page, home: Site) -> Frame:
    """Wait for a page of the session in the tool's frame; return the frame."""
    for _ in range(300):
        for frame in page.frames[1:]:
            inside = frame.url.startswith((f"{home.tool.url}/l/", f"{home.tool.url}/lti/launch"))
            if (
                inside
                and frame.locator("main").count()
                and frame.locator("#composer, form").count()
            ):
                frame.wait_for_load_state("load")
                if frame.locator("[data-storage]").count() == 0:
                    return frame
        page.wait_for_timeout(50)
    raise AssertionError([frame.url for frame in page.frames])


def publish(frame: Frame, text: str) -> None:
    frame.fill("#composer textarea[name=text]", text)
    frame.click("#composer [data-publish]")
    expect(frame.locator("article.post", has_text=text)).to_be_visible()


def open_as(page: Page, home: Site, user: str, **more: str) -> Frame:
    enter(page, home, user, **more)
    return tool_frame(page, home)


def in_a_tab(context: BrowserContext, frame: Frame) -> Page:
    """Open the same session in a new tab with the button."""
    with context.expect_page() as opened:
        frame.click("form[target=_blank] button")
    tab = opened.value
    tab.wait_for_url("**/l/*/**")
    return tab


def enter_again(page: Page, home: Site) -> None:
    """Launch the activity again: a new session."""
    resource_link = home.browser().resource_link()
    page.goto(
        f"{home.lms.url}/courses/{resource_link.course_id}/activities/{resource_link.id}"
        "?as=joao&in=es&target=window"
    )
    page.wait_for_url(f"{home.tool.url}/l/*/")


def write(home: Site, user: str, text: str, *, language: str | None = None) -> None:
    """Publish from another browser."""
    somebody = home.browser()
    page = somebody.launch(user, language=language)
    [form] = [form for form in forms(page) if "draft_key" in form.fields]
    assert somebody.submit(form.with_(text=text)).status_code == 200


def detect(home: Site, language: str, beginning: str) -> None:
    """Store the language of the posts that begin so."""
    with home.tool.database.write_core() as connection:
        connection.execute(
            update(Post).where(Post.source.startswith(beginning)).values(language=language)
        )
        for discussion_id in connection.scalars(select(Discussion.id)).all():
            recount(connection, discussion_id)
