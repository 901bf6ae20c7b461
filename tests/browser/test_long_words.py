"""Texts without spaces, as people and LMSs send them, do not make any page wider than a phone.

The pages are fetched over HTTP and laid out by the browser without scripts.
"""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import html
from playwright.sync_api import Page

from demo_lms import vocabulary as lti
from tests.browser.conftest import OpenContext
from tests.support.site import Site
from tests.support.tabs import Tab, opened

pytestmark = pytest.mark.browser

WORD = "Donaudampfschifffahrtsgesellschaft" * 5
URL = f"https://example.org/{WORD}"
NOT_PAGES = re.compile(r"/(file|media)/|/packages/\d|/feed|download|\.(csv|json|zip|xml)$")


def launched(home: Site, user: str, role: str) -> Tab:
    return opened(
        home,
        f"long-{WORD}",
        user=user,
        roles=[role],
        context="long-course",
        title=WORD,
        name=f"{user} {WORD}",
        given_name=user,
        family_name=WORD,
        target=f"{home.tool.url}/m/module-4",
    )


def write_everywhere(instructor: Tab, participant: Tab) -> None:
    """Posts, a reply, a file, a group, an announcement, a summary and a report, all with WORD."""
    participant.write(f"{WORD} {URL} `{WORD}`\n\n> {WORD}\n\n- {WORD}")
    first = re.search(r'data-post="(\d+)"', participant.get().text)
    assert first is not None
    participant.post("post", draft_key="reply", reply_to=first[1], text=WORD, language="")
    instructor.post("post", draft_key="instructor", text=URL, language="")
    instructor.post("discussion/groups", act="create", name=WORD)
    instructor.post(f"post/{first[1]}/report", reason=WORD)
    participant.post("draft", draft_key="kept", text=WORD)


def pages_of(tab: Tab) -> dict[str, str]:
    """The HTML of every page of a session that links lead to, one of each kind."""
    found: dict[str, str] = {}
    waiting, kinds = [tab.path], set()
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"\d+", "N", urlsplit(path).path)
        if kind in kinds or NOT_PAGES.search(path):
            continue
        kinds.add(kind)
        response = tab.browser.get(path)
        assert response.status_code == 200, (path, response.status_code)
        found[path] = response.text
        for href in html.fromstring(response.text).xpath("//a/@href"):
            url = urlsplit(urljoin(response.url, href))
            if url.path.startswith(tab.path):
                waiting.append(f"{url.path}?{url.query}" if url.query else url.path)
    return found


def too_wide(page: Page, home: Site, pages: dict[str, str]) -> dict[str, int]:
    """The pages that are wider than the screen, with their width. Scripts do not run."""
    wide = {}
    page.route(f"{home.tool.url}/l/**", lambda route: route.fulfill(
        body=pages[route.request.url.removeprefix(home.tool.url)], content_type="text/html"
    ))  # fmt: skip
    for path in pages:
        page.goto(home.tool.url + path, wait_until="commit")
        page.wait_for_load_state()
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide[path.split("/", 3)[3]] = width
    return wide


def test_no_page_is_wider_than_a_phone(home: Site, open_context: OpenContext) -> None:
    instructor = launched(home, "maria", lti.INSTRUCTOR)
    participant = launched(home, "joao", lti.LEARNER)
    administrator = launched(home, "akua", lti.INSTITUTION_ADMINISTRATOR)
    write_everywhere(instructor, participant)
    page = open_context(
        viewport={"width": 320, "height": 700}, java_script_enabled=False
    ).new_page()
    wide = {}
    for tab, least in ((participant, 10), (instructor, 20), (administrator, 12)):
        pages = pages_of(tab)
        assert len(pages) >= least, sorted(pages)
        wide |= too_wide(page, home, pages)
    assert wide == {}
