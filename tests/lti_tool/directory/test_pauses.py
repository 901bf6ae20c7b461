"""The pauses of platforms, which all processes share."""

import pytest

from lti_tool.directory.pauses import DatabasePauses
from lti_tool.lti.pauses import INVALID_CLIENT, THROTTLED, Pause
from lti_tool.storage.database import Database

pytestmark = pytest.mark.both_engines


def test_a_longer_pause_stays(database: Database, registration_id: int) -> None:
    pauses = DatabasePauses(database)
    assert pauses.load(registration_id) is None
    for until, kept in ((100.0, 100.0), (50.0, 100.0), (200.0, 200.0)):
        pauses.save(registration_id, Pause(until, THROTTLED))
        assert DatabasePauses(database).load(registration_id) == Pause(kept, THROTTLED)


def test_a_pause_is_cleared_by_its_reason(database: Database, registration_id: int) -> None:
    pauses = DatabasePauses(database)
    pauses.save(registration_id, Pause(100.0, THROTTLED))
    pauses.clear(registration_id, INVALID_CLIENT)
    assert pauses.load(registration_id) is not None
    pauses.clear(registration_id, THROTTLED)
    assert pauses.load(registration_id) is None
