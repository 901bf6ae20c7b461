"""The rights in an open session are those of the user's latest launch of the course."""

import re

import pytest
import requests
from sqlalchemy import select

from demo_lms import vocabulary as lti
from lti_tool.directory.model import Membership
from lti_tool.discussion.model import Post
from tests.lti_tool.routes import ROUTES, Route
from tests.support.site import Site
from tests.support.tabs import Tab, opened

FOUR = {"module": "module-4"}
TEACHES, LEARNS = "Instructor", "Learner"
FOR_INSTRUCTORS = [route for route in ROUTES if route.instructor]
PAGES = [route for route in ROUTES if route.page and route.method == "GET"]


def request_(tab: Tab, route: Route, **ids: int) -> requests.Response:
    path = route.path.format(**{"package": 1} | ids)
    if route.method == "GET":
        return tab.get(path)
    return tab.post(path, **{name: value.format(**ids) for name, value in route.fields.items()})


@pytest.mark.parametrize("route", FOR_INSTRUCTORS, ids=str)
def test_a_route_for_instructors_follows_the_latest_launch(home: Site, route: Route) -> None:
    browser = home.browser()
    link, sub = f"roles {route}", f"sub {route}"

    def launched(role: str) -> Tab:
        return opened(home, link, browser=browser, role=role, custom=FOUR, sub=sub)

    tabs = [launched(TEACHES)]
    assert request_(tabs[0], route).status_code != 403
    tabs.append(launched(LEARNS))
    assert [request_(tab, route).status_code for tab in tabs] == [403, 403]
    tabs.append(launched(TEACHES))
    assert 403 not in [request_(tab, route).status_code for tab in tabs]


@pytest.mark.parametrize("route", PAGES, ids=str)
def test_a_page_follows_the_latest_launch(home: Site, route: Route) -> None:
    browser = home.browser()
    link, sub = f"page {route}", f"page {route}"

    def launched(role: str) -> Tab:
        claims = {"sub": sub, "name": None, "given_name": None, "family_name": None}
        return opened(home, link, browser=browser, role=role, custom=FOUR, **claims)

    tabs = [launched(TEACHES)]
    assert tabs[0].write("Written by an instructor").status_code == 200
    with home.tool.database.read() as session:
        post = session.scalars(select(Post.id).order_by(Post.id.desc())).first()
    assert post is not None

    def seen(tab: Tab) -> tuple[bool, bool, bool, bool]:
        page = request_(tab, route, post=post, reply=post)
        ways = [f'href="{tab.path}{way}"' in page.text for way in ("choose", "packages")]
        writes_as_participant = re.search("Participant [0-9A-Z]{4}", page.text) is not None
        return page.status_code == 200, *ways, writes_as_participant

    has_bar = route.endpoint in ("module_page.show", "discussion.show")
    has_composer = has_bar or route.endpoint in ("discussion.compose", "discussion.thread")
    may = (True, has_bar, has_bar, False)
    may_not = (not route.instructor, False, False, has_composer)
    assert seen(tabs[0]) == may
    tabs.append(launched(LEARNS))
    assert [seen(tab) for tab in tabs] == [may_not, may_not]
    tabs.append(launched(TEACHES))
    assert [seen(tab) for tab in tabs] == [may, may, may]


@pytest.mark.parametrize(("before", "after"), [(TEACHES, LEARNS), (LEARNS, TEACHES)])
def test_a_post_has_the_role_of_the_moment_it_is_written(
    home: Site, before: str, after: str
) -> None:
    browser, link = home.browser(), f"posts {before}"
    names = {LEARNS: "participant", TEACHES: "instructor"}

    def launched(role: str) -> Tab:
        return opened(home, link, browser=browser, role=role, custom=FOUR, sub=link)

    first = launched(before)
    first.write("Before")
    launched(after)
    first.post("post", text="After", draft_key=f"after {before}")
    with home.tool.database.read() as session:
        roles = session.scalars(select(Post.author_role).order_by(Post.id.desc()).limit(2)).all()
    assert list(roles) == [names[after], names[before]]


def may_choose(tab: Tab) -> bool:
    return tab.get("choose").status_code == 200


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({}, {"role": LEARNS}, False),
        ({}, {"role": LEARNS, "link": "another activity"}, False),
        ({}, {"roles": []}, False),
        ({}, {"roles": [lti.INSTITUTION + "Instructor"]}, False),
        ({}, {"roles": ["x Instructor", "Learner"]}, False),
        ({}, {"role": LEARNS, "context": "another course"}, True),
        ({}, {"role": LEARNS, "context": None}, True),
        ({}, {"role": LEARNS, "sub": "somebody else"}, True),
        ({}, {"role": LEARNS, "sub": None}, True),
        ({"context": None}, {"role": LEARNS}, True),
        ({"context": None}, {"role": LEARNS, "context": None}, True),
        ({"sub": None}, {"role": LEARNS, "sub": None}, True),
        ({"role": LEARNS}, {"role": TEACHES}, True),
        ({"role": LEARNS}, {"role": "Instructor", "context": "another course"}, False),
        ({"role": LEARNS}, {"role": "Instructor", "sub": "somebody else"}, False),
        ({"role": LEARNS, "sub": None}, {"role": "Instructor", "sub": None}, False),
        ({"role": LEARNS, "context": None}, {"role": TEACHES, "context": None}, False),
    ],
)
def test_a_later_launch_changes_the_rights_of_open_sessions(
    home: Site, request: pytest.FixtureRequest, first: dict, second: dict, expected: bool
) -> None:
    name = request.node.callspec.id
    usual = {"link": name, "context": name, "sub": name, "role": TEACHES, "custom": FOUR}
    tab = opened(home, **usual | first)
    assert may_choose(tab) is (first.get("role", TEACHES) == TEACHES)
    opened(home, **usual | second)
    assert may_choose(tab) is expected


@pytest.mark.parametrize("role", [TEACHES, LEARNS])
def test_the_role_in_an_older_course_does_not_count(home: Site, role: str) -> None:
    other = LEARNS if role == TEACHES else TEACHES
    sub = f"in two courses {role}"
    opened(home, sub, context="the older", sub=sub, role=other, custom=FOUR)
    assert may_choose(opened(home, sub, sub=sub, role=role, custom=FOUR)) is (role == TEACHES)


def test_a_guest_keeps_the_rights_of_the_launch_after_writing(home: Site) -> None:
    guest = opened(home, "a guest", sub=None, role=TEACHES, custom=FOUR)
    assert may_choose(guest)
    assert guest.post("progress", section="introduction").status_code == 204
    assert may_choose(guest)


@pytest.mark.parametrize(
    ("after", "status"), [([lti.SYSTEM_ADMINISTRATOR], 200), ([lti.MEMBERSHIP + LEARNS], 403)]
)
def test_an_administrators_deep_linking_follows_the_latest_launch(
    home: Site, after: list[str], status: int
) -> None:
    browser = home.browser()
    name = f"admin {status}"

    def change(claims) -> None:
        claims["sub"] = name
        claims[lti.LTI + "context"] = {"id": name}

    page = browser.deep_link("akua", mutate=change)
    assert page.status_code == 200
    opened(home, name, context=name, roles=after, sub=name)
    assert browser.get(page.url).status_code == status


def test_without_a_membership_there_are_no_rights(home: Site) -> None:
    tab = opened(home, "ended", context="ended", sub="ended", role=TEACHES, custom=FOUR)
    assert may_choose(tab)
    with home.tool.database.write() as session:
        last = session.scalars(select(Membership).order_by(Membership.id.desc())).first()
        session.delete(last)
    assert not may_choose(tab)
    assert tab.get().status_code == 200
