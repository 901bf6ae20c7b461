"""What the grades of an activity are computed from, on both engines."""

from pathlib import Path

import pytest

from lti_tool.gradebook.activities import find_activity, find_for_person, work_of
from lti_tool.gradebook.scoring import Work
from lti_tool.storage.database import Database
from tests.lti_tool.gradebook.conftest import Gradebook, make_book
from tests.lti_tool.lti.local_server import LocalServer
from tests.support import statements

pytestmark = pytest.mark.both_engines


@pytest.fixture
def both(database: Database, platform_server: LocalServer, tmp_path: Path) -> Gradebook:
    return make_book(platform_server, database, tmp_path)


@pytest.mark.parametrize(
    ("role", "kind", "graded"),
    [
        ("learner", "person", True),
        ("instructor", "person", False),
        ("learner", "guest", False),
    ],
)
def test_who_is_graded_in_an_activity(both: Gradebook, role: str, kind: str, graded: bool) -> None:
    person = both.join("ana", role, kind)
    with both.database.read() as session:
        activity, is_graded = find_for_person(
            session.connection(), both.library, both.link_id, person
        )
        assert activity == find_activity(session, both.library, both.link_id)
        assert is_graded is graded


def test_work_of_several_people_takes_two_statements(both: Gradebook) -> None:
    ana, bo = both.join("ana"), both.join("bo")
    both.contribute(ana)
    with both.database.read() as session:
        activity = find_activity(session, both.library, both.link_id)
        assert activity is not None
        with statements.counted(both.database) as sent:
            work = work_of(session.connection(), activity, [ana, bo])
    assert len(sent) == 2
    assert (work[ana].threads, work[ana].replies) == (1, 0)
    assert work[ana].first_post_at == work[ana].latest_at is not None
    assert work[bo] == Work()
