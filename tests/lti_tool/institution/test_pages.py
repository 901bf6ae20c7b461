"""The institution's pages: who opens them, what they show, and what they change."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from demo_lms import vocabulary as lti
from lti_tool.directory.audit import AuditEntry
from lti_tool.directory.model import Course, Deployment, RegistrationRow, ResourceLink, User
from lti_tool.institution import tasks
from lti_tool.institution.model import UsageDay
from lti_tool.institution.usage import count_usage
from lti_tool.notifications import service as notifications
from lti_tool.storage.database import now
from lti_tool.tasks import outbox
from tests.lti_tool.routes import ROUTES
from tests.support.site import Site
from tests.support.statements import counted
from tests.support.tabs import Tab, opened

ADMINISTRATOR = (lti.INSTITUTION_ADMINISTRATOR,)
PAGES = [route for route in ROUTES if route.administrator]


def administrator(home: Site, link: str = "admin", **claims: Any) -> Tab:
    return opened(home, link, user="akua", roles=ADMINISTRATOR, **claims)


def actions(home: Site) -> list[tuple[str, str, str]]:
    with home.tool.database.read() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.actor, row.action, row.detail) for row in rows]


def registration(home: Site) -> RegistrationRow:
    with home.tool.database.read() as session:
        return session.scalars(select(RegistrationRow)).one()


def run_tasks(home: Site, kind: str) -> None:
    """Do what the worker does with the waiting rows of a kind."""
    database = home.tool.database
    handler = tasks.handlers(home.tool.settings)[kind]
    assert outbox.drain(database, {kind: handler}) >= 1


@pytest.mark.parametrize("role", ["Instructor", "Learner"])
def test_only_administrators_open_the_pages(home: Site, role: str) -> None:
    tab = opened(home, "activity", role=role, custom={"module": "module-4"})
    assert "institution" not in tab.page.text.split("</nav>")[0].lower()
    for route in PAGES:
        path = route.path.format(user=1)
        answer = tab.get(path) if route.method == "GET" else tab.post(path, **route.fields)
        assert answer.status_code == 403, route


def test_an_administrator_opens_each_page(home: Site) -> None:
    tab = administrator(home)
    menu = re.findall(r'href="[^"]*/(institution[^"]*)"', tab.get("institution").text)
    assert menu.index("institution/self-test") < menu.index("institution/exchanges")
    with home.tool.database.read() as session:
        user = session.scalar(select(User.id).where(User.subject == "p-7300"))
        course = session.scalar(select(Course.id))
    for route in [each for each in PAGES if each.page]:
        path = route.path.format(user=user).replace("courses/1", f"courses/{course}")
        with counted(home.tool.database) as statements:
            page = tab.get(path)
        assert page.status_code == 200, route
        assert 'aria-current="page"' in page.text, route
        # Among them what the feature asks of others: two joins, and the worker's tasks.
        most = 10 if route.endpoint == "institution.show" else 8
        # The statements of the exports of all features, and of what they find.
        if route.endpoint not in ("people.person", "people.erase"):
            assert len(statements) <= most, (route, statements)


@pytest.mark.parametrize(
    ("claims", "ends_in"),
    [
        ({"target": "{tool}/lti/launch?page=institution"}, "/institution"),
        ({"target": "{tool}/lti/launch?page=self-test"}, "/institution/self-test"),
        ({"custom": {"page": "self-test"}}, "/institution/self-test"),
        ({}, "/institution"),
        ({"custom": {"module": "module-4"}}, "/"),
    ],
)
def test_which_page_a_launch_opens(home: Site, claims: dict[str, Any], ends_in: str) -> None:
    if "target" in claims:
        claims = {"target": claims["target"].format(tool=home.tool.url)}
    tab = administrator(home, f"link {claims}", **claims)
    assert urlsplit(tab.page.url).path == tab.path.rstrip("/") + ends_in


def test_policies_are_stored_logged_and_applied(home: Site) -> None:
    opened(home, "an activity", user="maria", role="Instructor", custom={"module": "module-4"})
    tab = administrator(home)
    form = {
        "name": "Universidad del Sur",
        "guests": "none",
        "observers": "read",
        "test_users": "none",
        "impersonation": "read",
        "unknown_deployments": "refuse",
        "retention_months": "24",
        "retention_action": "anonymise",
        "translation": "1",
        "own_addresses": "1",
        "time_zone": "America/Guayaquil",
    }
    wrong = tab.post("institution/policies", **{**form, "retention_months": "many", "name": "X"})
    assert wrong.status_code == 400
    assert tab.post("institution/policies", **{**form, "time_zone": "X"}).status_code == 400
    assert 'value="many"' in wrong.text
    assert registration(home).guests == "read"
    assert tab.post("institution/policies", **form).status_code in (200, 303)
    row = registration(home)
    assert (row.name, row.guests, row.observers) == ("Universidad del Sur", "none", "read")
    assert (row.test_users, row.impersonation) == ("none", "read")
    assert (row.retention_months, row.retention_action) == (24, "anonymise")
    assert (row.translation, row.unknown_deployments) == (True, "refuse")
    with home.tool.database.read() as session:
        mail = notifications.mail_choices(session, row.id)
    assert mail == notifications.MailChoices(False, True, "America/Guayaquil")
    assert (row.store_names, row.store_emails) == (False, False)
    assert "store_names=False" in actions(home)[-1][2]
    run_tasks(home, "institution.forget")
    opened(home, "an activity", user="joao", role="Learner", custom={"module": "module-4"})
    with home.tool.database.read() as session:
        assert not [user for user in session.scalars(select(User)) if user.name or user.email]
    observer = opened(
        home, "an activity", user="amina", role="Mentor", custom={"module": "module-4"}
    )
    assert observer.post("post", text="Hello").status_code == 403
    tab.post("institution/policies", **form, store_names="1", store_emails="1")
    again = opened(home, "an activity", user="joao", role="Learner", custom={"module": "module-4"})
    assert again.write("Hello").status_code == 200
    log = tab.get("institution/log").text
    assert "Changed the policies" in log
    assert "Store names: no, Store e-mail addresses: no" in log
    assert "store_names" not in log
    assert "Time zone of digests: America/Guayaquil" in log
    assert "Send notices by mail: no" in log
    assert "Akua Mensah" not in log  # the name comes back with the next launch only


def test_a_tool_that_is_turned_off_opens_for_administrators_only(home: Site) -> None:
    learner = opened(home, "on and off", role="Learner", custom={"module": "module-4"})
    tab = administrator(home, "on and off")
    tab.post("institution/pause", paused="1")
    try:
        assert learner.get().status_code == 403
        refused = home.browser().launch("joao", language="en")
        assert refused.status_code == 403
        assert "Your institution has turned off this tool" in refused.text
        again = administrator(home, "on and off", custom={"module": "module-4"})
        assert again.get().status_code == 403
        assert f'href="{again.path}institution"' in again.get().text
        assert again.get("institution").status_code == 200
    finally:
        again.post("institution/pause", paused="0")
    assert learner.get().status_code == 200
    assert [action for _, action, _ in actions(home)][-2:] == [
        "institution.pause",
        "institution.resume",
    ]


def test_the_data_of_a_person_are_found_downloaded_and_erased(home: Site) -> None:
    opened(home, "writing", user="devika", custom={"module": "module-4"}).write("About rivers")
    tab = administrator(home)
    found = tab.get("institution/people?q=p-7304")
    assert "devika.nair@example.org" in found.text
    assert "joao.araujo" not in found.text
    with home.tool.database.read() as session:
        user = session.scalar(select(User.id).where(User.subject == "p-7304"))
    assert "About rivers" not in tab.get(f"institution/people/{user}").text
    export = tab.get(f"institution/people/{user}/download").json()
    assert export["posts"][0]["text"] == "About rivers"
    assert tab.post(f"institution/people/{user}/erase").status_code == 400
    tab.post(f"institution/people/{user}/erase", confirmed="1")
    assert tab.get(f"institution/people/{user}").status_code == 404
    done = [action for _, action, _ in actions(home)][-2:]
    assert done == ["people.export", "people.erase"]


def test_texts_of_others_with_the_name_are_listed_before_an_erasure(home: Site) -> None:
    writer = opened(home, "naming", user="joao", custom={"module": "module-4"})
    opened(home, "naming", user="devika", custom={"module": "module-4"})
    writer.write("ദേവിക നായർ knows the river.")
    tab = administrator(home)
    with home.tool.database.read() as session:
        user = session.scalar(select(User.id).where(User.subject == "p-7304"))
    page = tab.get(f"institution/people/{user}/erase").text
    assert "From these, mentions, quotations and the full name are removed." in page
    assert "ദേവിക നായർ knows the river." in page
    assert "The name stays in these texts" not in page
    tab.post(f"institution/people/{user}/erase", confirmed="1")
    assert (
        "Removed the name of an erased person from texts of others"
        in tab.get("institution/log").text
    )


@pytest.mark.parametrize(
    ("role", "about", "ends_in"),
    [
        (ADMINISTRATOR, "p-7301", "institution/people/{user}"),
        (ADMINISTRATOR, "unknown", "institution/people?missing=1"),
        ((lti.LEARNER,), "p-7302", "your-data"),
        ((lti.LEARNER,), "p-7301", None),
    ],
)
@pytest.mark.parametrize("message", ["DataPrivacyLaunchRequest", "LtiDataPrivacyLaunchRequest"])
def test_a_data_privacy_launch_opens_the_data_of_the_person(
    home: Site, message: str, role: tuple[str, ...], about: str, ends_in: str | None
) -> None:
    opened(home, "an activity", user="maria", role="Instructor")
    with home.tool.database.read() as session:
        user = session.scalar(select(User.id).where(User.subject == about))

    def change(claims: dict[str, Any]) -> None:
        claims[lti.LTI + "message_type"] = message
        claims[lti.LTI + "for_user"] = {"user_id": about}
        claims[lti.LTI + "roles"] = list(role)
        for name in ("resource_link", "context"):
            claims.pop(lti.LTI + name)

    who = "akua" if role is ADMINISTRATOR else "joao"
    page = home.browser().launch(who, mutate=change, language="en")
    if ends_in is None:
        assert page.status_code == 403
        return
    assert page.status_code == 200
    assert page.url.endswith(ends_in.format(user=user))


def test_usage_is_counted_by_the_worker(home: Site) -> None:
    opened(home, "counted", user="joao", custom={"module": "module-4"}).write("A post")
    tab = administrator(home)
    count_usage(home.tool.database)
    count_usage(home.tool.database)  # counting again changes nothing
    page = tab.get("institution/usage").text
    assert "<rect" in page
    with home.tool.database.read() as session:
        [day] = session.scalars(select(UsageDay).where(UsageDay.day == f"{now():%Y-%m-%d}"))
    assert day.launches >= 2
    assert 2 <= day.people <= 6
    assert day.posts >= 1


def test_where_a_client_id_is_shared_another_deployment_is_another_institution(
    home: Site,
) -> None:
    opened(home, "of the first", user="joao", custom={"module": "module-4"})
    database = home.tool.database
    with database.write() as session:
        session.execute(
            update(RegistrationRow).values(product="blackboardlearn", unknown_deployments="accept")
        )
        issuer = session.scalar(select(RegistrationRow.issuer))
    [client] = home.lms.state.tools.values()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("lti_tool.platforms.blackboard.ISSUER", issuer)
        patched.setattr(client, "deployment_id", "second")
        other = administrator(home, "of the second")
        people = other.get("institution/people").text
        assert "João" not in people
        assert "Akua" in people
        assert "institution.pause" not in other.get("institution/log").text
        with database.read() as session:
            user = session.scalar(select(User.id).where(User.subject == "p-7302"))
            course = session.scalar(
                select(Course.id).join(Deployment).where(Deployment.deployment_id != "second")
            )
        assert other.get(f"institution/people/{user}").status_code == 404
        assert other.get(f"institution/courses/{course}").status_code == 404
        assert "the operator of this tool decides" in other.get("institution/policies").text
        other.post("institution/remove", name=registration(home).name + " · second")
        run_tasks(home, "institution.remove")
    with database.write() as session:
        session.execute(update(RegistrationRow).values(product=None))
        left = session.scalars(select(Deployment.deployment_id)).all()
        assert left == ["1"]
        assert session.get(User, user) is not None


def test_an_institution_is_removed_once_its_name_was_typed(home: Site) -> None:
    """The last test of the module: nothing is left afterwards."""
    tab = administrator(home)
    wrong = tab.post("institution/remove", name="Another name")
    assert wrong.status_code == 400
    assert 'value="Another name"' in wrong.text
    tab.post("institution/remove", name=registration(home).name)
    assert registration(home).status == "paused"
    run_tasks(home, "institution.remove")
    with home.tool.database.read() as session:
        for table in (RegistrationRow, Deployment, Course, ResourceLink, User, AuditEntry):
            assert session.scalars(select(table)).all() == []
    assert tab.get("institution").status_code == 403
