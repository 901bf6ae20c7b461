"""Who may read and write: for guests the stricter of institution and author applies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from courseware.i18n import interface
from lti_tool.discussion.discussions import DiscussionState
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.messages import message_for
from lti_tool.discussion.permissions import (
    Permissions,
    may_edit,
    may_see,
    must_post,
    must_read,
    permissions_of,
)
from lti_tool.discussion.settings import DiscussionSettings
from lti_tool.storage.database import now
from tests.lti_tool.discussion.scene import Scene

NONE = Permissions(read=False, post=False, others=False)
READ, ALL = Permissions(read=True, post=False), Permissions(read=True, post=True)
HELD = replace(ALL, held=True)


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
        ("post", "post", HELD),
    ],
)
def test_guests(scene: Scene, institution: str, author: str, expected: Permissions) -> None:
    launch_session = scene.launch_session(kind="guest", guests=institution)
    module = replace(scene.module, discussion=replace(scene.module.discussion, guests=author))
    assert permissions_of(launch_session, module) == expected


def test_identified_users_may_always_read_and_write(scene: Scene) -> None:
    module = replace(scene.module, discussion=replace(scene.module.discussion, guests="none"))
    expected = replace(ALL, report=True)
    assert permissions_of(scene.launch_session(guests="none"), module) == expected
    teacher = permissions_of(scene.launch_session(guests="none", instructor=True), module)
    assert (teacher.read, teacher.post, teacher.moderate, teacher.groups) == (
        True,
        True,
        True,
        None,
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


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("settings", "read", "others", "post", "reason"),
    [
        ({}, True, True, True, None),
        ({"must_post_first": True}, True, False, True, None),
        ({"locked": True}, True, True, False, Reason.LOCKED),
        ({"opens_at": HOUR}, False, False, False, Reason.NOT_OPEN_YET),
        ({"opens_at": -HOUR, "closes_at": HOUR}, True, True, True, None),
        ({"closes_at": -HOUR}, True, True, False, Reason.ENDED),
        ({"closes_at": -HOUR, "must_post_first": True}, True, False, False, Reason.ENDED),
    ],
)
def test_the_settings_limit_participants_and_never_instructors(
    scene: Scene,
    settings: dict[str, Any],
    read: bool,
    others: bool,
    post: bool,
    reason: Reason | None,
) -> None:
    given = {
        name: now() + value if isinstance(value, timedelta) else value
        for name, value in settings.items()
    }
    state = DiscussionState(id=1, settings=DiscussionSettings(**given))
    found = permissions_of(scene.launch_session(), scene.module, state)
    assert (found.read, found.others, found.post) == (read, others, post)
    if reason is not None:
        assert reason in (found.closed, found.read_only)
    teacher = permissions_of(scene.launch_session(instructor=True), scene.module, state)
    assert (teacher.read, teacher.others, teacher.post) == (True, True, True)


@pytest.mark.parametrize(
    ("own", "others"),
    [({}, False), ({"own_posts": 1}, True), ({"own_held": True}, True)],
)
def test_must_post_first_ends_with_an_own_post_that_is_published_or_held(
    scene: Scene, own: dict[str, Any], others: bool
) -> None:
    state = DiscussionState(id=1, settings=DiscussionSettings(must_post_first=True), **own)
    for launch_session in (scene.launch_session(), scene.launch_session(kind="guest")):
        assert permissions_of(launch_session, scene.module, state).others is others


def test_a_closing_time_is_shown_with_hour_and_zone(scene: Scene) -> None:
    opens_at = datetime(2126, 1, 11, 2, 30, tzinfo=UTC)
    settings = DiscussionSettings(opens_at=opens_at, time_zone="America/La_Paz")
    found = permissions_of(scene.launch_session(), scene.module, DiscussionState(settings=settings))
    with pytest.raises(DiscussionError) as refused:
        must_read(found)
    message = message_for(interface("en"), refused.value)
    assert "10" in message
    assert "10:30" in message
    assert "-04" in message


@pytest.mark.parametrize(
    ("minutes", "age", "expected"),
    [(None, 10_000, True), (30, 29, True), (30, 31, False), (0, 0, False)],
)
def test_the_time_for_edits(minutes: int | None, age: int, expected: bool) -> None:
    settings = DiscussionSettings(edit_minutes=minutes)
    created_at = now() - timedelta(minutes=age)
    assert may_edit(ALL, settings, created_at) is expected
    assert may_edit(replace(ALL, moderate=True), settings, created_at)
    assert not may_edit(READ, settings, created_at)


@pytest.mark.parametrize(
    ("status", "author", "peer", "instructor"),
    [
        ("published", True, True, True),
        ("held", True, False, True),
        ("hidden", True, False, True),
        ("deleted", False, False, False),
    ],
)
def test_who_sees_a_post(status: str, author: bool, peer: bool, instructor: bool) -> None:
    assert may_see(ALL, status, mine=True) is author
    assert may_see(ALL, status, mine=False) is peer
    assert may_see(replace(ALL, moderate=True), status, mine=False) is instructor
    assert not may_see(replace(ALL, others=False), status, mine=False)
