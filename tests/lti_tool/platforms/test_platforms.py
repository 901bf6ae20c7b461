"""Platform profiles: which one is chosen, and what differs in each."""

from dataclasses import replace

import pytest

from lti_tool.lti.frame_ancestors import frame_ancestors
from lti_tool.lti.launch import (
    Launch,
    LaunchPresentation,
    LaunchResourceLink,
    LaunchUser,
    Roles,
    ToolPlatform,
)
from lti_tool.lti.platform_profile import STANDARD, PlatformProfile
from lti_tool.lti.registration import Registration
from lti_tool.lti.roles import TEST_USER
from lti_tool.platforms import find_profile, is_own_record
from lti_tool.platforms.canvas import CANVAS
from lti_tool.platforms.moodle import MOODLE
from tests.lti_tool.launch_cases import roles
from tests.lti_tool.lti.samples import REGISTRATION, forge, launched, prepared, verified


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
    assert find_profile(issuer, product).product == found


def registered(product: str, **changes: str) -> Registration:
    registration = replace(REGISTRATION, product=product, **changes)
    return replace(registration, profile=find_profile(registration.issuer, product))


def test_the_setup_steps_of_moodle() -> None:
    activate, show_in_course = registered("moodle").profile.setup_steps
    assert "Activate" in activate
    assert "activity chooser" in show_in_course


@pytest.mark.parametrize(
    ("product", "status", "headers", "delay"),
    [
        ("canvas", 403, {"x-rate-limit-remaining": "0.0"}, 60),
        ("canvas", 403, {"x-rate-limit-remaining": "-3"}, 60),
        ("canvas", 403, {"x-rate-limit-remaining": "699.5"}, None),
        ("canvas", 403, {"x-rate-limit-remaining": "much"}, None),
        ("canvas", 403, {"x-rate-limit-remaining": "9" * 5000}, None),
        ("canvas", 403, {}, None),
        ("canvas", 404, {"x-rate-limit-remaining": "0"}, None),
        ("moodle", 403, {"x-rate-limit-remaining": "0"}, None),
        ("", 403, {"x-rate-limit-remaining": "0"}, 60),
    ],
)
def test_throttling(product: str, status: int, headers: dict[str, str], delay: int | None) -> None:
    assert registered(product).profile.throttle_delay(status, headers) == delay


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
    """Its own origin comes with the launch; before, any institution of the vendor is allowed."""
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


# Names


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("Se&aacute;n O&#039;Neill", "Se&aacute;n O'Neill"),
        ("Sean O&#39;Neill", "Sean O'Neill"),
        ("Tom &amp; Ana", "Tom & Ana"),
        ("&quot;Ana&quot;", '"Ana"'),
        ("&lt;b&gt;Ana&lt;/b&gt;", "<b>Ana</b>"),
        ("&amp;lt;", "&lt;"),
        ("AT&T; R&D &copy 2", "AT&T; R&D &copy 2"),
        ("&#0; &#xD800; &#" + "9" * 1000 + ";", "&#0; &#xD800; &#" + "9" * 239),
        ("&" * 2000, "&" * 255),
        ("&#039;" * 255, "'" * 255),
    ],
)
def test_names_of_moodle_are_decoded_once(sent: str, name: str) -> None:
    moodle = registered("moodle")
    state, claims = prepared()
    claims |= {"name": sent, "given_name": sent}
    launch = verified(forge().good(claims), state, registration=moodle)
    assert (launch.user.name, launch.user.given_name) == (name, name)


@pytest.mark.parametrize("product", ["canvas", "sakai"])
def test_names_of_others_are_not_decoded(product: str) -> None:
    state, claims = prepared()
    claims["name"] = "O&#039;Neill"
    launch = verified(forge().good(claims), state, registration=registered(product))
    assert launch.user.name == "O&#039;Neill"


ACTIVITIES = [
    (MOODLE, "12", "https://lms.example.org/moodle/mod/lti/return.php?course=2&sesskey=s3cret", {},
     "https://lms.example.org/moodle/mod/lti/view.php?l=12"),
    (MOODLE, "12", None, {}, "https://lms.example.org/mod/lti/view.php?l=12"),
    (MOODLE, "x12", None, {}, None),
    (CANVAS, "abc", "https://canvas.example.org/courses/7/external_content/success/x?session=1", {},
     "https://canvas.example.org/courses/7"),
    (CANVAS, "abc", "https://canvas.example.org/courses/7/assignments",
     {"canvas_assignment_id": "31"}, "https://canvas.example.org/courses/7/assignments/31"),
    (CANVAS, "abc", "https://canvas.example.org/courses/7?x",
     {"canvas_assignment_id": "31/../.."}, "https://canvas.example.org/courses/7"),
    (CANVAS, "abc", None, {}, None),
    (STANDARD, "abc", "https://lms.example.org/course/7?token=s3cret#x", {},
     "https://lms.example.org/course/7"),
    (STANDARD, "abc", "javascript:alert(1)", {}, None),
    (STANDARD, "abc", None, {}, None),
]  # fmt: skip


@pytest.mark.parametrize(("profile", "link", "return_url", "custom", "expected"), ACTIVITIES)
def test_the_url_of_an_activity_holds_no_secret_of_the_launch(
    profile: PlatformProfile,
    link: str,
    return_url: str | None,
    custom: dict[str, str],
    expected: str | None,
) -> None:
    launch = Launch(
        message_type="LtiResourceLinkRequest",
        issuer="https://lms.example.org",
        client_id="minga",
        deployment_id="1",
        target_link_uri="https://tool.example/",
        nonce="n",
        issued_at=0,
        expires_at=0,
        user=LaunchUser("s", None, None, None, None, None),
        roles=Roles((), False, False, False, False),
        course=None,
        resource_link=LaunchResourceLink(link, None),
        presentation=LaunchPresentation(None, return_url, None),
        platform=ToolPlatform(None, None, None),
        custom=custom,
    )
    assert profile.activity_url(launch) == expected
