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
WITHOUT_ROWS = ("discussion.show_summary", "discussion.summary_history")
PAGES = [
    route
    for route in ROUTES
    if route.page
    and route.method == "GET"
    and not route.administrator
    and route.endpoint not in WITHOUT_ROWS
]


def request_(tab: Tab, route: Route, **ids: int) -> requests.Response:
    path = route.path.format(**{"package": 1, "post": 1, "reply": 1, "user": 1} | ids)
    if route.method == "GET":
        return tab.get(path)
    return tab.post(path, **{name: value.format(**ids) for name, value in route.fields.items()})


def test_a_route_for_instructors_follows_the_latest_launch(home: Site) -> None:
    browser = home.browser()
    tabs: list[Tab] = []

    def closed_after(role: str) -> list[set[bool]]:
        """Launch once more; return whether each route is closed, in the sessions so far."""
        tabs.append(opened(home, "all", browser=browser, role=role, custom=FOUR, sub="all"))
        return [
            {request_(tab, route).status_code == 403 for tab in tabs} for route in FOR_INSTRUCTORS
        ]

    assert closed_after(TEACHES) == [{False} for _ in FOR_INSTRUCTORS]
    assert closed_after(LEARNS) == [{True} for _ in FOR_INSTRUCTORS]
    assert closed_after(TEACHES) == [{False} for _ in FOR_INSTRUCTORS]


@pytest.mark.both_engines
def test_every_page_follows_the_latest_launch(home: Site) -> None:
    browser = home.browser()

    def launched(role: str) -> Tab:
        claims = {"sub": "pages", "name": None, "given_name": None, "family_name": None}
        return opened(home, "pages", browser=browser, role=role, custom=FOUR, **claims)

    assert launched(TEACHES).write("Written by an instructor").status_code == 200
    with home.tool.database.read() as session:
        newest = select(Post.id, Post.author_id).order_by(Post.id.desc()).limit(1)
        post, user = session.execute(newest).one()

    def seen(tab: Tab, route: Route) -> tuple[bool, bool, bool, bool]:
        page = request_(tab, route, post=post, reply=post, user=user)
        ways = [f'href="{tab.path}{way}"' in page.text for way in ("choose", "packages")]
        writes_as_participant = not route.endpoint.startswith("participation") and (
            re.search("Participant [0-9A-Z]{4}", page.text) is not None
        )
        return page.status_code == 200, *ways, writes_as_participant

    def expected(route: Route, teaches: bool) -> tuple[bool, bool, bool, bool]:
        has_bar = route.endpoint in ("module_page.show", "discussion.show", "discussion.unread")
        has_composer = has_bar or route.endpoint in ("discussion.compose", "discussion.thread")
        if teaches:
            return (True, has_bar, has_bar or route.endpoint == "course_page.show", False)
        return (not route.instructor, False, False, has_composer)

    tabs: list[Tab] = []
    for role in (TEACHES, LEARNS, TEACHES):
        tabs.append(launched(role))
        for route in PAGES:
            for tab in tabs:
                assert seen(tab, route) == expected(route, role == TEACHES), route


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


@pytest.mark.both_engines
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
