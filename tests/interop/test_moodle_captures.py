"""Launches with the claims that a real Moodle 4.5 sent, through the whole tool over HTTP.

The demo LMS lends its login and its key; what it would say of the person, the course and the
services is replaced by what Moodle said.
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
"""What belongs to one launch between one tool and one platform."""


def as_moodle(name: str, **changes: Any) -> Callable[[Claims], Claims]:
    """The captured claims, carried by the login that is going on."""

    def replaced(claims: Claims) -> Claims:
        said = {key: value for key, value in capture(name)["claims"].items() if key not in OWN}
        kept = {key: claims[key] for key in OWN if key in claims}
        return {**said, **kept, "exp": claims["iat"] + 60, **changes}

    return replaced


def launched(home: Site, name: str, **changes: Any) -> requests.Response:
    return home.browser().launch(mutate=as_moodle(name, **changes))


def newest(home: Site, kind: type) -> Any:
    with home.tool.database.read() as session:
        return session.scalars(select(kind).order_by(kind.created_at.desc())).first()


def placed(home: Site, name: str = "09-launch-teacher") -> requests.Response:
    """The captured activities were made by hand: a teacher puts a module into one."""
    browser = home.browser()
    page = browser.launch(mutate=as_moodle(name))
    if not page.url.endswith("/choose"):
        return page
    [form] = [each for each in forms(page) if each.action.endswith("/choose")]
    return browser.submit(form, module="module-4")


def test_a_participant_waits_until_a_module_is_chosen_and_then_reads(home: Site) -> None:
    before = launched(home, "08-launch-student")
    assert before.status_code == 200
    assert 'name="text"' not in before.text
    placed(home)
    page = launched(home, "08-launch-student")
    assert page.status_code == 200
    # Moodle says pt_br, only as the locale of the presentation.
    assert '<html lang="pt"' in page.text
    assert "João Araújo" in page.text
    assert "governança &amp; «gestión»" in page.text


def test_what_is_kept_of_the_course_and_its_services(home: Site) -> None:
    placed(home)
    launched(home, "08-launch-student")
    course, resource_link = newest(home, Course), newest(home, ResourceLink)
    assert course.context_id == "2"
    assert course.label == "COOP101"
    said = capture("08-launch-student")["claims"]
    service = said["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"]
    assert course.memberships_url == service["context_memberships_url"]
    grades = said["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]
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
    assert launched(home, name).status_code == 200
    launch_session = newest(home, LaunchSession)
    assert (launch_session.instructor, launch_session.administrator) == (instructor, administrator)


def test_without_personal_data_nothing_that_leaks_elsewhere_is_shown_or_kept(home: Site) -> None:
    said = capture("11-launch-without-personal-data")["claims"]
    with home.tool.database.write() as session:
        session.execute(delete(User).where(User.subject == said["sub"]))
    page = placed(home, "11-launch-without-personal-data")
    assert 'name="text"' in page.text
    # Moodle still sends the user name and the staff number in custom parameters and in lis.
    leaked = {"teacher1", "T-001"} & {*said[claim_names.CUSTOM].values()}
    assert leaked == {"teacher1", "T-001"}
    with home.tool.database.read() as session:
        user = session.scalars(select(User).where(User.subject == said["sub"])).one()
    kept = " ".join(str(getattr(user, column.key)) for column in User.__table__.columns)
    for each in leaked:
        assert each not in page.text
        assert each not in kept


def test_deep_linking_hands_back_what_moodle_reads(home: Site) -> None:
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
    said = claims_in(back.fields["JWT"])
    # Moodle sends no data, and wants none; it has no leeway for a clock that is ahead.
    assert not [name for name in said if name.endswith("/claim/data")]
    [item] = said["https://purl.imsglobal.org/spec/lti-dl/claim/content_items"]
    assert item["type"] == "ltiResourceLink"
    assert item["url"] == f"{home.tool.url}/m/module-4"
    # A key that is not lower-case alphanumeric would come back twice.
    assert item["custom"] == {"module": "module-4"}
    assert len(item["title"]) <= 255


def test_the_answer_lets_the_platform_frame_it(home: Site) -> None:
    page = launched(home, "08-launch-student")
    assert "http://localhost:8100" in page.headers["Content-Security-Policy"]
