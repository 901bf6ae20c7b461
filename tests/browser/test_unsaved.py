"""Leaving a page is warned about while it has a text that is not saved."""

import pytest
from playwright.sync_api import Dialog, expect

from tests.browser.conftest import OpenContext
from tests.browser.live_pages import open_as
from tests.support.site import Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("path", "field"),
    [("summaries/edit", "source"), ("discussion/announcement", "text")],
)
def test_a_text_without_a_draft(
    home: Site, open_context: OpenContext, path: str, field: str
) -> None:
    page = open_context().new_page()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    frame = open_as(page, home, "maria", language="en")
    base = frame.url.partition("/l/")[2].partition("/")[0]
    frame.goto(f"{home.tool.url}/l/{base}/{path}")
    frame.evaluate("location.reload()")
    frame.wait_for_load_state()
    assert asked == []
    text = frame.locator(f"textarea[name={field}]")
    text.press_sequentially("Written")
    with page.expect_event("dialog"):
        frame.evaluate("setTimeout(() => location.reload())")
    assert asked == ["beforeunload"]
    expect(text).to_have_value("Written")
    # Chromium sometimes drops a navigation that begins while it is still cancelling another one.
    page.wait_for_timeout(500)
    frame.locator("form:has(textarea) button.button").first.click()
    expect(frame.locator("p", has_text="Written").first).to_be_visible()
    assert asked == ["beforeunload"]
