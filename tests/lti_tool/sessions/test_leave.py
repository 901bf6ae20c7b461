"""*Leave* ends a session at once: on the server, and in this browser."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from lti_tool.sessions.model import LaunchSession
from lti_tool.sessions.service import purge_sessions
from lti_tool.storage.database import now
from tests.lti_tool.routes import ROUTES
from tests.support.driver import Form, forms
from tests.support.site import Site
from tests.support.tabs import Tab, opened


def leave_form(tab: Tab) -> Form:
    [form] = [each for each in forms(tab.page) if each.action.endswith("/leave")]
    return form


def test_leaving_ends_the_session_and_deletes_its_cookies(home: Site) -> None:
    tab = opened(home, "a shared computer", custom={"module": "module-4"})
    assert tab.get().status_code == 200
    page = tab.browser.submit(leave_form(tab))
    assert page.status_code == 200
    assert "open the activity from your course" in page.text
    assert "João" not in page.text
    assert tab.token not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert not [each for each in tab.browser.cookies.values() if each.path == tab.path]


def test_afterwards_no_route_answers_even_with_the_page_token(home: Site) -> None:
    tab = opened(home, "left", custom={"module": "module-4"}, role="Instructor")
    kept = dict(tab.browser.cookies)
    tab.browser.submit(leave_form(tab))
    tab.browser.cookies.update(kept)
    for route in ROUTES:
        url = tab.path + route.path.format(post=1, reply=1, package=1, user=1, file=1)
        data = {"token": tab.token} | route.fields
        response = tab.browser.request(route.method, url, data=data)
        assert response.status_code == 403, route
        assert "João" not in response.text, route


def test_other_sessions_of_the_same_person_stay_open(home: Site) -> None:
    module = {"module": "module-4"}
    left, other = opened(home, "one", custom=module), opened(home, "two", custom=module)
    left.browser.submit(leave_form(left))
    assert left.get().status_code == 403
    assert other.get().status_code == 200


def test_the_activity_can_be_opened_again_and_drafts_are_there(home: Site) -> None:
    tab = opened(home, "again", custom={"module": "module-4"})
    tab.post("draft", text="Half a thought", draft_key="d" * 20)
    tab.browser.submit(leave_form(tab))
    again = opened(home, "again", custom={"module": "module-4"})
    assert "Half a thought" in again.page.text


def test_the_launch_cannot_be_used_again_after_leaving(home: Site) -> None:
    browser = home.browser()
    form = browser.authorize(browser.login("joao"))
    cookies = dict(browser.cookies)
    page = browser.submit(form)
    path = urlsplit(page.url).path
    [leaving] = [each for each in forms(page) if each.action.endswith("/leave")]
    browser.submit(leaving)
    purge_sessions(home.tool.tool.database)
    browser.cookies.update(cookies)
    assert browser.submit(form).status_code >= 400
    assert browser.get(path).status_code == 403


@pytest.mark.both_engines
def test_a_session_that_was_left_is_purged_later(home: Site) -> None:
    tab = opened(home, "purged", custom={"module": "module-4"})
    tab.browser.submit(leave_form(tab))
    database = home.tool.tool.database
    session_id = tab.path.split("/")[2]
    with database.write() as session:
        mine = update(LaunchSession).where(LaunchSession.id == session_id)
        long_ago = now() - timedelta(days=2)
        session.execute(mine.values(created_at=long_ago, expires_at=long_ago))
    purge_sessions(database)
    with database.read() as session:
        found = session.scalars(select(LaunchSession.id).where(LaunchSession.id == session_id))
        assert found.all() == []


def test_a_test_user_may_leave(home: Site) -> None:
    role = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
    tab = opened(home, "preview", roles=[role], custom={"module": "module-4"})
    assert tab.browser.submit(leave_form(tab)).status_code == 200
    assert tab.get().status_code == 403


def test_browsers_show_no_stored_answer_of_a_session(home: Site) -> None:
    tab = opened(home, "stored", custom={"module": "module-4"}, role="Instructor")
    for route in (each for each in ROUTES if each.method == "GET"):
        path = route.path.format(post=1, reply=1, package=1, user=1, file=1)
        response = tab.browser.request("GET", tab.path + path)
        # "no-cache": the browser asks the tool again before it uses the answer.
        expected = "private, no-cache" if route.endpoint == "discussion.poll" else "no-store"
        assert response.headers["Cache-Control"] == expected, route
