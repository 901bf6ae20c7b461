"""Names are sorted in one way on both engines, without case and accents."""

from pathlib import Path

import pytest
from sqlalchemy import select

from lti_tool.directory.model import NAMELESS, SORT_NAME_LIMIT, Membership
from lti_tool.directory.sort_names import after_member, has_name_part, sort_name
from lti_tool.storage.database import Database
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.discussion.scene import Scene


@pytest.fixture
def scene(database: Database, tmp_path: Path) -> Scene:
    return scenes.make(database, tmp_path)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Ana Quispe", "0ana quispe"),
        ("  ÉVA   Ñahui ", "0eva nahui"),
        ("STRASSE", "0strasse"),
        ("Straße", "0strasse"),
        ("أمينة", "0امينة"),
        ("ദേവിക", "0ദേവിക"),
        ("x" * 300, "0" + "x" * (SORT_NAME_LIMIT - 1)),
        (None, NAMELESS),
        ("", NAMELESS),
        ("\u0301", NAMELESS),
    ],
)
def test_keys(name: str | None, key: str) -> None:
    assert sort_name(name)[:SORT_NAME_LIMIT] == key


@pytest.mark.both_engines
def test_members_in_the_order_of_their_names(scene: Scene) -> None:
    names = ["zoë", "Ana", None, "Éva", "ana", "Ωmega", "_x", "Zo%"]
    users = [scene.launch_session(name).user_id for name in names]
    by_name = dict(zip(users, names, strict=True))
    position = Membership.sort_name, Membership.user_id
    with scene.database.read() as session:
        query = select(Membership.user_id).order_by(*position)
        listed = session.scalars(query).all()
        assert [by_name[each] for each in listed] == [
            *("_x", "Ana", "ana", "Éva", "Zo%", "zoë", "Ωmega", None)
        ]
        for start, user in enumerate(listed, 1):
            later = after_member(session, scene.course_id, user)
            assert session.scalars(query.where(*later)).all() == listed[start:]
        assert after_member(session, scene.course_id, 0) == []
        assert after_member(session, scene.course_id, 9999) == []
        for part, found in {"zo": ["Zo%", "zoë"], "%": ["Zo%"], "ÈV": ["Éva"], "_": ["_x"]}.items():
            rows = session.scalars(query.where(*has_name_part(part)))
            assert [by_name[each] for each in rows] == found, part
        assert has_name_part(" ") == []
