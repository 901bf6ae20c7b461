"""What is particular to each LMS, as the rest of the house sees it."""

from dataclasses import replace

import pytest

from lti_tool.lti.launch import Launch
from lti_tool.lti.registration import Registration
from lti_tool.lti.roles import TEST_USER
from lti_tool.platforms import Reminder, frame_ancestors, is_own_record, profile_for, profile_of
from tests.lti_tool.launch_cases import roles
from tests.lti_tool.lti.samples import REGISTRATION, launched


@pytest.mark.parametrize(
    ("issuer", "product", "found"),
    [
        ("https://lms.example.edu", "moodle", "moodle"),
        ("https://lms.example.edu", "Moodle", "moodle"),
        ("https://lms.example.edu", "canvas", "canvas"),
        ("https://canvas.instructure.com", None, "canvas"),
        ("https://canvas.test.instructure.com", None, "canvas"),
        ("https://canvas.evil.instructure.com", None, ""),
        ("https://lms.example.edu", "desire2learn", "desire2learn"),
        ("https://lms.example.edu", "D2L", "desire2learn"),
        ("https://lms.example.edu", "BlackboardLearn", "blackboardlearn"),
        ("https://blackboard.com", None, "blackboardlearn"),
        ("https://lms.example.edu", "sakai", "sakai"),
        ("https://lms.example.edu", "openedx", "openedx"),
        ("https://lms.example.edu", "another", ""),
        ("https://lms.example.edu", None, ""),
    ],
)
def test_which_lms_it_is(issuer: str, product: str | None, found: str) -> None:
    assert profile_of(issuer=issuer, product=product).product == found


def registered(product: str, **changes: str) -> Registration:
    return replace(REGISTRATION, product=product, **changes)


def test_what_is_left_to_do_in_moodle() -> None:
    reminders = profile_for(registered("moodle")).reminders
    assert reminders == (Reminder.ACTIVATE_TOOL, Reminder.SWITCH_ON_IN_COURSE)


@pytest.mark.parametrize(
    ("product", "shared"), [("canvas", True), ("blackboardlearn", True), ("moodle", False)]
)
def test_where_deployments_appear_without_notice(product: str, shared: bool) -> None:
    assert profile_for(registered(product)).shares_issuer is shared


def in_canvas(launch: Launch, **custom: str) -> Launch:
    platform = replace(launch.platform, product="canvas")
    return replace(launch, platform=platform, custom={**launch.custom, **custom})


def test_somebody_acting_as_another_leaves_no_record() -> None:
    launch = launched()
    assert is_own_record(in_canvas(launch))
    assert not is_own_record(in_canvas(launch, canvas_masquerading_user_id="7"))
    assert is_own_record(replace(launch, custom={"canvas_masquerading_user_id": "7"}))


def test_a_preview_leaves_no_record_anywhere() -> None:
    assert not is_own_record(launched(roles(TEST_USER)))


# Who may frame the tool


def test_an_lms_of_its_own() -> None:
    assert frame_ancestors(REGISTRATION, "https://lms.example.edu/course/1") == (
        "https://lms.example.edu",
    )


HOSTED = registered(
    "canvas",
    issuer="https://canvas.instructure.com",
    authorization_endpoint="https://sso.canvaslms.com/api/lti/authorize_redirect",
)


def test_an_institution_of_a_hosted_lms() -> None:
    """Known by the launch; before it, any institution of the vendor's."""
    common = ("https://canvas.instructure.com", "https://sso.canvaslms.com")
    assert frame_ancestors(HOSTED, "https://lms.university.edu/courses/1") == (
        *common,
        "https://lms.university.edu",
    )
    assert frame_ancestors(HOSTED, None) == (*common, "https://*.instructure.com")


def test_what_an_administrator_added() -> None:
    registration = replace(REGISTRATION, frame_origins=("https://portal.example.edu",))
    found = frame_ancestors(registration, None, ("https://other.example.edu/x",))
    assert found == (
        "https://lms.example.edu",
        "https://portal.example.edu",
        "https://other.example.edu",
    )


@pytest.mark.parametrize(
    "bad", ["javascript:1", "'self'", "https://a b; script-src *", "https://a;b", "*"]
)
def test_nothing_else_gets_into_the_header(bad: str) -> None:
    registration = replace(REGISTRATION, frame_origins=(bad,))
    assert frame_ancestors(registration, bad) == ("https://lms.example.edu",)
