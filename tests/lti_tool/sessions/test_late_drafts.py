"""A session that has ended by time stores what was typed in its page, and does nothing else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from lti_tool.directory.model import Membership, RegistrationRow, ResourceLink, User
from lti_tool.discussion.discussions import find_or_create
from lti_tool.discussion.model import SavedDraft
from lti_tool.sessions.model import LaunchSession
from lti_tool.sessions.service import purge_sessions
from lti_tool.storage.database import Base, now
from tests.lti_tool.routes import ROUTES
from tests.support.site import Site
from tests.support.tabs import Tab, opened

TEXT = "Half a thought, typed for hours"
MODULE = {"module": "module-4"}


@pytest.fixture(autouse=True)
def usual(home: Site) -> Iterator[None]:
    """Undo what a test has changed of the site, which all tests of this file share."""
    yield
    change(home, RegistrationRow, status="active")
    change(home, User, kind="person")
    with home.tool.tool.database.write() as session:
        session.execute(delete(SavedDraft))
        session.execute(delete(LaunchSession))


def end(home: Site, tab: Tab, ago: timedelta = timedelta(hours=1)) -> None:
    """Let the session end by time, some time ago."""
    change(home, LaunchSession, created_at=now() - timedelta(days=3), expires_at=now() - ago)


def change(home: Site, table: type[Base], **values: object) -> None:
    with home.tool.tool.database.write() as session:
        session.execute(update(table).values(**values))


def stored(home: Site) -> list[str]:
    with home.tool.tool.database.read() as session:
        return list(session.scalars(select(SavedDraft.text)))


@pytest.mark.both_engines
def test_the_text_is_there_when_the_activity_is_opened_again(home: Site) -> None:
    tab = opened(home, "slow", custom=MODULE)
    end(home, tab)
    answer = tab.post("draft", text=TEXT, draft_key="d" * 20)
    assert answer.status_code == 200
    assert "Your text is saved as a draft" in answer.text
    assert TEXT in opened(home, "slow", custom=MODULE).page.text


def test_the_page_that_says_so_shows_nothing_of_the_session(home: Site) -> None:
    tab = opened(home, "slow", custom=MODULE)
    end(home, tab)
    answer = tab.post("draft", text=TEXT, draft_key="d" * 20)
    for secret in ("João", tab.token, "coop-101", TEXT):
        assert secret not in answer.text


def test_the_script_is_told_that_the_session_has_ended(home: Site) -> None:
    tab = opened(home, "slow", custom=MODULE)
    headers = {"X-Minga-Fragment": "1"}
    data = {"token": tab.token, "text": TEXT, "draft_key": "d" * 20}
    save = lambda: tab.browser.request("POST", tab.path + "draft", data=data, headers=headers)  # noqa: E731
    assert save().status_code == 204
    end(home, tab)
    assert save().status_code == 202


REFUSED = {
    "more than a day": lambda home, tab: end(home, tab, timedelta(days=1, minutes=1)),
    "left": lambda home, tab: (tab.post("leave"), None),
    "left, and then the time passed": lambda home, tab: (
        tab.post("leave"),
        change(home, LaunchSession, created_at=LaunchSession.expires_at),
    ),
    "no longer in the course": lambda home, tab: (
        end(home, tab),
        change(home, Membership, ended_at=now()),
    ),
    "the registration was disabled": lambda home, tab: (
        end(home, tab),
        change(home, RegistrationRow, status="disabled"),
    ),
    "a guest": lambda home, tab: (end(home, tab), change(home, User, kind="guest")),
    "a preview": lambda home, tab: (end(home, tab), change(home, LaunchSession, own_record=False)),
    "without the page token": lambda home, tab: (end(home, tab), setattr(tab, "token", "")),
    "with another token": lambda home, tab: (end(home, tab), setattr(tab, "token", "guess")),
}


@pytest.mark.parametrize("prepare", REFUSED.values(), ids=REFUSED)
def test_otherwise_the_text_is_shown_to_be_copied(home: Site, prepare) -> None:
    tab = opened(home, "slow", custom=MODULE)
    prepare(home, tab)
    answer = tab.post("draft", text=TEXT, draft_key="d" * 20)
    assert answer.status_code == 403
    assert TEXT in answer.text
    assert stored(home) == []


def test_only_the_routes_of_the_table_answer(home: Site) -> None:
    tab = opened(home, "slow", custom=MODULE, role="Instructor")
    end(home, tab)
    for route in ROUTES:
        url = tab.path + route.path.format(post=1, reply=1, package=1, user=1, file=1)
        response = tab.browser.request(route.method, url, data={"token": tab.token} | route.fields)
        assert response.status_code == (200 if route.late else 403), route
        assert "João" not in response.text, route


def test_a_locked_discussion_is_not_mentioned(home: Site) -> None:
    tab = opened(home, "locked", custom=MODULE)
    with home.tool.tool.database.write() as session:
        link_id = session.scalar(
            select(ResourceLink.id).where(ResourceLink.lti_resource_link_id == "locked")
        )
        find_or_create(session, link_id, "module-4").settings = '{"locked": true}'
    reason = "This page belongs to a session that has ended"
    assert reason not in tab.post("draft", text=TEXT).text
    end(home, tab)
    answer = tab.post("draft", text=TEXT)
    assert answer.status_code == 403
    assert reason in answer.text
    assert stored(home) == []


def test_the_session_is_purged_after_a_day(home: Site) -> None:
    tab = opened(home, "slow", custom=MODULE)
    database = home.tool.tool.database
    for ago, left in ((timedelta(hours=23), 1), (timedelta(hours=25), 0)):
        end(home, tab, ago)
        purge_sessions(database)
        with database.read() as session:
            assert len(session.scalars(select(LaunchSession.id)).all()) == left
