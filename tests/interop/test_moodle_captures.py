"""Launches with the claims that a real Moodle 4.5 sent, through the whole tool over HTTP.

The demo LMS performs the login and signs the tokens; its claims about the user, the course and the
services are replaced by those of Moodle.
"""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlalchemy import delete, select

from lti_tool.directory.model import Course, ResourceLink, User
from lti_tool.lti import claim_names
from lti_tool.sessions.model import LaunchSession
from tests.lti_tool.lti.samples import capture
from tests.support.driver import Claims, Driver, claims_in, forms
from tests.support.site import Site

pytestmark = pytest.mark.interop

OWN = {
    "iss",
    "aud",
    "azp",
    "nonce",
    "iat",
    "exp",
    claim_names.DEPLOYMENT_ID,
    claim_names.TARGET_LINK_URI,
}
"""The claims that are specific to a launch, a tool and a platform."""


def as_moodle(name: str, **changes: Any) -> Callable[[Claims], Claims]:
    """Return a function that replaces the claims of a launch by the captured ones."""

    def replaced(claims: Claims) -> Claims:
        captured = {key: value for key, value in capture(name)["claims"].items() if key not in OWN}
        own = {key: claims[key] for key in OWN if key in claims}
        return {**captured, **own, "exp": claims["iat"] + 60, **changes}

    return replaced


def launch(home: Site, name: str, **changes: Any) -> requests.Response:
    return home.browser().launch(mutate=as_moodle(name, **changes))


def newest(home: Site, kind: type) -> Any:
    with home.tool.database.read() as session:
        return session.scalars(select(kind).order_by(kind.created_at.desc())).first()


def choose_module(home: Site, name: str = "09-launch-teacher") -> requests.Response:
    """Choose a module as a teacher: the captured activities were created without one."""
    browser = home.browser()
    page = browser.launch(mutate=as_moodle(name))
    if not page.url.endswith("/choose"):
        return page
    [form] = [each for each in forms(page) if each.action.endswith("/choose")]
    return browser.submit(form, module="module-4")


def test_a_participant_reads_the_module_once_it_is_chosen(home: Site) -> None:
    before = launch(home, "08-launch-student")
    assert before.status_code == 200
    assert 'name="text"' not in before.text
    choose_module(home)
    page = launch(home, "08-launch-student")
    assert page.status_code == 200
    # Moodle says pt_br, only as the locale of the presentation.
    assert '<html lang="pt"' in page.text
    assert "João Araújo" in page.text
    assert "governança &amp; «gestión»" in page.text


def test_course_and_services_are_stored(home: Site) -> None:
    choose_module(home)
    launch(home, "08-launch-student")
    course, resource_link = newest(home, Course), newest(home, ResourceLink)
    assert course.context_id == "2"
    assert course.label == "COOP101"
    claims = capture("08-launch-student")["claims"]
    service = claims["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"]
    assert course.memberships_url == service["context_memberships_url"]
    grades = claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]
    assert (resource_link.line_items_url, resource_link.line_item_url) == (
        grades["lineitems"],
        grades["lineitem"],
    )


@pytest.mark.parametrize(
    ("name", "instructor", "administrator"),
    [
        ("08-launch-student", False, False),
        ("09-launch-teacher", True, False),
        ("10-launch-admin", True, True),
        ("11-launch-without-personal-data", True, False),
    ],
)
def test_roles(home: Site, name: str, instructor: bool, administrator: bool) -> None:
    assert launch(home, name).status_code == 200
    launch_session = newest(home, LaunchSession)
    assert (launch_session.instructor, launch_session.administrator) == (instructor, administrator)


def test_personal_data_in_custom_parameters_is_neither_shown_nor_stored(home: Site) -> None:
    claims = capture("11-launch-without-personal-data")["claims"]
    with home.tool.database.write() as session:
        session.execute(delete(User).where(User.subject == claims["sub"]))
    page = choose_module(home, "11-launch-without-personal-data")
    assert 'name="text"' in page.text
    # Moodle still sends the user name and the staff number in custom parameters and in lis.
    leaked = {"teacher1", "T-001"} & {*claims[claim_names.CUSTOM].values()}
    assert leaked == {"teacher1", "T-001"}
    with home.tool.database.read() as session:
        user = session.scalars(select(User).where(User.subject == claims["sub"])).one()
    stored = " ".join(str(getattr(user, column.key)) for column in User.__table__.columns)
    for each in leaked:
        assert each not in page.text
        assert each not in stored


def test_the_deep_linking_response_suits_moodle(home: Site) -> None:
    browser: Driver = home.browser()
    page = browser.deep_link(mutate=as_moodle("07-launch-deep-linking-teacher"))
    assert page.url.endswith("/choose")
    [form] = [each for each in forms(page) if each.action.endswith("/choose")]
    answer = browser.submit(form, module="module-4")
    [back] = [each for each in forms(answer) if "JWT" in each.fields]
    settings = capture("07-launch-deep-linking-teacher")["claims"][
        claim_names.DEEP_LINKING_SETTINGS
    ]
    assert back.action == settings["deep_link_return_url"]
    claims = claims_in(back.fields["JWT"])
    # Moodle sends no data claim and accepts none; it allows no clock skew.
    assert not [name for name in claims if name.endswith("/claim/data")]
    [item] = claims["https://purl.imsglobal.org/spec/lti-dl/claim/content_items"]
    assert item["type"] == "ltiResourceLink"
    assert item["url"] == f"{home.tool.url}/lti/launch/m/module-4"
    # Moodle sends keys twice that are not lower-case alphanumeric, so what decides has such a key.
    assert {"module", "selected"} <= set(item["custom"])
    assert item["custom"]["module"] == "module-4"
    assert len(item["title"]) <= 255


def test_the_platform_may_frame_the_page(home: Site) -> None:
    page = launch(home, "08-launch-student")
    assert "http://localhost:8100" in page.headers["Content-Security-Policy"]
