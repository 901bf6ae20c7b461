"""find_api.js: the windows that may hold the API object, in search order."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from scorm_builder import runtime

pytestmark = pytest.mark.browser

WINDOWS = """
  const api = (name) => ({ LMSInitialize() {}, Initialize() {}, name });
  function makeWindow(parent, facts) {
    const here = { length: 0, opener: null, ...facts };
    here.parent = parent || here;
    here.top = parent ? parent.top : here;
    if (parent) parent[parent.length++] = here;
    return here;
  }
  const foreign = (parent) => {
    const here = makeWindow(parent, {});
    return new Proxy(here, { get(target, name) {
      if (["parent", "top", "length"].includes(name) || /^\\d+$/.test(name)) return target[name];
      throw new DOMException("", "SecurityError");
    } });
  };
"""


@pytest.fixture(scope="module")
def scripted(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    page.add_script_tag(content=runtime.source("find_api.js") + WINDOWS)
    yield page
    page.close()


@pytest.mark.parametrize(
    ("windows", "found"),
    [
        ("const here = makeWindow(null, { API: api('own') })", "own"),
        ("const here = makeWindow(makeWindow(null, { API: api('parent') }))", "parent"),
        (
            "const here = makeWindow(makeWindow(makeWindow(null, { API: api('grandparent') })))",
            "grandparent",
        ),
        ("const here = makeWindow(foreign(makeWindow(null, { API: api('beyond') })))", "beyond"),
        (
            "const opener = makeWindow(null, { API: api('opener') })\n"
            "const here = makeWindow(null, { opener })",
            "opener",
        ),
        (
            'const opener = makeWindow(makeWindow(null, { API: api("opener\'s parent") }))\n'
            "const here = makeWindow(null, { opener })",
            "opener's parent",
        ),
        (
            'const opener = makeWindow(null, { API: api("top\'s opener") })\n'
            "const here = makeWindow(makeWindow(null, { opener }))",
            "top's opener",
        ),
        (
            "const top = makeWindow(null)\nconst here = makeWindow(top)\n"
            "makeWindow(top, { API: api('sibling') })",
            "sibling",
        ),
        (
            "const opener = makeWindow(null)\nmakeWindow(opener, { API: api('beside it') })\n"
            "const here = makeWindow(null, { opener })",
            "beside it",
        ),
        (
            "const top = makeWindow(null, { opener: makeWindow(null, { API: api('opener') }) })\n"
            "const here = makeWindow(top)\nmakeWindow(top, { API: api('sibling') })",
            "opener",
        ),
        (
            "const here = makeWindow(null, { API: api('1.2'), API_1484_11: api('2004') })",
            "2004",
        ),
        (
            "const here = makeWindow(makeWindow(null, { API: api('an LMS') }), { API: {} })",
            "an LMS",
        ),
        ("const here = makeWindow(null, { API: document.body })", None),
        ("const here = makeWindow(makeWindow(null))", None),
        ("const here = makeWindow(null)\nhere.opener = here", None),
    ],
)
def test_the_search_order(scripted: Page, windows: str, found: str | None) -> None:
    script = f"""() => {{ {windows.replace(chr(10), ";")};
      const found = findApi(here, ["API_1484_11", "API"]);
      return found && found.api.name; }}"""
    assert scripted.evaluate(script) == found
