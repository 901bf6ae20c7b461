"""Members of a course, at a server that answers as Moodle does. NRPS 2.0."""

from typing import Any

import pytest

from lti_tool.lti.nrps import Member, roster_pages
from lti_tool.lti.service_errors import ServiceError
from tests.lti_tool.lti.local_server import Asked, Reply
from tests.lti_tool.lti.moodle import Moodle

MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def read(moodle: Moodle, **filters: Any) -> tuple[list[Member], int]:
    """All members, and the number of invalid entries."""
    pages = list(roster_pages(moodle.services, moodle.roster, **filters))
    return [member for page in pages for member in page.members], sum(
        page.invalid for page in pages
    )


def test_the_members_of_a_course(moodle: Moodle) -> None:
    members, invalid = read(moodle)
    assert not invalid
    joao, _, maria, unal = members
    assert (joao.user.subject, joao.user.name) == ("4", "João Araújo")
    assert joao.roles.learner
    assert not joao.roles.instructor
    assert maria.roles.instructor
    assert unal.user.name == "测试 Ünal-Straße"
    assert all(member.active for member in members)
    assert all(member.groups is None for member in members)
    assert moodle.last.headers["Accept"] == MEMBERS


def test_without_personal_data(moodle: Moodle) -> None:
    moodle.answers("GET", moodle.members_route(), "21-roster-without-personal-data")
    members, _ = read(moodle)
    assert len(members) == 4
    assert {member.user.name for member in members} == {None}


def test_what_can_be_asked(moodle: Moodle) -> None:
    role = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
    read(moodle, resource_link_id="7", role=role, limit=9)
    assert moodle.last.query == {"rlid": "7", "role": role, "limit": "9"}


def test_all_pages_are_read(moodle: Moodle) -> None:
    first = moodle.captured("20-roster-limit-2")
    rest = {"members": [{"user_id": "9", "roles": ["Learner"], "status": "Inactive"}]}

    def response(asked: Asked) -> Reply:
        return Reply(rest) if asked.query.get("from") == "2" else first

    moodle.server.routes[f"GET {moodle.members_route()}"] = response
    members, invalid = read(moodle, limit=2)
    assert [member.user.subject for member in members] == ["4", "5", "9"]
    assert [member.active for member in members] == [True, True, False]
    assert not invalid


def test_pages_of_any_size_are_read(moodle: Moodle) -> None:
    """Canvas sends at most 50, regardless of the limit, and a short page is not the last one."""
    sizes = [50, 50, 3, 0, 50, 1]

    def response(asked: Asked) -> Reply:
        page = int(asked.query.get("page", "0"))
        start = sum(sizes[:page])
        listed = [{"user_id": f"u{start + i}", "roles": ["Learner"]} for i in range(sizes[page])]
        following = f'<{moodle.roster.memberships}?page={page + 1}>; rel="next"'
        last = page + 1 == len(sizes)
        return Reply({"members": listed}, 200, {} if last else {"Link": following})

    moodle.server.routes[f"GET {moodle.members_route()}"] = response
    members, _ = read(moodle)
    assert [member.user.subject for member in members] == [f"u{i}" for i in range(sum(sizes))]


GOOD = {"user_id": "9", "roles": ["Learner", None], "name": "Ana\0", "email": 7}


@pytest.mark.parametrize(
    "bad",
    [None, 7, {}, {"user_id": ""}, {"user_id": 7, "roles": []}, {"user_id": "a", "roles": "x"}],
)
def test_a_member_that_cannot_be_read_is_reported(moodle: Moodle, bad: Any) -> None:
    moodle.server.always(f"GET {moodle.members_route()}", Reply({"members": [bad, GOOD]}))
    members, invalid = read(moodle)
    assert [member.user.name for member in members] == ["Ana"]
    assert invalid == 1


@pytest.mark.parametrize(
    "more",
    [
        {"message": {"custom": {}}},  # Blackboard: an object
        {"message": [{"custom": {}}]},
        {"message": None},
        {"status": "Active", "lis_person_sourcedid": "7", "picture": 7},
        {"group_enrollments": None},
    ],
)
def test_members_that_the_platforms_write_differently(moodle: Moodle, more: Any) -> None:
    body = {"context": {"id": "session~x"}, "members": [{**GOOD, **more}]}
    moodle.server.always(f"GET {moodle.members_route()}", Reply(body))
    members, invalid = read(moodle)
    assert [member.user.subject for member in members] == ["9"]
    assert members[0].roles.learner
    assert not invalid


@pytest.mark.parametrize(
    ("enrollments", "groups"),
    [
        ([], ()),
        ([{"group_id": "g1"}, {"group_id": "g2"}, {"group_id": "g1"}], ("g1", "g2")),
        ([None, 7, {}, {"group_id": 7}, {"group_id": ""}, {"group_id": "g"}], ("g",)),
        ("g1", None),
    ],
)
def test_the_groups_of_a_member(moodle: Moodle, enrollments: Any, groups: Any) -> None:
    body = {"members": [{**GOOD, "group_enrollments": enrollments}]}
    moodle.server.always(f"GET {moodle.members_route()}", Reply(body))
    assert read(moodle)[0][0].groups == groups


@pytest.mark.parametrize("body", [[], {}, {"members": None}, 7, b"<html>", b"", b"[" * 100_000])
def test_an_answer_without_members(moodle: Moodle, body: Any) -> None:
    moodle.server.always(f"GET {moodle.members_route()}", Reply(body))
    with pytest.raises(ServiceError):
        read(moodle)
