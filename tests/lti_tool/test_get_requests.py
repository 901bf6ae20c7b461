"""Reading writes nothing: each page answers while nothing can be written."""

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError

from demo_lms import vocabulary as lti
from lti_tool.storage.database import Database
from tests.lti_tool.routes import ROUTES, Route
from tests.support.site import Site
from tests.support.tabs import Tab, opened

LOGGED = {"people.download", "exports.download"}
"""The log names the person who downloads data of others, or the download is refused."""
GETS = [route for route in ROUTES if route.method == "GET" and route.endpoint not in LOGGED]
ROLES = [lti.INSTITUTION_ADMINISTRATOR, lti.INSTRUCTOR]
GUEST = {"sub": None, "name": None, "email": None}


@pytest.fixture(scope="module")
def tabs(home: Site) -> list[Tab]:
    module = {"module": "module-4"}
    staff = opened(home, "read", custom=module, roles=ROLES, sub="staff")
    assert staff.write("Hola").status_code == 200
    learner = opened(home, "read", custom=module, role="Learner", sub="learner")
    return [staff, learner, opened(home, "read", custom=module, **GUEST)]


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No transaction can write."""

    def locked(*_: object) -> None:
        raise OperationalError("BEGIN", {}, Exception("database is locked"))

    with monkeypatch.context() as context:
        context.setattr(Database, "write", locked)
        context.setattr(Database, "write_core", locked)
        yield


@pytest.mark.parametrize("route", GETS, ids=str)
@pytest.mark.parametrize("query", ["", "lang=fr"])
def test_a_page_answers_while_nothing_can_be_written(
    tabs: list[Tab], busy: None, route: Route, query: str
) -> None:
    path = route.path.format(post=1, reply=1, package=1, user=1, file=1)
    for tab in tabs:
        assert tab.get(f"{path}{'&' if '?' in path else '?'}{query}").status_code < 500
