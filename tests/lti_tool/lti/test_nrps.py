"""Members of a course, at a server that answers as Moodle does. NRPS 2.0."""

from typing import Any

import pytest

from lti_tool.lti.nrps import MEMBERS, read_roster
from lti_tool.lti.service_errors import ServiceError
from tests.lti_tool.lti.local_server import Asked, Reply
from tests.lti_tool.lti.moodle import Moodle


def test_the_members_of_a_course(moodle: Moodle) -> None:
    roster = read_roster(moodle.services, moodle.roster)
    assert roster.complete
    assert roster.course_id == "2"
    joao, _, maria, unal = roster.members
    assert (joao.user.subject, joao.user.name) == ("4", "João Araújo")
    assert joao.roles.learner
    assert not joao.roles.instructor
    assert maria.roles.instructor
    assert unal.user.name == "测试 Ünal-Straße"
    assert all(member.active for member in roster.members)
    assert moodle.last.headers["Accept"] == MEMBERS


def test_without_personal_data(moodle: Moodle) -> None:
    moodle.answers("GET", moodle.members_route(), "21-roster-without-personal-data")
    roster = read_roster(moodle.services, moodle.roster)
    assert len(roster.members) == 4
    assert {member.user.name for member in roster.members} == {None}


def test_what_can_be_asked(moodle: Moodle) -> None:
    role = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
    read_roster(moodle.services, moodle.roster, resource_link_id="7", role=role, limit=9)
    assert moodle.last.query == {"rlid": "7", "role": role, "limit": "9"}


def test_all_pages_are_read(moodle: Moodle) -> None:
    first = moodle.captured("20-roster-limit-2")
    rest = {"members": [{"user_id": "9", "roles": ["Learner"], "status": "Inactive"}]}

    def response(asked: Asked) -> Reply:
        return Reply(rest) if asked.query.get("from") == "2" else first

    moodle.server.routes[f"GET {moodle.members_route()}"] = response
    roster = read_roster(moodle.services, moodle.roster, limit=2)
    assert [member.user.subject for member in roster.members] == ["4", "5", "9"]
    assert [member.active for member in roster.members] == [True, True, False]
    assert roster.complete


@pytest.mark.parametrize(
    "bad",
    [None, 7, {}, {"user_id": ""}, {"user_id": 7, "roles": []}, {"user_id": "a", "roles": "x"}],
)
def test_a_member_that_cannot_be_read_is_reported(moodle: Moodle, bad: Any) -> None:
    good = {"user_id": "9", "roles": ["Learner", None], "name": "Ana\0", "email": 7}
    moodle.server.always(f"GET {moodle.members_route()}", Reply({"members": [bad, good]}))
    roster = read_roster(moodle.services, moodle.roster)
    assert [member.user.name for member in roster.members] == ["Ana"]
    assert not roster.complete


@pytest.mark.parametrize("body", [[], {}, {"members": None}, 7])
def test_an_answer_without_members(moodle: Moodle, body: Any) -> None:
    moodle.server.always(f"GET {moodle.members_route()}", Reply(body))
    roster = read_roster(moodle.services, moodle.roster)
    assert (roster.members, roster.complete) == ((), False)


def test_no_answer(moodle: Moodle) -> None:
    moodle.server.always(f"GET {moodle.members_route()}", Reply(b"<html>"))
    with pytest.raises(ServiceError):
        read_roster(moodle.services, moodle.roster)
