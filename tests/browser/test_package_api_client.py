"""api_client.js: values that LMSs return differently are read and judged the same.

The kinds are those of ``odd_lms.js``; ``test_package_odd_lms.py`` has whole sessions.
"""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from scorm_builder import runtime
from tests.browser.standards import ODD_VALUES, STANDARDS, Standard
from tests.support.files import support

pytestmark = pytest.mark.browser

STATE = "cmi.suspend_data"
CALLS = """
const client = makeApiClient(window[name], prefix);
const read = () => (({ value, failed }) => ({ value, failed }))(client.read(state));
return {
  initialized: client.succeeds('Initialize', ''),
  unset: read(),
  refused: client.set(state, 'x'.repeat(99999)),
  accepted: client.set(state, 'M'),
  set: read(),
  committed: client.save('Commit') && window.lms.saved[state],
  finished: client.save(prefix ? 'Finish' : 'Terminate'),
};"""


@pytest.fixture(scope="module")
def blank(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: standard.form)
@pytest.mark.parametrize("kind", ["", *ODD_VALUES])
def test_odd_values_change_no_result(blank: Page, standard: Standard, kind: str) -> None:
    given = {
        "name": standard.api,
        "prefix": "LMS" if standard.api == "API" else "",
        "state": STATE,
        "kind": kind,
    }
    script = "\n".join(
        (
            f"() => {{ const {{ name, prefix, state, kind }} = {json.dumps(given)};",
            "window.API = undefined; window.oddLms = kind;",
            standard.runtime,
            support("odd_lms.js"),
            *map(runtime.source, ("find_api.js", "api_client.js")),
            CALLS,
            "}",
        )
    )
    assert blank.evaluate(script) == {
        "initialized": True,
        "unset": {"value": "", "failed": False},
        "refused": False,
        "accepted": True,
        "set": {"value": "M", "failed": False},
        "committed": "M",
        "finished": True,
    }
