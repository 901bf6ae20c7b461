"""Content that is selected again in the LMS, and modules that an instructor chooses in the tool.

The latest of them applies. Moodle says nothing about an activity's earlier content when content is
selected again, and the custom parameters of the new selection replace the earlier ones.
"""

import re
from collections.abc import Sequence
from itertools import count

import pytest

from tests.support.driver import claims_in, forms
from tests.support.site import Site
from tests.support.tabs import opened

FOUR, WRITING = "module-4", "how-to-write-a-module"
TITLES = {"City-to-city cooperation and local economic development": FOUR, "How to write": WRITING}
ITEMS = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
_numbers = count()


def select(home: Site, module: str) -> dict[str, str]:
    """Select content by deep linking; return the custom parameters that the platform stores."""
    browser = home.browser()
    page = browser.deep_link("maria")
    [form] = [each for each in forms(page) if each.action.endswith("/choose")]
    [back] = [each for each in forms(browser.submit(form, module=module)) if "JWT" in each.fields]
    [item] = claims_in(back.fields["JWT"])[ITEMS]
    return dict(item["custom"])


@pytest.mark.parametrize(
    "steps",
    [
        ["select four", "choose writing"],
        ["select four", "choose writing", "select writing"],
        ["select four", "choose writing", "select four"],  # the link names the same as before
        ["select four", "select writing", "select four", "choose four", "select writing"],
        ["select four", "choose writing", "select four", "choose writing"],
    ],
    ids=" → ".join,
)
def test_the_latest_selection_or_choice_applies(home: Site, steps: Sequence[str]) -> None:
    link = f"selected-again-{next(_numbers)}"
    custom: dict[str, str] = {}
    for step in steps:
        action, name = step.split()
        module = {"four": FOUR, "writing": WRITING}[name]
        if action == "select":
            custom = select(home, module)
        else:
            tab = opened(home, link, role="Instructor", custom=custom)
            assert tab.choose(module).status_code == 303
        for role in ("Instructor", "Learner"):
            page = opened(home, link, role=role, custom=custom).page.text
            assert shown(page) == module, step


def shown(page: str) -> str | None:
    heading = re.sub(r"\s+", " ", page.split("<h1", 1)[1].split("</h1>")[0])
    return next((module for title, module in TITLES.items() if title in heading), None)
