"""Instructors read that a discussion belongs to a former deployment of the tool."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest

from lti_tool.directory.deployment_join import join_deployments
from tests.support.site import Site
from tests.support.statements import counted
from tests.support.tabs import Tab, opened

FOUR = "module-4"
NOTICE = "This activity was used before Minga was removed from your platform"
_numbers = count()


@contextmanager
def deployed(home: Site, deployment: str) -> Iterator[None]:
    [tool] = home.lms.state.tools.values()
    before, tool.deployment_id = tool.deployment_id, deployment
    try:
        yield
    finally:
        tool.deployment_id = before


@pytest.fixture
def name() -> str:
    return f"deployed-{next(_numbers)}"


def launched(home: Site, name: str, deployment: str, **options: object) -> Tab:
    options = {"role": "Instructor", "sub": f"teacher {name}", "context": name} | options
    with deployed(home, f"{deployment} of {name}"):
        return opened(home, options.pop("link", name), **options)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ({}, {}, True),
        ({}, {"custom": {"module": FOUR}}, True),
        ({"sub": "another"}, {"sub": "a third"}, False),  # nobody is in both: another site
        ({}, {"role": "Learner"}, False),
        ({}, {"context": "another course"}, False),
        ({}, {"link": "another activity"}, False),
        ({}, {"context": None}, False),
    ],
    ids=str,
)
def test_who_is_told(home: Site, name: str, old: dict, new: dict, says: bool) -> None:
    launched(home, name, "old", custom={"module": FOUR}, **old)
    page = launched(home, name, "new", **new).get().text
    assert (NOTICE in page) is says
    command = f"lti-tool registrations deployments join 1 &#39;old of {name}&#39;"
    assert (command in page) is says


@pytest.mark.both_engines
def test_after_joining_the_discussion_is_back(home: Site, name: str) -> None:
    old = launched(home, name, "old", custom={"module": FOUR})
    assert old.write("Written before").status_code == 200
    new = launched(home, name, "new")
    assert new.page.url.endswith("/choose")
    assert NOTICE in new.page.text
    join_deployments(home.tool.database, 1, f"old of {name}", f"new of {name}")
    for tab in (old, new, launched(home, name, "new")):
        page = tab.get().text
        assert "Written before" in page
        assert NOTICE not in page


@pytest.mark.parametrize("path", ["", "choose"])
def test_the_pages_take_few_statements(home: Site, name: str, path: str) -> None:
    launched(home, name, "old", custom={"module": FOUR})
    tab = launched(home, name, "new", custom={"module": FOUR} if not path else {})
    tab.get(path)
    with counted(home.tool.database) as statements:
        assert NOTICE in tab.get(path).text
    # The session, its progress, discussion, posts, drafts, grade, and what the notices need; the
    # page of a module also looks for former activities.
    assert len(statements) <= (9 if path else 10), statements
