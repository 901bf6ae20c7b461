"""A launch whose target refers to the activity of an earlier session continues in that activity.

Canvas launches the tool in the whole window without the resource link: it sends that of the course.
"""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import delete, func, select, update

from demo_lms import vocabulary as lti
from demo_lms.register_tool import register_tool
from lti_tool.directory.model import (
    ActivityOpening,
    Course,
    Membership,
    RegistrationRow,
    ResourceLink,
)
from lti_tool.directory.registrations import change_registration
from lti_tool.gradebook.model import GradeRule
from lti_tool.sessions.activity_references import reference_to
from lti_tool.sessions.model import LaunchSession
from lti_tool.storage.database import now
from tests.support.driver import Driver
from tests.support.site import Site, running_lms
from tests.support.tool import running_tool

COURSE, FOUR, WRITING = "coop-101", "module-4", "how-to-write-a-module"
PLACEMENT = "https://www.instructure.com/placement"
INSTRUCTOR, LEARNER = lti.MEMBERSHIP + "Instructor", lti.MEMBERSHIP + "Learner"
Claims = dict[str, Any]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A tool that is registered in an LMS like Canvas."""
    with running_tool(tmp_path_factory.mktemp("site")) as tool, running_lms() as lms:
        lms.state.choose_flavour("canvas")
        register_tool(lms.state, tool.invite())
        yield Site(tool, lms, registration_id=1)


@dataclass
class Opened:
    """What a launch opened. ``session`` is a copy of the row, or None."""

    browser: Driver
    page: requests.Response
    id: str
    session: LaunchSession | None

    @property
    def link(self) -> int | None:
        return self.session.resource_link_id if self.session else None


def launched(
    home: Site,
    change: Callable[[Claims], None],
    target: str | None = None,
    user: str = "joao",
    fields: dict[str, str] | None = None,
    **more: Any,
) -> Opened:
    browser = home.browser()
    fields = {**({"target_link_uri": target} if target else {}), **(fields or {})}

    def changed(claims: Claims) -> None:
        if target:
            claims[lti.LTI + "target_link_uri"] = target
        change(claims)

    page = browser.launch(user, mutate=changed, fields=fields, language="en", **more)
    found = re.search("/l/([^/]+)", urlsplit(page.url).path)
    row = None
    if found:
        with home.tool.database.read() as session:
            row = session.get(LaunchSession, found[1])
    return Opened(browser, page, found[1] if found else "", row)


def activity(link: str, **custom: str) -> Callable[[Claims], None]:
    """The claims of a graded activity in the course, with a custom parameter for its module."""

    def change(claims: Claims) -> None:
        claims[lti.LTI + "resource_link"] = {"id": link, "title": "The activity"}
        claims[lti.LTI + "custom"] = {"module": FOUR, "canvas_assignment_id": "12", **custom}
        claims[lti.LTI + "launch_presentation"]["return_url"] = f"{claims['iss']}/courses/7/return"
        claims[lti.AGS_ENDPOINT]["lineitem"] = f"{claims['iss']}/line-items/1"
        claims[PLACEMENT] = "assignment_selection"

    return change


def of_course(claims: Claims) -> None:
    """The claims of a launch in the whole window: those of the course only."""
    claims[lti.LTI + "resource_link"] = {"id": COURSE, "title": "The course"}
    claims[lti.LTI + "custom"] = {}


def target_of(home: Site, opened: Opened) -> str:
    """The target that the page offers where the browser sends no cookie."""
    found = offer_of(home, opened)
    assert found is not None
    return found["url"]


def offer_of(home: Site, opened: Opened, path: str = "") -> dict[str, str] | None:
    token = opened.page.text.split('name="minga-token" content="')[1].split('"')[0]
    base = f"/l/{opened.id}/"
    data = {"token": token, "to": base + path}
    page = home.browser().request("POST", f"{base}open", data=data).text
    found = re.search(r'data-full-window="(.+?)" data-url="(.+?)" data-placement="(.*?)"', page)
    if found is None:
        return None
    return {
        "subject": found[1],
        "url": html.unescape(found[2]),
        "placement": found[3],
    }


def rows(home: Site, table: type, row_id: int | None = None) -> list[dict[str, Any]]:
    query = select(table.__table__)
    if row_id is not None:
        query = query.where(table.__table__.c.id == row_id)
    with home.tool.database.read() as session:
        return [dict(row) for row in session.execute(query).mappings()]


@pytest.fixture
def opened(home: Site, request: pytest.FixtureRequest) -> Opened:
    """João's session in an activity of its own for each test."""
    first = launched(home, activity(f"of {request.node.name}"[:200]))
    assert first.session is not None
    return first


def assert_ordinary(home: Site, launched: Opened, link: str = COURSE) -> None:
    """The launch opened the resource link that its own message names."""
    assert launched.page.status_code == 200
    assert launched.session is not None
    [row] = rows(home, ResourceLink, launched.link)
    assert row["lti_resource_link_id"] == link
    assert row["course_id"] == launched.session.course_id
    assert row["deployment_id"] == launched.session.deployment_id


# What the page offers


def test_the_page_offers_the_window_where_the_browser_sends_no_cookie(
    home: Site, opened: Opened
) -> None:
    offer = offer_of(home, opened)
    assert offer is not None
    assert offer["subject"] == "requestFullWindowLaunch"
    assert offer["placement"] == "assignment_selection"
    url, query = urlsplit(offer["url"]), parse_qs(urlsplit(offer["url"]).query)
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{home.tool.url}/lti/launch"
    assert query["client_id"] == list(home.lms.state.tools)
    assert "data-full-window" not in opened.browser.get(f"/l/{opened.id}/").text, "with the cookie"


@pytest.mark.parametrize("product", ["moodle", None, "canvas"])
def test_only_pages_of_canvas_offer_the_window(
    home: Site, opened: Opened, product: str | None
) -> None:
    def set_product(value: str | None) -> None:
        with home.tool.database.write() as session:
            session.execute(update(RegistrationRow).values(product=value))

    set_product(product)
    try:
        assert (offer_of(home, opened) is not None) is (product == "canvas")
    finally:
        set_product("canvas")


# Where the launch leads


def test_a_launch_with_a_reference_opens_the_activity(home: Site, opened: Opened) -> None:
    target = target_of(home, opened)
    before = len(rows(home, ResourceLink))
    again = launched(home, of_course, target)
    assert again.id != opened.id
    assert again.link == opened.link
    assert again.session is not None
    assert (again.session.module_id, again.session.course_id) == (FOUR, opened.session.course_id)
    assert 'id="composer"' in again.page.text
    assert len(rows(home, ResourceLink)) == before


def test_query_parameters_that_canvas_adds_change_nothing(home: Site, opened: Opened) -> None:
    added = "&platform_redirect_url=http%3A%2F%2Fa%2Fcourses%2F1&full_win_launch_requested=1"
    assert launched(home, of_course, target_of(home, opened) + added).link == opened.link


def test_nothing_that_is_stored_of_the_activity_is_changed(home: Site, opened: Opened) -> None:
    """The launch of the course lacks all services, and names other things."""
    before = rows(home, ResourceLink, opened.link), rows(home, Course), rows(home, GradeRule)
    assert before[0][0]["line_item_url"]
    assert before[0][0]["activity_url"]
    assert before[1][0]["memberships_url"]

    def change(claims: Claims) -> None:
        of_course(claims)
        claims[lti.LTI + "custom"] = {
            "module": WRITING,
            "part": "discussion",
            "selected": "2035-01-01T00:00:00Z",
            "gradesettings": '{"method": "completion"}',
            "canvas_assignment_id": "77",
        }
        claims[lti.LTI + "launch_presentation"]["return_url"] = "https://other.example/courses/9"
        del claims[lti.AGS_ENDPOINT], claims[lti.NRPS_SERVICE]

    again = launched(home, change, target_of(home, opened))
    assert again.link == opened.link
    assert again.session is not None
    assert (again.session.module_id, again.session.part) == (FOUR, "")
    after = rows(home, ResourceLink, opened.link), rows(home, Course), rows(home, GradeRule)
    assert after == before


def tampered(target: str) -> str:
    return target.replace("&client_id", "x&client_id")


def of_another_session(target: str) -> str:
    """The signature of one session with the ID of another."""
    return re.sub(r"activity=[^.]+", "activity=" + "A" * 24, target)


def twice(target: str) -> str:
    return f"{target}&{urlsplit(target).query}"


INVALID = {
    "tampered": tampered,
    "another session": of_another_session,
    "no signature": lambda target: re.sub(r"activity=[^&]+", "activity=abc", target),
    "empty": lambda target: re.sub(r"activity=[^&]+", "activity=", target),
    "characters": lambda target: re.sub(r"activity=[^&]+", "activity=%00%ff.é", target),
    "twice": twice,
}


@pytest.mark.parametrize("kind", INVALID)
def test_an_invalid_reference_is_ignored(home: Site, opened: Opened, kind: str) -> None:
    again = launched(home, of_course, INVALID[kind](target_of(home, opened)))
    assert_ordinary(home, again)
    assert "Not ready yet" in again.page.text


@pytest.mark.parametrize("end", ["by time", "left"])
def test_a_reference_applies_until_its_session_ends(home: Site, opened: Opened, end: str) -> None:
    target = target_of(home, opened)
    if end == "left":
        token = opened.page.text.split('name="minga-token" content="')[1].split('"')[0]
        left = opened.browser.request("POST", f"/l/{opened.id}/leave", data={"token": token})
        assert left.status_code == 200
    else:
        with home.tool.database.write() as session:
            session.get_one(LaunchSession, opened.id).expires_at = now()
    assert_ordinary(home, launched(home, of_course, target))


def in_another_course(claims: Claims) -> None:
    of_course(claims)
    claims[lti.LTI + "context"] = {"id": "another course", "title": "Another"}


def without_a_course(claims: Claims) -> None:
    of_course(claims)
    del claims[lti.LTI + "context"]


def as_another_person(claims: Claims) -> None:
    of_course(claims)
    claims["sub"] = "another person"


def of_the_same_id(claims: Claims) -> None:
    """The activity of the same ID in another course is another one."""
    in_another_course(claims)
    claims[lti.LTI + "resource_link"] = {"id": "the same ID", "title": "Another"}


@pytest.mark.parametrize(
    "change", [in_another_course, without_a_course, as_another_person, of_the_same_id]
)
def test_a_reference_of_another_course_or_person_is_ignored(
    home: Site, change: Callable[[Claims], None]
) -> None:
    opened = launched(home, activity("the same ID"))
    again = launched(home, change, target_of(home, opened))
    assert_ordinary(home, again, "the same ID" if change is of_the_same_id else COURSE)
    assert again.link != opened.link


def test_a_reference_of_another_deployment_is_ignored(home: Site, opened: Opened) -> None:
    def change(claims: Claims) -> None:
        of_course(claims)
        claims[lti.LTI + "deployment_id"] = "9"

    again = launched(home, change, target_of(home, opened), fields={"lti_deployment_id": "9"})
    assert_ordinary(home, again)
    assert again.session.deployment_id != opened.session.deployment_id


def test_a_reference_of_another_registration_is_ignored(home: Site, opened: Opened) -> None:
    """With the same issuer, deployment ID, course and user."""
    state = home.lms.state
    second = register_tool(state, home.tool.invite())
    own = second.deployment_id
    second.deployment_id = state.tools[min(state.tools, key=list(state.tools).index)].deployment_id
    try:
        [link] = [
            each for each in state.resource_links_of(COURSE) if each.client_id == second.client_id
        ]
        again = launched(home, of_course, target_of(home, opened), resource_link=link)
        assert_ordinary(home, again)
        assert again.session.registration_id != opened.session.registration_id
    finally:
        second.deployment_id = own
        state.remove_tool(second.client_id)


def test_a_reference_to_a_deleted_activity_is_ignored(home: Site, opened: Opened) -> None:
    target = target_of(home, opened)
    with home.tool.database.write() as session:
        session.execute(delete(ResourceLink).where(ResourceLink.id == opened.link))
    assert_ordinary(home, launched(home, of_course, target))
    assert rows(home, ResourceLink, opened.link) == []


def test_deep_linking_has_no_references(home: Site) -> None:
    opened = launched(home, activity("of an instructor"), user="maria")
    target = target_of(home, opened)
    choosing = launched(home, lambda _: None, target, "maria", message_type=lti.DEEP_LINKING)
    assert choosing.session is not None
    assert (choosing.link, choosing.session.module_id) == (None, None)
    assert choosing.page.url.endswith("/choose")
    assert offer_of(home, choosing, "choose") is None
    reference = reference_to(home.tool.settings.secret_key, choosing.id)
    refers = f"{home.tool.url}/lti/launch?activity={reference}"
    assert_ordinary(home, launched(home, of_course, refers, "maria"))


# Who comes


@pytest.mark.parametrize(("first", "second"), [(LEARNER, INSTRUCTOR), (INSTRUCTOR, LEARNER)])
def test_the_roles_of_the_new_launch_count(home: Site, first: str, second: str) -> None:
    def as_role(change: Callable[[Claims], None], role: str) -> Callable[[Claims], None]:
        def changed(claims: Claims) -> None:
            change(claims)
            claims[lti.LTI + "roles"] = [role]
            claims["sub"] = f"first {first}"

        return changed

    opened = launched(home, as_role(activity(f"roles {first}"), first))
    again = launched(home, as_role(of_course, second), target_of(home, opened))
    assert again.link == opened.link
    for each in (opened, again):
        answer = each.browser.get(f"/l/{each.id}/choose")
        assert answer.status_code == (200 if second == INSTRUCTOR else 403)


def test_a_person_whose_membership_ended_follows_the_rules_of_any_launch(
    home: Site, opened: Opened
) -> None:
    target = target_of(home, opened)
    mine = (
        Membership.course_id == opened.session.course_id,
        Membership.user_id == opened.session.user_id,
    )
    with home.tool.database.write() as session:
        session.execute(update(Membership).where(*mine).values(ended_at=now()))
    assert opened.browser.get(f"/l/{opened.id}/").status_code == 403
    again = launched(home, of_course, target)
    assert again.link == opened.link
    with home.tool.database.read() as session:
        assert session.scalars(select(Membership.ended_at).where(*mine)).all() == [None]
        openings = select(func.count()).where(
            ActivityOpening.resource_link_id == opened.link,
            ActivityOpening.user_id == opened.session.user_id,
        )
        assert session.scalar(openings) == 1


def test_a_guest_follows_the_rules_of_any_launch(home: Site) -> None:
    opened = launched(home, activity("of a guest"), user="visitor")
    target = target_of(home, opened)
    again = launched(home, of_course, target, "visitor")
    assert again.link == opened.link
    assert again.session is not None
    assert again.session.user_id is None
    assert_ordinary(home, launched(home, of_course, target, "joao"))
    change_registration(home.tool.database, home.registration_id, guests="none")
    try:
        assert launched(home, of_course, target, "visitor").page.status_code == 403
    finally:
        change_registration(home.tool.database, home.registration_id, guests="read")


def test_somebody_who_acts_as_the_person_does_so_in_the_window_too(
    home: Site, opened: Opened
) -> None:
    def acting(claims: Claims) -> None:
        of_course(claims)
        claims[lti.LTI + "custom"] = {"canvas_masquerading_user_id": "7"}

    again = launched(home, acting, target_of(home, opened))
    assert again.link == opened.link
    assert again.session is not None
    assert again.session.own_record is False


# Which module is shown


def test_links_of_one_id_keep_their_modules_apart(home: Site) -> None:
    """Canvas gives all links of a page the ID of the course."""
    one = launched(home, activity("several", module=FOUR))
    two = launched(home, activity("several", module=WRITING))
    assert one.link == two.link
    for opened, module in ((one, FOUR), (two, WRITING)):
        again = launched(home, of_course, target_of(home, opened))
        assert again.session is not None
        assert (again.link, again.session.module_id) == (opened.link, module)
    [link] = rows(home, ResourceLink, one.link)
    assert link["module_id"] == WRITING


def test_the_window_shows_the_part_and_the_language_of_the_session(home: Site) -> None:
    custom = {"part": "discussion", "modulelanguage": "fr"}
    opened = launched(home, activity("a part", **custom))
    again = launched(home, of_course, target_of(home, opened))
    assert again.session is not None
    assert (again.session.part, again.session.module_language) == ("discussion", "fr")


def test_a_choice_of_an_instructor_since_then_applies(home: Site) -> None:
    opened = launched(home, activity("chosen since"))
    target = target_of(home, opened)
    teacher = launched(home, activity("chosen since"), user="maria")
    token = teacher.page.text.split('name="minga-token" content="')[1].split('"')[0]
    data = {"token": token, "module": WRITING}
    chosen = teacher.browser.request("POST", f"/l/{teacher.id}/choose", data=data)
    assert chosen.status_code == 303
    again = launched(home, of_course, target)
    assert again.link == opened.link
    assert "How to write a module" in again.page.text
