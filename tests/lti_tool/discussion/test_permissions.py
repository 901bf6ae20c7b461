"""Who may read and write: for guests the stricter of institution and author applies."""

from dataclasses import replace

import pytest

from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.permissions import Permissions, must_post, must_read, permissions_of
from tests.lti_tool.discussion.scene import Scene

NONE, READ, ALL = Permissions(False, False), Permissions(True, False), Permissions(True, True)


@pytest.mark.parametrize(
    ("institution", "author", "expected"),
    [
        ("none", "none", NONE),
        ("none", "read", NONE),
        ("none", "post", NONE),
        ("read", "none", NONE),
        ("read", "read", READ),
        ("read", "post", READ),
        ("post", "none", NONE),
        ("post", "read", READ),
        ("post", "post", ALL),
    ],
)
def test_guests(scene: Scene, institution: str, author: str, expected: Permissions) -> None:
    launch_session = scene.launch_session(kind="guest", guests=institution)
    module = replace(scene.module, discussion=replace(scene.module.discussion, guests=author))
    assert permissions_of(launch_session, module) == expected


def test_identified_users_may_always_read_and_write(scene: Scene) -> None:
    module = replace(scene.module, discussion=replace(scene.module.discussion, guests="none"))
    for instructor in (False, True):
        assert (
            permissions_of(scene.launch_session(guests="none", instructor=instructor), module)
            == ALL
        )


def test_without_a_resource_link_there_is_no_discussion(scene: Scene) -> None:
    assert (
        permissions_of(replace(scene.launch_session(), resource_link_id=None), scene.module) == NONE
    )


def test_the_error_has_the_reason() -> None:
    with pytest.raises(DiscussionError) as closed:
        must_read(NONE)
    assert closed.value.reason is Reason.CLOSED
    with pytest.raises(DiscussionError) as read_only:
        must_post(READ)
    assert read_only.value.reason is Reason.READ_ONLY
