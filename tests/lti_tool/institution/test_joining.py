"""A tool that was removed in the LMS and registered anew: an administrator joins the two."""

from sqlalchemy import select

from demo_lms import vocabulary as lti
from demo_lms.register_tool import register_tool
from lti_tool.directory.audit import AuditEntry
from lti_tool.directory.model import RegistrationRow
from lti_tool.discussion.recount import wrong_discussions
from lti_tool.institution import service, tasks
from lti_tool.tasks import outbox
from tests.support.site import Site
from tests.support.statements import counted
from tests.support.tabs import opened

FOUR = {"module": "module-4"}


def test_an_administrator_joins_the_former_registration(home: Site) -> None:
    before = opened(home, "act", custom=FOUR)
    assert before.write("Written before").status_code == 200
    [former] = home.lms.state.tools
    home.lms.state.remove_tool(former)
    register_tool(home.lms.state, home.tool.invite())
    after = opened(home, "act", custom=FOUR)
    assert "Written before" not in after.page.text
    assert after.write("Written since").status_code == 200

    tab = opened(home, "act", user="akua", roles=(lti.INSTITUTION_ADMINISTRATOR,))
    with counted(home.tool.database) as statements:
        page = tab.get("institution")
    assert "A former registration of this LMS has courses that are in this one too" in page.text
    assert len(statements) <= 14, statements
    form = tab.get("institution/join").text
    assert former in form
    assert tab.post("institution/join", registration="1").status_code == 400
    assert tab.post("institution/join", registration="2", confirmed="1").status_code == 400
    assert tab.post("institution/join", registration="1", confirmed="1").status_code == 303
    assert "is being joined to this one" in tab.get("institution").text
    assert tab.post("institution/join", registration="1", confirmed="1").status_code == 400
    assert before.get().status_code == 403
    assert after.get().status_code == 200

    database = home.tool.database
    handlers = tasks.handlers(home.tool.settings)
    assert outbox.drain(database, {service.JOIN: handlers[service.JOIN]}) == 1
    text = after.get().text
    assert "Written before" in text
    assert "Written since" in text
    assert "Written since" in before.get().text, "an open page goes on"
    assert "is being joined" not in tab.get("institution").text
    assert "Joined a former registration" in tab.get("institution/log").text
    assert wrong_discussions(database) == {}
    with database.read() as session:
        [left] = session.scalars(select(RegistrationRow))
        assert (left.id, left.former_ids) == (2, "1")
        [entry] = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "institution.join_registration")
        )
        assert entry.detail == f"{former} → {left.client_id}"
    again = opened(home, "act", custom=FOUR)
    assert again.write("Written afterwards").status_code == 200
