"""A chosen language stays in its session; a GET writes nothing to the database."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from lti_tool.directory.model import User
from lti_tool.module_page.model import Progress
from lti_tool.sessions.model import LaunchSession
from lti_tool.worker import purge
from tests.support.site import Site
from tests.support.tabs import Tab, opened

FOUR = {"module": "module-4"}
GUEST = {"sub": None, "name": None, "email": None}


def tab_of(home: Site, kind: str, link: str) -> Tab:
    claims = GUEST if kind == "guest" else {"sub": link}
    return opened(home, link, custom=FOUR, **claims)


def users(home: Site) -> int:
    with home.tool.database.read() as session:
        return session.scalar(select(func.count()).select_from(User)) or 0


def language_of(tab: Tab) -> str:
    return tab.get().text.split('<html lang="')[1].split('"')[0]


@pytest.mark.parametrize("kind", ["guest", "person"])
@pytest.mark.parametrize("language", ["fr", "pt", "en"])
def test_a_choice_stays_in_the_session_without_a_write(
    home: Site, monkeypatch: pytest.MonkeyPatch, kind: str, language: str
) -> None:
    tab = tab_of(home, kind, f"language {kind} {language}")
    before = users(home)

    def busy(*_: object) -> None:
        raise OperationalError("BEGIN", {}, Exception("database is locked"))

    with monkeypatch.context() as context:
        context.setattr("lti_tool.storage.database.Database.write", busy)
        context.setattr("lti_tool.storage.database.Database.write_core", busy)
        assert tab.get(f"?lang={language}").status_code == 200
        assert language_of(tab) == language
        assert tab.post("open", to=f"{tab.path}?lang={language}").status_code == 200
    assert users(home) == before
    assert language_of(tab) == language
    if kind == "person":
        tab.post("progress", section="introduction")
        again = tab_of(home, kind, f"language {kind} {language}")
        assert language_of(again) == language


@pytest.mark.parametrize("language", ["xx", "", "fr;x", "../", "é"])
def test_a_language_that_the_module_lacks_is_not_kept(home: Site, language: str) -> None:
    tab = tab_of(home, "guest", "no language")
    answer = tab.browser.request("GET", tab.path, params={"lang": language})
    assert answer.status_code == 200
    assert "minga-language" not in answer.headers.get("Set-Cookie", "")


@pytest.mark.both_engines
def test_guests_are_purged_with_their_sessions_and_posts_keep_their_author(home: Site) -> None:
    tab = tab_of(home, "guest", "purged")
    assert tab.post("progress", section="introduction").status_code == 204
    session_id = tab.path.split("/")[2]
    database = home.tool.database
    with database.read() as session:
        guest = session.get_one(LaunchSession, session_id).user_id
    assert guest is not None
    purge(home.tool.settings, database)
    with database.write() as session:
        assert session.get(User, guest) is not None, "its session is open"
        session.delete(session.get_one(LaunchSession, session_id))
    purge(home.tool.settings, database)
    with database.read() as session:
        assert session.get(User, guest) is None
        progress = select(func.count()).where(Progress.user_id == guest)
        assert session.scalar(progress) == 0
