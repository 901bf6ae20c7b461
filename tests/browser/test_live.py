"""The tool inside the demo LMS, in a real browser: frames, blocked cookies, tabs, no script, keys.

The LMS is on ``127.0.0.1`` and the tool on ``localhost``: for a browser, two sites that know
nothing of each other.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from courseware import resources
from tests.browser.conftest import OpenContext
from tests.browser.live_pages import (
    THIRD_PARTY_BLOCKED,
    TOOL_COOKIES_BLOCKED,
    in_a_tab,
    open_as,
    publish,
    tool_frame,
)
from tests.support.accessibility import violations
from tests.support.chromium import STILL
from tests.support.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tab(home: Site, chromium: Browser) -> Iterator[Page]:
    """The session of a participant in a tab of its own."""
    with chromium.new_context(**STILL) as context:
        yield in_a_tab(context, open_as(context.new_page(), home, "joao"))


def test_a_participant_reads_and_posts_and_the_copied_url_needs_a_session(
    home: Site, open_context: OpenContext
) -> None:
    page = open_context().new_page()
    frame = open_as(page, home, "joao")
    expect(frame.locator("h1")).to_have_text(
        "Cooperación entre ciudades y desarrollo económico local"
    )
    publish(frame, "Aprendimos de otras ciudades")
    author = frame.locator("article.post", has_text="Aprendimos").locator(".author")
    expect(author).to_have_text("João Araújo")
    elsewhere = open_context().new_page()
    answer = elsewhere.goto(frame.url)
    assert answer is not None
    assert answer.status == 403
    assert elsewhere.locator("article.post").count() == 0


@pytest.mark.parametrize(
    ("preferences", "stored"),
    [(THIRD_PARTY_BLOCKED, {"partitioned"}), (TOOL_COOKIES_BLOCKED, set())],
    ids=["third parties", "the tool"],
)
def test_a_launch_in_a_frame_where_cookies_are_blocked(
    home: Site,
    open_context: OpenContext,
    preferences: dict[str, dict[str, object]],
    stored: set[str],
) -> None:
    page = open_context(preferences).new_page()
    frame = open_as(page, home, "amina")
    # Control: that browser stores no ordinary cookie of the frame.
    frame.evaluate("document.cookie = 'plain=1; SameSite=None; Secure'")
    frame.evaluate("document.cookie = 'partitioned=1; SameSite=None; Secure; Partitioned'")
    cookies = frame.evaluate("document.cookie")
    assert {name for name in ("plain", "partitioned") if name in cookies} == stored
    assert stored or cookies == ""
    publish(frame, f"من طنجة تحية {len(preferences['profile'])}")
    # Further pages work too.
    with page.expect_event("framenavigated"):
        frame.click("nav.languages a[lang=fr]")
    frame = tool_frame(page, home)
    expect(frame.locator("html")).to_have_attribute("lang", "fr")
    written = frame.locator("article.post", has_text=f"من طنجة تحية {len(preferences['profile'])}")
    expect(written).to_be_visible()
    publish(frame, f"Et en français {len(preferences['profile'])}")


def test_two_activities_are_independent_and_one_can_be_opened_in_a_new_tab(
    home: Site, open_context: OpenContext
) -> None:
    context = open_context(THIRD_PARTY_BLOCKED)
    one, two = context.new_page(), context.new_page()
    first = open_as(one, home, "joao", course="coop-101")
    second = open_as(two, home, "maria", course="sse-201")
    one.bring_to_front()
    publish(first, "Escrito en el primer curso")
    two.bring_to_front()
    publish(second, "Escrito en el segundo curso")
    expect(first.locator("article.post", has_text="el segundo curso")).to_have_count(0)
    expect(second.locator("article.post", has_text="el primer curso")).to_have_count(0)
    assert first.locator("article.post .author").first.inner_text() == "João Araújo"
    assert second.locator("article.post .author").first.inner_text() == "María Núñez"
    one.bring_to_front()
    tab = in_a_tab(context, first)
    expect(tab.locator("h1")).to_have_text(
        "Cooperación entre ciudades y desarrollo económico local"
    )
    publish(tab.main_frame, "Desde otra pestaña")


def test_a_guest_reads_and_sees_why_they_cannot_post(home: Site, open_context: OpenContext) -> None:
    frame = open_as(open_context().new_page(), home, "visitor")
    expect(frame.locator("#composer textarea")).to_have_count(0)
    expect(frame.locator("#composer .notice")).to_be_visible()


def test_everything_works_without_javascript(home: Site, open_context: OpenContext) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto(home.lms.url)
    page.check("input[name=as][value=devika]")
    page.check("input[name=in][value=en]")
    page.click("button[name=go][value=activity]")
    # The LMS and the tool show a button or a link instead of submitting automatically.
    page.click("noscript button")
    page.frame("tool").click("a#continue")
    page.frame("tool").click("noscript button, form button")
    frame = tool_frame(page, home)
    frame.click("li.question >> nth=0 >> a.button")
    expect(frame.locator("#composer blockquote")).to_be_visible()
    frame.fill("#composer textarea[name=text]", "An answer without any script")
    frame.click("#composer [data-publish]")
    post = frame.locator("article.post", has_text="An answer without any script")
    expect(post).to_be_visible()
    post.locator("a", has_text="Edit").click()
    frame.wait_for_url("**/edit")
    frame.fill("textarea[name=text]", "An edited answer without any script")
    frame.click("form.stack .actions button.button")
    post = frame.locator("article.post", has_text="An edited answer")
    expect(post).to_be_visible()
    post.locator("a", has_text="Delete").click()
    frame.wait_for_url("**/delete")
    frame.click("button.danger")
    expect(frame.locator("article.post", has_text="An edited answer")).to_have_count(0)


def test_everything_works_with_the_keyboard_only(tab: Page) -> None:
    # Skip link, to the discussion, into the text, write, publish: Tab, Enter and letters only.
    for _ in range(200):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.name === 'text'"):
            break
    else:
        pytest.fail("the text is reached with Tab")
    tab.keyboard.type("Escrito con el teclado")
    for _ in range(10):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.matches('#composer [data-publish]')"):
            break
    tab.keyboard.press("Enter")
    expect(tab.locator("article.post", has_text="Escrito con el teclado")).to_be_focused()


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("es", "light", 320), ("ar", "dark", 1280)]
)
def test_accessibility(
    home: Site, open_context: OpenContext, language: str, scheme: str, width: int
) -> None:
    context = open_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale=language
    )
    tab = in_a_tab(context, open_as(context.new_page(), home, "maria", language=language))
    base = tab.url
    for path in ("", "choose", "compose?question=south-south-and-cities"):
        answer = tab.goto(base + path)
        assert answer is not None
        assert answer.status == 200
        assert tab.locator("html").get_attribute("lang") == language
        assert violations(tab) == []
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_first_load_makes_few_requests_and_none_to_other_hosts(home: Site, tab: Page) -> None:
    asked: list[str] = []
    cold = tab.context.new_page()
    cold.on("request", lambda request: asked.append(request.url))
    cold.goto(tab.url, wait_until="networkidle")
    scripts = [url for url in asked if url.endswith(".js")]
    assert len(scripts) == len(resources.scripts())
    assert len(asked) - len(scripts) <= 4, asked
    assert all(url.startswith(home.tool.url) for url in asked)


def test_an_administrator_registers_the_tool(home: Site, open_context: OpenContext) -> None:
    page = open_context().new_page()
    page.goto(f"{home.lms.url}/tools")
    page.fill("input[name=url]", home.tool.invite())
    page.click("form.add button")
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_contain_text("127.0.0.1")
    before = len(home.lms.state.tools)
    frame.locator("form button.button").click()
    # The demo LMS needs no further steps, so the page closes automatically.
    expect(page.locator("iframe")).to_have_count(0, timeout=15_000)
    assert len(home.lms.state.tools) == before + 1


def test_a_module_changed_while_a_page_is_open_keeps_the_text(
    home: Site, open_context: OpenContext
) -> None:
    reader, teacher = open_context().new_page(), open_context().new_page()
    frame = open_as(reader, home, "devika", course="sse-201")
    chooser = in_a_tab(teacher.context, open_as(teacher, home, "maria", course="sse-201"))
    chooser.goto(f"{chooser.url.partition('?')[0]}choose")
    chooser.check("input[value=how-to-write-a-module]")
    chooser.click("form.stack button.button")
    expect(chooser.locator("h1")).to_be_visible()
    reader.bring_to_front()
    frame.fill("#composer textarea[name=text]", "Escrito mientras tanto")
    frame.click("#composer [data-publish]")
    expect(frame.locator("#composer .error").first).not_to_be_empty()
    expect(frame.locator("#composer textarea[name=text]")).to_have_value("Escrito mientras tanto")
    publish(frame, "Escrito mientras tanto")
