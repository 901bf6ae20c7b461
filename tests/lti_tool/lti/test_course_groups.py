"""Groups of a course. Course Groups 1.0."""

from typing import Any

import pytest

from lti_tool.lti import claim_names
from lti_tool.lti.course_groups import GROUPS, Group, list_groups
from lti_tool.lti.launch import GroupService
from lti_tool.lti.service_errors import ServiceError
from tests.lti_tool.lti.local_server import Reply
from tests.lti_tool.lti.moodle import Moodle


def service(moodle: Moodle) -> GroupService:
    moodle.granted = claim_names.GROUP_SCOPE
    return GroupService(f"{moodle.server.url}/groups?type=1", None, ())


def test_the_groups_of_a_course(moodle: Moodle) -> None:
    body = {"groups": [{"id": "g1", "name": "Grupo ñ", "set_id": "s"}, {"id": "g2", "name": "B"}]}
    moodle.server.always("GET /groups", Reply(body))
    found = list_groups(moodle.services, service(moodle), subject="4")
    assert found.groups == (Group("g1", "Grupo ñ", None, "s"), Group("g2", "B", None, None))
    assert found.complete
    assert moodle.last.query == {"type": "1", "limit": "100", "user_id": "4"}
    assert moodle.last.headers["Accept"] == GROUPS


def test_groups_that_cannot_be_read_are_reported(moodle: Moodle) -> None:
    moodle.server.always("GET /groups", Reply({"groups": [None, {"id": 7}, {"id": ""}]}))
    found = list_groups(moodle.services, service(moodle))
    assert (found.groups, found.complete) == ((), False)


@pytest.mark.parametrize("body", [[], {"groups": 7}, {}, b"<html>"])
def test_an_answer_without_groups(moodle: Moodle, body: Any) -> None:
    moodle.server.always("GET /groups", Reply(body))
    with pytest.raises(ServiceError):
        list_groups(moodle.services, service(moodle))
