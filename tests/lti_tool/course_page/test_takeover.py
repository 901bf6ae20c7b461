"""An instructor takes over the discussion of a former activity, over HTTP and with a real LMS."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from demo_lms import vocabulary as lti
from demo_lms.register_tool import register_tool
from lti_tool import worker
from lti_tool.directory.model import RegistrationRow, ResourceLink
from lti_tool.discussion import permalinks
from lti_tool.discussion.permalinks import PostReference
from lti_tool.discussion.recount import wrong_discussions
from lti_tool.gradebook.model import Grade, GradeColumn, GradeRule
from lti_tool.storage.database import now
from lti_tool.tasks.outbox import OutboxRow
from tests.support.site import Site
from tests.support.statements import counted
from tests.support.tabs import Tab, opened

FOUR = {"module": "module-4"}
NOTICE = "This course has an earlier discussion of this module"
NOTHING = "There is no earlier discussion to continue"
PATH = "course/former"
POINTS = {
    "method": "participation",
    "maximum": "10",
    "sections_number": "1",
    "sections_weight": "0",
    "questions_number": "1",
    "questions_weight": "0",
    "threads_number": "2",
    "threads_weight": "1",
    "replies_number": "2",
    "replies_weight": "0",
    "replies_count": "2",
    "time_zone": "UTC",
    "released": "1",
}
_numbers = count()


@pytest.fixture
def name() -> str:
    """The name of the activities of one test."""
    return f"takeover-{next(_numbers)}"


def launched(home: Site, user: str, link: str, *, graded: bool = False, **options: Any) -> Tab:
    """Launch an activity in the course of the test; ``graded``: as a user of the demo LMS."""
    lms = home.lms.state
    if not graded:
        options.setdefault("sub", f"{user} of {link.split()[0]}")
    options.setdefault("role", "Instructor" if user == "maria" else "Learner")
    options.setdefault("context", f"course of {link.split()[0]}")
    endpoint = {
        "scope": list(lti.GRADE_SCOPES),
        "lineitems": f"{lms.public_url}/lti/courses/coop-101/line-items",
    }
    return opened(
        home, link, **{"user": user, "custom": FOUR, lti.AGS_ENDPOINT: endpoint, **options}
    )


def work(home: Site) -> None:
    """Let the worker do everything, also what waits for a moment."""
    with home.tool.database.write() as session:
        session.execute(update(OutboxRow).values(due_at=now()))
    worker.drained(home.tool.settings, home.tool.database)


def register_again(home: Site) -> None:
    """Delete the tool in the LMS, and register it again."""
    [former] = home.lms.state.tools
    home.lms.state.remove_tool(former)
    register_tool(home.lms.state, home.tool.invite())


def join(home: Site, name: str) -> None:
    """Join the former registration, as the administrator of the institution."""
    administrator = launched(
        home, "akua", f"{name} of an administrator", roles=(lti.INSTITUTION_ADMINISTRATOR,)
    )
    with home.tool.database.read() as session:
        former = session.scalars(select(RegistrationRow.id).order_by(RegistrationRow.id)).first()
    form = {"registration": str(former), "confirmed": "1"}
    assert administrator.post("institution/join", **form).status_code == 303
    work(home)
    with home.tool.database.read() as session:
        assert len(session.scalars(select(RegistrationRow)).all()) == 1


def renewed(home: Site, name: str, *texts: str) -> Tab:
    """A new activity in a course whose former activity has posts, and whose tool was joined."""
    for text in texts or ("Written before",):
        assert launched(home, "joao", f"{name} before").write(text).status_code == 200
    launched(home, "maria", f"{name} before")
    register_again(home)
    launched(home, "joao", f"{name} after")
    here = launched(home, "maria", f"{name} after")
    assert NOTICE not in here.page.text, "before the join, it is another registration's"
    join(home, name)
    return here


def link_id(home: Site, link: str) -> int:
    with home.tool.database.read() as session:
        query = select(ResourceLink.id).filter_by(lti_resource_link_id=link)
        return session.scalars(query).one()


def lasting_url(home: Site, post_url: str) -> str:
    post_id = int(post_url.rpartition("#p")[2])
    with home.tool.database.read() as session:
        post = session.get_one(permalinks.Post, post_id)
    settings = home.tool.settings
    reference = PostReference(post.discussion_id, post_id)
    return permalinks.lasting_url(settings.public_url, settings.secret_key, reference)


def scores(home: Site, link: str) -> dict[str, list[float | None]]:
    """The points in the columns of an activity in the LMS."""
    return {
        item.label: [score.given for score in item.scores.values()]
        for item in home.lms.state.line_items.values()
        if item.resource_id == f"minga-{link}"
    }


@pytest.mark.both_engines
def test_the_discussion_goes_on_in_a_new_activity(home: Site, name: str) -> None:
    old, new = f"{name} before", f"{name} after"
    before = launched(home, "maria", old, graded=True)
    assert before.post("grades/settings", **POINTS).status_code == 303
    writing = launched(home, "joao", old, graded=True)
    written = writing.write("Written before")
    url = lasting_url(home, written.url)
    work(home)
    assert scores(home, old) == {"An activity": [5]}
    register_again(home)

    here, learner = (
        launched(home, "maria", new, graded=True),
        launched(home, "joao", new, graded=True),
    )
    assert NOTICE not in here.page.text
    join(home, name)
    page = here.get().text
    assert f"{NOTICE}: 1 post, the last on " in page
    assert f'href="{here.path}{PATH}"' in page
    assert NOTICE not in learner.get().text
    confirmation = here.get(PATH).text
    assert "1 post, the last on" in confirmation
    former = str(link_id(home, old))
    assert f'value="{former}"' in confirmation
    assert here.post(PATH, former=former).status_code == 400
    assert "Written before" not in here.get().text, "not without confirmation"

    done = here.post(PATH, former=former, confirmed="1")
    assert done.status_code == 303
    assert done.headers["Location"].endswith(here.path)
    with home.tool.database.read() as session:
        [grade] = session.scalars(select(Grade).order_by(Grade.column_id.desc()).limit(1))
        assert (grade.points, grade.state, grade.sent_points) == (5, "waiting", None)
    work(home)
    assert scores(home, new) == {"An activity": [5]}
    for tab in (here, learner, launched(home, "akua", new)):
        page = tab.get().text
        assert "Written before" in page
        assert NOTICE not in page
    assert "Written before" in writing.get().text, "an open page of the former activity goes on"
    assert learner.write("Written since").status_code == 200
    assert "Written since" in here.get().text

    anywhere = requests.get(url, timeout=10)
    assert anywhere.status_code == 200
    assert learner.browser.get(url).url.startswith(learner.browser.tool_url + learner.path)

    work(home)
    assert scores(home, new) == {"An activity": [10]}
    with home.tool.database.read() as session:
        [column] = session.scalars(
            select(GradeColumn).filter_by(resource_link_id=link_id(home, new))
        )
        [grade] = session.scalars(select(Grade).filter_by(column_id=column.id))
        assert (grade.state, grade.points) == ("sent", 10)
    for path, of in (
        ("moderation/log", here),
        (
            "institution/log",
            launched(home, "akua", new, roles=(lti.INSTITUTION_ADMINISTRATOR,)),
        ),
    ):
        log = of.get(path).text
        assert "Continued the discussion of a former activity" in log
        assert "An activity: 1 post" in log
    assert wrong_discussions(home.tool.database) == {}
    assert here.get(PATH).status_code == 404


@pytest.mark.both_engines
def test_twice_takes_it_over_once(home: Site, name: str) -> None:
    here = renewed(home, name)
    form = {"former": str(link_id(home, f"{name} before")), "confirmed": "1"}
    for _ in range(2):
        assert here.post(PATH, **form).status_code == 303
        assert here.get().text.count("Written before") >= 1
    assert here.get("moderation/log").text.count("Continued the discussion") == 1


@pytest.mark.both_engines
def test_two_windows_at_once_take_it_over_once(home: Site, name: str) -> None:
    here = renewed(home, name)
    other = launched(home, "maria", f"{name} after")
    form = {"former": str(link_id(home, f"{name} before")), "confirmed": "1"}
    start = Barrier(2)

    def confirm(tab: Tab) -> int:
        start.wait()
        return tab.post(PATH, **form).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(confirm, (here, other))) == [303, 303]
    assert "Written before" in here.get().text
    assert here.get("moderation/log").text.count("Continued the discussion") == 1


@pytest.mark.both_engines
def test_a_first_post_at_the_same_time_is_not_lost(home: Site, name: str) -> None:
    here = renewed(home, name)
    learner = launched(home, "joao", f"{name} after")
    form = {"former": str(link_id(home, f"{name} before")), "confirmed": "1"}
    start = Barrier(2)

    def confirm() -> int:
        start.wait()
        return here.post(PATH, **form).status_code

    def write() -> int:
        start.wait()
        return learner.write("Written at once").status_code

    with ThreadPoolExecutor(2) as pool:
        done = pool.submit(confirm), pool.submit(write)
        assert [each.result() for each in done] == [303, 200]
    assert "Written at once" in here.get().text
    assert wrong_discussions(home.tool.database) == {}


KINDS: list[tuple[dict[str, Any], bool]] = [
    ({"role": "Learner"}, False),
    ({"role": "ContentDeveloper"}, False),
    ({"roles": (lti.INSTITUTION_ADMINISTRATOR,)}, False),
    ({"role": "Instructor", "custom": {**FOUR, "canvas_masquerading_user_id": "7"}}, False),
    ({"role": "Instructor", "sub": None}, False),
    ({"role": "Instructor", "context": "another course"}, False),
    ({"role": "Instructor"}, True),
]


def test_who_may_take_over(home: Site, name: str) -> None:
    renewed(home, name)
    former = link_id(home, f"{name} before")
    platform = {lti.LTI + "tool_platform": {"guid": "x", "product_family_code": "canvas"}}
    for number, (kind, allowed) in enumerate(KINDS):
        given = {"sub": f"{number} of {name}", **platform, **kind}
        tab = launched(home, "akua", f"{name} after", **given)
        assert (NOTICE in tab.get().text) is allowed, kind
        assert (tab.get(PATH).status_code == 200) is allowed, kind
        tab.post(PATH, former=str(former), confirmed="1")
        assert ("Written before" in tab.get().text) is allowed, kind
        with home.tool.database.read() as session:
            assert (session.get(ResourceLink, former) is None) is allowed, kind


def test_nothing_else_can_be_taken(home: Site, name: str) -> None:
    launched(home, "joao", f"{name} C", context=f"another of {name}").write("Of another course")
    launched(home, "joao", f"{name} M", custom={"module": "how-to-write-a-module"})
    here = renewed(home, name)
    links = select(ResourceLink.id).order_by(ResourceLink.id)
    with home.tool.database.read() as session:
        before = session.scalars(links).all()
    found = [link_id(home, f"{name} {each}") for each in ("C", "M", "after")]
    for former in (*found, "none", "9" * 30, "-1", ""):
        here.post(PATH, former=str(former), confirmed="1")
    with home.tool.database.read() as session:
        assert session.scalars(links).all() == before
    assert NOTICE in here.get().text


def test_without_a_former_activity_there_is_no_notice(home: Site, name: str) -> None:
    here = launched(home, "maria", f"{name} alone")
    assert NOTICE not in here.page.text
    page = here.get(PATH)
    assert page.status_code == 404
    assert NOTHING in page.text


def test_several_are_listed_and_one_is_chosen(home: Site, name: str) -> None:
    for number in (1, 2):
        launched(home, "joao", f"{name} {number}").write(f"Text of number {number}")
    register_again(home)
    launched(home, "joao", f"{name} after")
    here = launched(home, "maria", f"{name} after")
    join(home, name)
    assert "This course has several earlier discussions of this module" in here.get().text
    page = here.get(PATH).text
    first = str(link_id(home, f"{name} 1"))
    assert page.count('name="former"') == 2
    assert " checked" not in page
    assert here.post(PATH, former=first, confirmed="1").status_code == 303
    page = here.get().text
    assert "Text of number 1" in page
    assert "Text of number 2" not in page


def test_only_instructors_of_an_empty_discussion_pay_for_a_statement(home: Site, name: str) -> None:
    here = renewed(home, name)
    learner = launched(home, "joao", f"{name} after")
    for tab, number in ((here, 1), (learner, 0)):
        tab.get()
        with counted(home.tool.database) as statements:
            tab.get()
        looked = [
            each for each in statements if "discussion_counts.posts" in each and "EXISTS" in each
        ]
        assert sum("deployments.created_at" in each for each in looked) == number
    form = {"former": str(link_id(home, f"{name} before")), "confirmed": "1"}
    assert here.post(PATH, **form).status_code == 303
    with counted(home.tool.database) as statements:
        here.get()
    assert not [each for each in statements if "deployments.created_at" in each]


@pytest.mark.parametrize("by_hand", [False, True])
def test_grades_that_were_given_in_both(home: Site, name: str, by_hand: bool) -> None:
    """What was sent to the new column is known, so that no grade there counts as a person's."""
    old, new = f"{name} before", f"{name} after"
    rule = POINTS | {"sections_weight": "1", "threads_number": "1"}
    before = launched(home, "maria", old, graded=True)
    before.post("grades/settings", **rule)
    learner = launched(home, "joao", old, graded=True)
    assert learner.write("Written before").status_code == 200
    work(home)
    if by_hand:
        column = select(GradeColumn.id).filter_by(resource_link_id=link_id(home, old))
        with home.tool.database.read() as session:
            [person] = session.scalars(select(Grade.user_id).where(Grade.column_id.in_(column)))
        assert before.post(f"grades/{person}", column="activity", points="7").status_code == 303
        work(home)
    register_again(home)
    here, learner = (
        launched(home, "maria", new, graded=True),
        launched(home, "joao", new, graded=True),
    )
    here.post("grades/settings", **rule)
    learner.post("progress", section="introduction")
    work(home)
    assert scores(home, new) == {"An activity": [5]}
    join(home, name)
    form = {"former": str(link_id(home, old)), "confirmed": "1"}
    assert here.post(PATH, **form).status_code == 303
    work(home)
    assert scores(home, new) == {"An activity": [7 if by_hand else 10]}
    with home.tool.database.read() as session:
        [found] = session.scalars(select(GradeRule).filter_by(resource_link_id=link_id(home, new)))
        assert found.settings
