"""Who may read and write: the institution's word and the author's, the stricter holds."""

from dataclasses import replace

import pytest

from lti_tool.discussion.errors import Reason, Refused
from lti_tool.discussion.rights import Rights, must_post, must_read, rights
from tests.lti_tool.discussion.scene import Scene

NOTHING, READ, ALL = Rights(False, False), Rights(True, False), Rights(True, True)


@pytest.mark.parametrize(
    ("institution", "author", "allowed"),
    [
        ("none", "none", NOTHING),
        ("none", "read", NOTHING),
        ("none", "post", NOTHING),
        ("read", "none", NOTHING),
        ("read", "read", READ),
        ("read", "post", READ),
        ("post", "none", NOTHING),
        ("post", "read", READ),
        ("post", "post", ALL),
    ],
)
def test_a_guest(scene: Scene, institution: str, author: str, allowed: Rights) -> None:
    launch_session = scene.launch_session(kind="guest", guests=institution)
    module = replace(scene.module, discussion=replace(scene.module.discussion, guests=author))
    assert rights(launch_session, module) == allowed


def test_whom_the_platform_names_may_read_and_write_whatever_guests_may(scene: Scene) -> None:
    module = replace(scene.module, discussion=replace(scene.module.discussion, guests="none"))
    for instructor in (False, True):
        assert rights(scene.launch_session(guests="none", instructor=instructor), module) == ALL


def test_without_a_placement_there_is_no_discussion(scene: Scene) -> None:
    assert rights(replace(scene.launch_session(), resource_link_id=None), scene.module) == NOTHING


def test_a_refusal_says_which(scene: Scene) -> None:
    with pytest.raises(Refused) as closed:
        must_read(scene.launch_session(kind="guest", guests="none"), scene.module)
    assert closed.value.reason is Reason.CLOSED
    with pytest.raises(Refused) as read_only:
        must_post(scene.launch_session(kind="guest", guests="read"), scene.module)
    assert read_only.value.reason is Reason.READ_ONLY
