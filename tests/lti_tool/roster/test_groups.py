"""The groups of a course that an instructor makes."""

from collections.abc import Callable

import pytest

from lti_tool.roster import groups
from lti_tool.roster.groups import GroupError
from lti_tool.roster.members import store_groups
from tests.lti_tool.roster.conftest import Scene, member

pytestmark = pytest.mark.both_engines


@pytest.fixture
def people(scene: Scene) -> tuple[int, int, int]:
    scene.read([member("teacher", "Instructor"), member("ana"), member("bo")])
    ids = [scene.user(subject).id for subject in ("ana", "bo", "teacher")]
    return ids[0], ids[1], ids[2]


def test_make_rename_fill_and_delete(scene: Scene, people: tuple[int, int, int]) -> None:
    ana, bo, _ = people
    course = scene.course_id
    with scene.database.write() as session:
        red = groups.create_group(session, course, "  Red \n group ")
        blue = groups.create_group(session, course, "blue")
        groups.set_members(session, course, red, [ana, bo, 999_999])
        groups.set_members(session, course, blue, [ana])
    with scene.database.read() as session:
        listed = groups.groups_of(session, course)
        assert [(one.id, one.name, one.source) for one in listed] == [
            (blue, "blue", "instructor"),
            (red, "Red group", "instructor"),
        ]
        assert groups.members_of_group(session, red) == [ana, bo]
        assert groups.groups_of_user(session, course, ana) == (red, blue)
        assert groups.groups_of_user(session, course + 1, ana) == ()
    with scene.database.write() as session:
        groups.set_members(session, course, red, [bo])
        groups.rename_group(session, course, red, "RED GROUP")
        groups.delete_group(session, course, blue)
    with scene.database.read() as session:
        assert [one.name for one in groups.groups_of(session, course)] == ["RED GROUP"]
        assert groups.groups_of_user(session, course, ana) == ()
        both = groups.groups_of(session, course, with_deleted=True)
        assert [(one.name, one.deleted) for one in both] == [("blue", True), ("RED GROUP", False)]
    with scene.database.write() as session:
        assert groups.create_group(session, course, "blue") > max(red, blue), "no id is reused"


def test_who_has_left_is_no_member_of_a_group(scene: Scene, people: tuple[int, int, int]) -> None:
    ana, bo, _ = people
    with scene.database.write() as session:
        red = groups.create_group(session, scene.course_id, "Red")
        groups.set_members(session, scene.course_id, red, [ana, bo])
    scene.read([member("teacher", "Instructor"), member("bo")])
    with scene.database.read() as session:
        assert groups.members_of_group(session, red) == [bo]
    scene.read([member("teacher", "Instructor"), member("ana"), member("bo")])
    with scene.database.read() as session:
        assert groups.members_of_group(session, red) == [ana, bo]


CHANGES: dict[str, Callable[..., object]] = {
    "rename": lambda session, course, group: groups.rename_group(session, course, group, "New"),
    "delete": groups.delete_group,
    "members": lambda session, course, group: groups.set_members(session, course, group, []),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("whose", ["lms", "other course", "deleted", "nobody's"])
def test_a_group_that_cannot_be_changed(scene: Scene, change: str, whose: str) -> None:
    course = scene.course_id
    with scene.database.write() as session:
        group = groups.create_group(session, course, "Red")
        if whose == "deleted":
            groups.delete_group(session, course, group)
    with scene.database.write_core() as connection:
        lms = store_groups(connection, course, {"g": ("Of the LMS", None)})["g"][0]
    group = {"lms": lms, "nobody's": 999_999}.get(whose, group)
    if whose == "other course":
        course += 1
    with pytest.raises(GroupError) as caught, scene.database.write() as session:
        CHANGES[change](session, course, group)
    assert caught.value.code == "unknown"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "name"),
        (" \n ", "name"),
        ("x" * (groups.NAME_LIMIT + 1), "name"),
        ("RED", "taken"),
        (" red ", "taken"),
    ],
)
def test_names_that_cannot_be_given(scene: Scene, name: str, code: str) -> None:
    with scene.database.write() as session:
        groups.create_group(session, scene.course_id, "Red")
        blue = groups.create_group(session, scene.course_id, "Blue")
    for attempt in (
        lambda session: groups.create_group(session, scene.course_id, name),
        lambda session: groups.rename_group(session, scene.course_id, blue, name),
    ):
        with pytest.raises(GroupError) as caught, scene.database.write() as session:
            attempt(session)
        assert caught.value.code == code


def test_a_course_has_a_bounded_number_of_groups(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "MAX_GROUPS", 1)
    with scene.database.write() as session:
        groups.create_group(session, scene.course_id, "Red")
        with pytest.raises(GroupError) as caught:
            groups.create_group(session, scene.course_id, "Blue")
    assert caught.value.code == "too_many"
