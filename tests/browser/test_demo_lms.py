"""The launch page of the demo LMS in Chromium: launch, platform storage, frame height.

Messages are those of "LTI Client Side postMessages" and "LTI PostMessage Storage" 1.0.
"""

import secrets
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page

from demo_lms.running import Running
from tests.support.accessibility import SCHEMES, violations
from tests.support.fake_tool import FakeTool
from tests.support.site import running_lms

pytestmark = pytest.mark.browser

ASK = """([message, target]) => new Promise((resolve) => {
  const to = target ? window.parent.frames[target] : window.parent;
  window.addEventListener("message", (event) => resolve({...event.data, from: event.origin}));
  to.postMessage(message, "*");
  setTimeout(() => resolve(null), 600);
})"""


@pytest.fixture(scope="module")
def tool() -> Iterator[FakeTool]:
    with FakeTool() as running:
        yield running


@pytest.fixture
def lms(tool: FakeTool) -> Iterator[Running]:
    with running_lms() as running:
        tool.platforms = {}
        tool.join(running)
        yield running


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


def launch_in(page: Page, lms: Running, user: str = "joao") -> Frame:
    """Open an activity as a user; return the tool's frame when its page is loaded."""
    resource_link = lms.state.resource_links_of("coop-101")[0]
    page.goto(f"{lms.url}/courses/coop-101/activities/{resource_link.id}?as={user}&in=pt")
    page.frame_locator("iframe.tool").locator("h1").wait_for()
    frame = page.frame("tool")
    assert frame is not None
    return frame


@pytest.fixture
def launch(lms: Running, page: Page) -> Callable[..., Frame]:
    """Open an activity in the page of the test."""
    return partial(launch_in, page, lms)


@pytest.fixture(scope="module")
def frame(tool: FakeTool, chromium: Browser) -> Iterator[Frame]:
    """The tool's frame of one launch, for tests that only exchange messages."""
    page = chromium.new_page()
    with running_lms() as lms:
        tool.join(lms)
        yield launch_in(page, lms)
    page.close()


def ask(frame: Frame, subject: str, target: str | None = None, **more: Any) -> Any:
    message = {"subject": subject, "message_id": secrets.token_hex(4), **more}
    answer = frame.evaluate(ASK, [message, target])
    if answer is not None and "message_id" in message:
        assert answer.get("message_id") == message["message_id"]
        assert answer["subject"] == subject + ".response"
    return answer


def test_the_activity_opens_in_the_frame(
    lms: Running, tool: FakeTool, launch: Callable[..., Frame]
) -> None:
    frame = launch("amina")
    assert frame.url.startswith(tool.url + "/l/")
    assert frame.text_content("h1") == "أمينة السعدي"


def test_stored_values_can_be_read(frame: Frame) -> None:
    put = ask(frame, "lti.put_data", key="state", value="s-1")
    sender = frame.page.evaluate("origin")
    assert (put["key"], put["value"], put["from"]) == ("state", "s-1", sender)
    assert ask(frame, "lti.get_data", key="state")["value"] == "s-1"
    assert ask(frame, "lti.get_data", key="other").get("value") is None
    ask(frame, "lti.put_data", key="state", value=None)
    assert ask(frame, "lti.get_data", key="state").get("value") is None


def test_capabilities(frame: Frame) -> None:
    subjects = [m["subject"] for m in ask(frame, "lti.capabilities")["supported_messages"]]
    assert subjects == ["lti.capabilities", "lti.frameResize", "lti.put_data", "lti.get_data"]


@pytest.mark.parametrize(
    ("subject", "more", "code"),
    [
        ("lti.put_data", {"value": "no key"}, "bad_request"),
        ("lti.get_data", {"key": ""}, "bad_request"),
        ("lti.get_data", {"key": {"a": 1}}, "bad_request"),
        ("lti.get_data", {"key": "k", "message_id": None}, "bad_request"),
        ("lti.frameResize", {"height": "tall"}, "bad_request"),
        ("lti.put_data", {"key": "k", "value": "x" * 5000}, "storage_exhaustion"),
        ("lti.showAlert", {"body": "x"}, "unsupported_subject"),
    ],
)
def test_invalid_messages(frame: Frame, subject: str, more: dict[str, Any], code: str) -> None:
    assert ask(frame, subject, **more)["error"]["code"] == code


def test_another_origin_is_rejected(frame: Frame) -> None:
    page = frame.page
    page.evaluate("""() => document.body.append(Object.assign(
        document.createElement("iframe"), {name: "other", src: "/nothing"}))""")
    page.frame_locator("[name=other]").locator("h1").wait_for()
    other = page.frame("other")
    assert other is not None
    assert ask(other, "lti.put_data", key="k", value="v")["error"]["code"] == "wrong_origin"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("wrong_origin", "wrong_origin"),
        ("unsupported", "unsupported_subject"),
        ("exhausted", "storage_exhaustion"),
    ],
)
def test_injected_storage_errors(frame: Frame, how: str, code: str) -> None:
    """How the page gets the fault is tested below."""
    set_fault = "(how) => { document.querySelector('iframe.tool').dataset.storage = how; }"
    before = frame.page.get_attribute("iframe.tool", "data-storage")
    frame.page.evaluate(set_fault, how)
    try:
        assert ask(frame, "lti.put_data", key="k", value="v")["error"]["code"] == code
    finally:
        frame.page.evaluate(set_fault, before)


def test_silent_and_forgetful_storage(lms: Running, launch: Callable[..., Frame]) -> None:
    lms.state.faults.storage = "never"
    assert ask(launch(), "lti.capabilities") is None
    lms.state.faults.storage = "forgetful"
    frame = launch()
    assert ask(frame, "lti.put_data", key="k", value="v")["value"] == "v"
    assert ask(frame, "lti.get_data", key="k").get("value") is None


def test_storage_in_its_own_frame(lms: Running, launch: Callable[..., Frame]) -> None:
    lms.state.faults.storage_target = "lti_storage"
    frame = launch()
    offered = ask(frame, "lti.capabilities")["supported_messages"]
    assert {"subject": "lti.put_data", "frame": "lti_storage"} in offered
    ask(frame, "lti.put_data", "lti_storage", key="k", value="v")
    assert ask(frame, "lti.get_data", "lti_storage", key="k")["value"] == "v"


def test_the_frame_is_resized(frame: Frame) -> None:
    assert "error" not in ask(frame, "lti.frameResize", height=1834.5)
    frame.wait_for_function("innerHeight === 1835", timeout=20_000)


def test_messages_of_the_frame_are_shown(frame: Frame) -> None:
    page = frame.page
    shown = page.locator("[data-frame-messages]").text_content() or ""
    ask(frame, "lti.get_data", key="a key of this test")
    page.get_by_text("What the frame and the page say").click()
    added = page.locator("[data-frame-messages]").inner_text()
    assert "a key of this test" not in shown
    assert "lti.get_data.response" in added
    assert "a key of this test" in added


def test_registration_returns_when_the_tool_closes_it(
    lms: Running, tool: FakeTool, page: Page
) -> None:
    page.goto(lms.url + "/tools")
    page.get_by_label("Registration URL").fill(tool.url + "/lti/register/code")
    page.get_by_role("button", name="Open it").click()
    page.frame_locator("iframe.tool").get_by_role("button", name="Add this tool").click()
    page.frame_locator("iframe.tool").get_by_text("Added.").wait_for()
    frame = page.frame("tool")
    assert frame is not None
    frame.evaluate("parent.postMessage({subject: 'org.imsglobal.lti.close'}, '*')")
    page.wait_for_url(lms.url + "/tools?*")
    assert "The tool is added and active" in page.inner_text("main")


def test_changing_the_user(lms: Running, page: Page) -> None:
    page.goto(lms.url + "/courses/coop-101")
    page.get_by_label("You are").select_option("joao")
    page.wait_for_url("**as=joao*")
    assert page.get_by_label("You are").input_value() == "joao"


def test_accessibility(lms: Running, open_page: Callable[..., Page]) -> None:
    page = open_page(viewport={"width": 320, "height": 800})
    for path in (
        *("/", "/tools", "/messages", "/nothing", "/courses/sse-201"),
        *("/courses/sse-201/gradebook", "/courses/sse-201/roster?as=akua"),
    ):
        page.goto(lms.url + path)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert violations(page, scheme) == [], (path, scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
