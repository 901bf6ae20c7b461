"""From a mail to the post, in browsers that block the tool's cookies in the LMS's frame."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from lti_tool.directory.model import ResourceLink
from lti_tool.worker import drained
from tests.browser.conftest import OpenContext
from tests.browser.live_pages import THIRD_PARTY_BLOCKED, TOOL_COOKIES_BLOCKED, tool_frame, write
from tests.support.mail_server import MailServer, mail_server
from tests.support.site import Site, site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, server: MailServer) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("mail")
    sender = {"mail_from": "minga@tool.example", "mail_delay": "0"}
    with site(folder, smtp_url=server.url, **sender) as running:
        yield running


@pytest.fixture(scope="module")
def url(home: Site, server: MailServer) -> str:
    """The URL of a post in a mail to Amina."""
    amina = home.browser()
    page = amina.launch("amina")
    path = "/".join(urlsplit(page.url).path.split("/")[:3])
    [token] = re.findall('name="minga-token" content="(.+?)"', page.text)
    amina.request("POST", f"{path}/notices", data={"token": token, "choice": "every"})
    for number in range(6):
        write(home, "joao" if number % 2 else "maria", f"Un texto largo, {number}.\n\n" * 9)
    drained(home.tool.settings, home.tool.database)
    [mail] = server.mails
    return re.findall(r"http\S+/d/\S+", mail.get_body(("plain",)).get_content())[2]


def follow(page: Page, home: Site, url: str) -> None:
    """Open the URL, and then the activity's own page in the LMS, as Moodle has one."""
    link = home.browser().resource_link()
    activity = f"{home.lms.url}/courses/{link.course_id}/activities/{link.id}?as=amina&in=es"
    with home.tool.database.write() as session:
        session.execute(update(ResourceLink).values(activity_url=activity))
    page.goto(url)
    page.locator("main .actions .button").click()
    page.wait_for_url("**/activities/**")


@pytest.mark.parametrize("preferences", [THIRD_PARTY_BLOCKED, TOOL_COOKIES_BLOCKED])
def test_the_link_of_a_mail_leads_to_the_post_inside_the_lms(
    home: Site, open_context: OpenContext, url: str, preferences: dict[str, object]
) -> None:
    page = open_context(preferences).new_page()
    follow(page, home, url)
    frame = tool_frame(page, home)
    post = frame.locator("#p" + url.split("/p/")[1].split("/")[0])
    expect(post).to_be_in_viewport()


def test_without_the_recipient_such_a_browser_opens_the_activity_only(
    home: Site, open_context: OpenContext, url: str
) -> None:
    """Control of the test above: it is not the cookie that leads to the post."""
    page = open_context(THIRD_PARTY_BLOCKED).new_page()
    follow(page, home, url.partition("?")[0])
    frame = tool_frame(page, home)
    expect(frame.locator("h1")).to_be_in_viewport()
