"""From the frame of a browser that keeps no cookies there to the full window, as in Canvas."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Frame, Page, expect
from sqlalchemy import func, select

from demo_lms.register_tool import register_tool
from lti_tool.directory.model import ResourceLink
from tests.browser.conftest import OpenContext
from tests.browser.live_pages import enter, publish, tool_frame
from tests.support.site import Site, running_lms
from tests.support.tool import running_tool

pytestmark = pytest.mark.browser

BLOCKED_IN_THE_LMS = {
    "profile": {
        "content_settings": {"exceptions": {"cookies": {"localhost,127.0.0.1": {"setting": 2}}}}
    }
}
"""No cookies of the tool in frames of the LMS, not even partitioned ones; others are kept."""
BUTTON = "[data-full-window] button"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A tool that is registered in an LMS like Canvas."""
    with running_tool(tmp_path_factory.mktemp("site")) as tool, running_lms() as lms:
        lms.state.choose_flavour("canvas")
        register_tool(lms.state, tool.invite())
        yield Site(tool, lms, registration_id=1)


def framed(page: Page, home: Site, user: str = "joao") -> Frame:
    enter(page, home, user)
    return tool_frame(page, home)


def links(home: Site) -> int:
    with home.tool.database.read() as session:
        return session.scalar(select(func.count()).select_from(ResourceLink)) or 0


def test_the_full_window_shows_the_activity_and_keeps_its_session(
    home: Site, open_context: OpenContext
) -> None:
    lms = home.lms.state
    lms.faults = replace(
        lms.faults,
        edit_claims=lambda claims: claims.update(
            {"https://www.instructure.com/placement": "link_selection"}
        ),
    )
    context = open_context(BLOCKED_IN_THE_LMS)
    page = context.new_page()
    frame = framed(page, home)
    publish(frame, "Escrito en el marco")
    count = links(home)
    assert not [each for each in context.cookies(home.tool.url) if each["path"] != "/d"]
    frame.fill("#composer textarea[name=text]", "A medias en el marco")
    expect(frame.locator("[data-note]")).to_be_visible()
    button = frame.locator(BUTTON)
    expect(button).to_be_visible()
    with page.expect_request("**/external_tools/retrieve?**") as asked:
        button.click()
    query = parse_qs(urlsplit(asked.value.url).query)
    assert query["placement"] == ["link_selection"]
    assert query["client_id"] == list(lms.tools)
    page.wait_for_url(f"{home.tool.url}/l/*/")
    written = page.locator("article.post", has_text="Escrito en el marco")
    expect(written.locator(".author")).to_have_text("João Araújo")
    expect(page.locator("#composer textarea[name=text]")).to_have_value("A medias en el marco")
    expect(page.locator(BUTTON)).to_have_count(0)
    expect(page.locator("[data-alone] a")).to_be_visible()
    page.fill("#composer textarea[name=text]", "Escrito en la ventana")
    page.click("#composer [data-publish]")
    expect(page.locator("article.post", has_text="Escrito en la ventana")).to_be_visible()
    url = page.url
    page.reload()
    assert page.url == url
    expect(page.locator("article.post", has_text="Escrito en la ventana")).to_be_visible()
    expect(page.locator("meta[name=minga-cookieless]")).to_have_count(0)
    assert links(home) == count


def test_no_button_where_the_browser_keeps_cookies(home: Site, open_context: OpenContext) -> None:
    frame = framed(open_context().new_page(), home)
    expect(frame.locator(BUTTON)).to_have_count(0)


@pytest.mark.parametrize("answer", ["none", "without the message"])
def test_no_button_where_the_lms_does_not_know_the_message(
    home: Site, open_context: OpenContext, answer: str
) -> None:
    """The apps of Canvas do not answer; older versions do not list the message."""
    page = open_context(BLOCKED_IN_THE_LMS).new_page()
    page.add_init_script(
        "if (window === top) addEventListener('message', (event) => {"
        " if (event.data?.subject !== 'lti.capabilities') return;"
        " event.stopImmediatePropagation();"
        " const { message_id } = event.data;"
        " const response = { subject: 'lti.capabilities.response', message_id,"
        "  supported_messages: [{ subject: 'lti.frameResize' }] };"
        f" if ({str(answer != 'none').lower()}) event.source.postMessage(response, event.origin);"
        " window.asked = true;"
        "})"
    )
    frame = framed(page, home)
    # Not wait_for_function, which the page's content security policy forbids.
    for _ in range(200):
        if page.evaluate("window.asked"):
            break
        page.wait_for_timeout(50)
    assert page.evaluate("window.asked")
    page.wait_for_timeout(500)
    expect(frame.locator(BUTTON)).to_be_hidden()
    expect(frame.locator("form[target=_blank] button")).to_be_visible()


@pytest.mark.parametrize(
    "message",
    [
        "{messageType: 'requestFullWindowLaunch', data: url}",
        "{subject: 'requestFullWindowLaunch', data: {url}}",
    ],
)
def test_the_demo_lms_takes_the_message_of_a_tool_in_each_form(
    home: Site, open_context: OpenContext, message: str
) -> None:
    page = open_context().new_page()
    frame = framed(page, home)
    url = f"{home.tool.url}/lti/launch?module=how-to-write-a-module"
    page.evaluate(f"url => window.postMessage({message}, '*')", url)
    page.wait_for_timeout(300)
    assert "/activities/" in page.url, "the page itself is not the tool"
    frame.evaluate(f"url => parent.postMessage({message}, '*')", url)
    page.wait_for_url(f"{home.tool.url}/l/*/")
    expect(page.locator("h1")).to_have_text("Cómo escribir un módulo")
