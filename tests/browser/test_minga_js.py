"""The script of the pages: clicks, requests, focus, messages.

The other side of each conversation (the tool's answers, the platform's frames) is played by routes
and by a small page that stands for an LMS.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser import samples
from tests.browser.conftest import OpenPage
from tests.browser.sample_discussion import BASE, NOW, post
from tests.browser.sample_server import serve

pytestmark = pytest.mark.browser

POSTS = f"**{BASE}posts"
MODULE = f"{samples.ORIGIN}/module"
Answer = Callable[[Route], None]


@pytest.fixture
def module(open_page: OpenPage) -> Page:
    return opened(open_page())


def opened(page: Page, name: str = "module", **changes: Any) -> Page:
    serve(page, {name: samples.render(name, "en", **changes)})
    page.goto(f"{samples.ORIGIN}/{name}")
    return page


def fields(request: Request) -> dict[str, str]:
    parsed = parse_qs(request.post_data or "", keep_blank_values=True)
    return {name: values[0] for name, values in parsed.items()}


def publishes(page: Page, answer: Answer) -> list[Request]:
    """Fulfil the posts of ``page`` with ``answer``; return the list of requests."""
    sent: list[Request] = []

    def handle(route: Route) -> None:
        sent.append(route.request)
        answer(route)

    page.route(POSTS, handle)
    return sent


def created(route: Route) -> None:
    html = samples.render_post("en", post(50, "João Araújo", "<p>Recién llegado.</p>", own=True))
    route.fulfill(status=201, body=html, content_type="text/html; charset=utf-8")


def text(page: Page) -> Any:
    return page.locator("#composer-text")


# The composer: position and target.


def test_reply_moves_the_composer_and_a_question_takes_the_text(module: Page) -> None:
    module.locator("[data-reply-target='3']").click()
    expect(text(module)).to_be_focused()
    expect(module.locator("#p3 + #composer")).to_be_visible()
    expect(module.locator("[name=reply_to]")).to_have_value("3")
    expect(module.locator("#composer-title")).to_contain_text("أمينة السعدي")
    quote = module.locator("[data-quote]")
    expect(quote).to_contain_text("تطوان")
    expect(quote).to_have_attribute("dir", "rtl")
    module.locator("[data-cancel]").click()
    expect(module.locator("[data-composer-home] #composer")).to_be_visible()
    expect(module.locator("[name=reply_to]")).to_have_value("")
    expect(module.locator("#p3")).to_be_focused()
    expect(module.locator("[data-target]")).to_be_hidden()
    # Answer this question.
    module.locator("[data-question-target=sse]").click()
    expect(text(module)).to_be_focused()
    expect(module.locator("[name=question]")).to_have_value("sse")
    expect(module.locator("[data-quote]")).to_contain_text("economía social y solidaria")
    assert module.url == MODULE
    module.locator("[data-cancel]").click()
    # A text without target moves to the chosen question.
    text(module).fill("Creo que sí")
    module.locator("[data-question-target=c2c]").click()
    expect(text(module)).to_have_value("Creo que sí")
    module.locator("[data-cancel]").click()
    expect(text(module)).to_have_value("")


def test_each_target_has_its_own_draft(module: Page) -> None:
    module.locator("[data-reply-target='1']").click()
    text(module).fill("Para María")
    module.locator("[data-reply-target='2']").click()
    expect(text(module)).to_have_value("")
    text(module).fill("Para Fatou")
    module.locator("[data-reply-target='1']").click()
    expect(text(module)).to_have_value("Para María")
    module.reload()
    expect(text(module)).to_have_value("")
    module.locator("[data-reply-target='2']").click()
    expect(text(module)).to_have_value("Para Fatou")


def test_drafts_are_in_memory_if_storage_is_blocked(open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', "
        "{get() { throw new DOMException('denied', 'SecurityError') }})"
    )
    opened(page)
    page.locator("[data-reply-target='1']").click()
    text(page).fill("Para María")
    page.locator("[data-reply-target='2']").click()
    page.locator("[data-reply-target='1']").click()
    expect(text(page)).to_have_value("Para María")


# Publishing.


def test_a_new_post_is_first_and_focused(module: Page) -> None:
    sent = publishes(module, created)
    before = module.locator("[name=draft_key]").input_value()
    text(module).fill("Recién llegado.")
    module.locator("[data-publish]").click()
    expect(module.locator("#p50")).to_be_focused()
    expect(module.locator("[data-threads] > li").first.locator("#p50")).to_be_visible()
    expect(module.get_by_role("status")).to_have_text("Published.")
    expect(text(module)).to_have_value("")
    assert module.locator("[name=draft_key]").input_value() not in ("", before)
    assert module.locator("[name=reply_to]").input_value() == ""
    assert sent[0].headers["x-minga-fragment"] == "1"
    assert sent[0].headers["x-minga-token"] == "token-of-the-page"
    assert fields(sent[0]) == {
        "token": "token-of-the-page",
        "draft_key": before,
        "question": "",
        "reply_to": "",
        "text": "Recién llegado.",
        "language": "",
        "for_group": "1",
        "mentioned": "",
    }
    module.reload()
    expect(text(module)).to_have_value("")


def test_a_reply_is_last_in_its_thread(module: Page) -> None:
    sent = publishes(module, created)
    module.locator("[data-reply-target='3']").click()
    text(module).fill("Gracias")
    module.locator("[data-publish]").click()
    replies = module.locator("#p1 + [data-replies] > li")
    expect(replies.last.locator("#p50")).to_be_focused()
    expect(module.locator("[data-composer-home] #composer")).to_be_visible()
    assert fields(sent[0])["reply_to"] == "3"


def test_the_first_post_hides_the_empty_message(open_page: OpenPage) -> None:
    page = opened(open_page(), "empty")
    publishes(page, created)
    text(page).fill("Empiezo yo")
    page.locator("[data-publish]").click()
    expect(page.locator("#p50")).to_be_visible()
    expect(page.locator("[data-empty]")).to_be_hidden()


REJECTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "the reason": ({"status": 422, "json": {"error": "Demasiado largo."}}, "Demasiado largo."),
    "a used form": ({"status": 409, "json": {"error": "Ya estaba."}}, "Ya estaba."),
    "a gateway": ({"status": 502, "body": "<h1>Bad gateway</h1>"}, "Your text is saved"),
    "no session": ({"status": 403, "body": "<h1>…</h1>"}, "Your session has ended"),
}
"""Answers to a post, and what the page says."""


def test_a_rejection_keeps_the_text_and_shows_the_reason(module: Page) -> None:
    answers: list[dict[str, Any]] = []
    sent = publishes(module, lambda route: route.fulfill(**answers[-1]))
    error, button = module.locator("[data-error]"), module.locator("[data-publish]")
    for case, (answer, shown) in REJECTIONS.items():
        answers.append(answer)
        text(module).fill(f"Un texto, {case}")
        expect(error).to_be_empty()
        button.click()
        expect(error).to_contain_text(shown)
        expect(text(module)).to_have_value(f"Un texto, {case}")
        expect(text(module)).to_have_attribute("aria-invalid", "true")
        expect(button).to_have_text("Publish")
    keys = [fields(each)["draft_key"] for each in sent]
    assert keys[0] == keys[1] != keys[2] == keys[3], "a used form gets a new key"


def test_offline_posts_wait_and_are_sent_when_online(module: Page) -> None:
    answers: list[Answer] = [lambda route: route.abort(), created]
    sent = publishes(module, lambda route: answers.pop(0)(route))
    text(module).fill("Desde la montaña")
    module.locator("[data-publish]").click()
    waiting = module.locator("[data-waiting-posts]")
    expect(waiting).to_contain_text("Desde la montaña")
    expect(text(module)).to_have_value("")
    module.evaluate("window.dispatchEvent(new Event('online'))")
    expect(module.locator("#p50")).to_be_visible()
    expect(waiting).to_be_hidden()
    assert fields(sent[0]) == fields(sent[1])


def test_where_the_device_stores_nothing_offline_posts_stay_in_the_form(module: Page) -> None:
    module.evaluate("void (IDBFactory.prototype.open = () => { throw new Error('blocked'); })")
    answers: list[Answer] = [lambda route: route.abort(), created]
    sent = publishes(module, lambda route: answers.pop(0)(route))
    text(module).fill("Desde la montaña")
    module.locator("[data-publish]").click()
    expect(module.locator("[data-error]")).to_contain_text("You are offline")
    expect(text(module)).to_have_value("Desde la montaña")
    module.evaluate("window.dispatchEvent(new Event('online'))")
    expect(module.locator("#p50")).to_be_visible()
    expect(module.locator("[data-error]")).to_be_empty()
    assert fields(sent[0])["draft_key"] == fields(sent[1])["draft_key"]


def test_an_empty_post_is_not_sent_and_a_double_click_sends_once(module: Page) -> None:
    held: list[Route] = []
    sent = publishes(module, held.append)
    text(module).fill("   ")
    module.locator("[data-publish]").click()
    expect(module.locator("[data-error]")).to_have_text("Write something first.")
    assert sent == []
    text(module).fill("Una vez")
    module.locator("[data-publish]").dblclick()
    expect(module.locator("[data-publish]")).to_have_attribute("aria-disabled", "true")
    module.locator("[data-publish]").click(force=True)
    created(held[0])
    expect(module.locator("#p50")).to_be_visible()
    assert len(sent) == 1


# Progress, times, new posts, videos.


def test_a_section_is_seen_after_two_seconds_at_its_end(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 1280, "height": 700}, reduced_motion="reduce")
    page.clock.install()
    sent: list[Request] = []

    def seen(route: Route) -> None:
        sent.append(route.request)
        route.fulfill(status=204)

    opened(page)
    page.route(f"**{BASE}seen", seen)
    page.locator("[data-end=questions]").scroll_into_view_if_needed()
    expect(page.locator("[data-nav=questions]")).to_have_attribute("aria-current", "true")
    entry = page.locator("[data-nav=questions]")
    expect(entry).not_to_have_attribute("data-seen", "")
    page.clock.fast_forward(2500)
    expect(entry).to_have_attribute("data-seen", "")
    expect(page.locator("[data-progress] p")).to_have_text("Sections viewed: 4 of 5")
    expect(page.locator("progress")).to_have_js_property("value", 4)
    assert {"section": "questions", "token": "token-of-the-page"} in map(fields, sent)
    assert "introduction" not in [fields(one)["section"] for one in sent]


def test_unreported_sections_are_not_shown_as_seen(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 1280, "height": 700}, reduced_motion="reduce")
    page.clock.install()
    opened(page)
    page.route(f"**{BASE}seen", lambda route: route.fulfill(status=500))
    page.locator("[data-end=questions]").scroll_into_view_if_needed()
    expect(page.locator("[data-nav=questions]")).to_have_attribute("aria-current", "true")
    with page.expect_response(f"**{BASE}seen"):
        page.clock.fast_forward(2500)
    expect(page.locator("[data-progress] p")).to_have_text("Sections viewed: 2 of 5")


def test_new_posts_are_announced_by_a_link(open_page: OpenPage) -> None:
    page = open_page()
    page.clock.install()
    asked: list[Request] = []

    def news(route: Route) -> None:
        asked.append(route.request)
        route.fulfill(json={"new": 3})

    opened(page)
    page.route(f"**{BASE}posts/new*", news)
    expect(page.locator("[data-new]")).to_be_hidden()
    page.clock.fast_forward(26000)
    expect(page.locator("[data-new] a")).to_have_text("New posts: 3. Show them")
    assert page.locator("[data-new] a").get_attribute("href") == f"{BASE}#discussion"
    assert asked[0].headers["x-minga-token"] == "token-of-the-page"


def test_times_are_relative_captions_load_on_play_and_a_remote_video_after_a_click(
    open_page: OpenPage,
) -> None:
    page = open_page()
    requests = serve(page, {"module": samples.render("module", "en")})
    page.goto(MODULE, wait_until="networkidle")
    moment = page.locator("#p2 time")
    expect(moment).to_have_text("2 hours ago")
    assert NOW.strftime("%Y") in (moment.get_attribute("title") or "")
    page.evaluate("document.querySelector('video').dispatchEvent(new Event('play'))")
    shown = "[...document.querySelector('video').textTracks].map(one => one.mode)"
    assert page.evaluate(shown) == ["showing", "disabled", "disabled", "disabled"]
    assert not [one.url for one in requests if "youtube" in one.url]
    page.locator("a[data-embed]").click()
    frame = page.locator(".video iframe")
    expect(frame).to_have_attribute("src", "https://www.youtube-nocookie.com/embed/abcdefghijk")
    expect(frame).to_have_attribute("title", "Una conversación entre Rosario y Montevideo")
    expect(frame).to_be_focused()


# Without cookies.


def test_links_of_the_session_are_sent_by_post_but_anchors_are_not(open_page: OpenPage) -> None:
    page = open_page()
    launch = samples.launch(cookieless=True)
    opened(page, launch=launch, language_href=lambda tag: f"{BASE}?language={tag}")
    page.locator("[data-nav=questions]").click()
    assert page.url == f"{MODULE}#questions"
    page.route(f"**{BASE}open", lambda route: route.fulfill(body="<p id=here>Aquí</p>"))
    with page.expect_request(f"**{BASE}open") as sent:
        page.locator(".languages [lang=fr]").click()
    assert sent.value.method == "POST"
    assert fields(sent.value) == {"token": "token-of-the-page", "to": f"{BASE}?language=fr"}


# With a platform: an LMS page with the tool in a frame.

LMS = """<!doctype html><iframe name="storage" src="about:blank"></iframe>
<iframe id="tool" src="https://tool.example/{name}"></iframe>
<script>
  window.heard = [];
  addEventListener("message", ({{data, source, origin}}) => {{
    heard.push(data);
    if (!{answers}) return;
    const reply = (more) => source.postMessage(
      {{subject: data.subject + ".response", message_id: data.message_id, ...more}}, origin);
    if (data.subject === "lti.put_data") reply({{key: data.key, value: data.value}});
    if (data.subject === "lti.get_data") {{
      source.postMessage({{subject: "lti.get_data.response", message_id: "another", value: "no"}},
        origin);
      reply({{key: data.key, value: "the-proof"}});
    }}
    if (data.subject === "lti.capabilities") reply({{supported_messages: [
      {{subject: "lti.put_data"}}, {{subject: "lti.get_data"}}]}});
  }});
</script>"""


def framed(page: Page, name: str, answers: bool = True, at: str = "lms", **changes: Any) -> Page:
    """Open the tool's page inside the LMS, which listens at https://<at>.example."""
    lms = LMS.format(name=name, answers="true" if answers else "false")
    serve(page, {name: samples.render(name, "en", **changes)})
    page.route("**/course", lambda route: route.fulfill(body=lms, content_type="text/html"))
    page.goto(f"https://{at}.example/course")
    return page


def heard(page: Page, subject: str) -> dict[str, Any]:
    page.wait_for_function("s => heard.some(one => one.subject === s)", arg=subject)
    found: dict[str, Any] = page.evaluate("s => heard.find(one => one.subject === s)", subject)
    return found


@pytest.mark.parametrize("target", ["_parent", ""])
def test_the_login_stores_its_value_and_continues(open_page: OpenPage, target: str) -> None:
    page = open_page()
    with page.expect_request("**/continue"):
        framed(page, "login-storage", storage_target=target)
        message = heard(page, "lti.put_data")
    assert (message["key"], message["value"]) == ("k", "v")
    assert message["message_id"]


def test_the_login_continues_without_a_response(open_page: OpenPage) -> None:
    page = open_page()
    page.clock.install()
    with page.expect_request("**/continue"):
        framed(page, "login-storage", answers=False)
        heard(page, "lti.put_data")
        page.clock.fast_forward(2000)


def test_the_launch_posts_the_stored_value(open_page: OpenPage) -> None:
    page = open_page()
    with page.expect_request("**/lti/launch") as sent:
        framed(page, "launch-storage")
    assert fields(sent.value) == {"id_token": "i", "state": "s", "proof": "the-proof"}


def test_a_response_of_another_origin_is_ignored(open_page: OpenPage) -> None:
    page = open_page()
    page.clock.install()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    framed(page, "launch-storage", at="evil")
    page.wait_for_timeout(300)
    page.clock.fast_forward(3000)
    tool = page.frame_locator("#tool")
    expect(tool.locator("#fallback .button")).to_be_visible()
    assert not [url for url in sent if "launch" in url.split("/")[-1] and "storage" not in url]


def test_the_launch_offers_a_new_tab_without_a_response(open_page: OpenPage) -> None:
    page = open_page()
    page.clock.install()
    framed(page, "launch-storage", answers=False)
    heard(page, "lti.get_data")
    tool = page.frame_locator("#tool")
    expect(tool.locator("#fallback")).to_be_hidden()
    page.clock.fast_forward(2500)
    expect(tool.locator("#fallback .button")).to_be_visible()
    expect(tool.locator("[data-waiting]")).to_be_hidden()


BACK = "a[href='https://lms.example/course']"
NEW_TAB = "form[target=_blank] button"


def test_in_a_frame_the_height_is_sent_and_a_new_tab_is_offered(open_page: OpenPage) -> None:
    page = framed(open_page(), "module")
    message = heard(page, "lti.frameResize")
    tool = page.frame_locator("#tool")
    height = tool.locator("body").evaluate("e => e.getBoundingClientRect().height")
    assert message["height"] == pytest.approx(height, abs=2)
    assert message["message_id"]
    expect(tool.locator(NEW_TAB)).to_be_visible()
    expect(tool.locator(BACK)).to_be_hidden()


def test_outside_of_a_frame_a_link_leads_to_the_course(module: Page) -> None:
    expect(module.locator(NEW_TAB)).to_be_hidden()
    expect(module.locator(BACK)).to_be_visible()
    # An instructor chooses another module there too, framed or not.
    expect(module.locator("a[href$='/choose']")).to_be_visible()


def test_registration_closes_its_window(open_page: OpenPage) -> None:
    page = framed(open_page(), "registered")
    page.frame_locator("#tool").locator("button").click()
    assert heard(page, "org.imsglobal.lti.close")


def test_the_choice_is_submitted_automatically(open_page: OpenPage) -> None:
    page = open_page()
    with page.expect_request("https://lms.example/return") as sent:
        opened(page, "deep-linking-return")
    assert fields(sent.value) == {"JWT": "a.b.c"}
