"""Notices of a platform: our handler is registered, and copied courses are recognised."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from sqlalchemy import delete, select, update

from demo_lms import vocabulary as lti
from demo_lms.id_tokens import mint
from lti_tool.directory.audit import AuditEntry
from lti_tool.directory.model import CourseCopy, Deployment, RegistrationRow
from lti_tool.platform_notices import tasks
from lti_tool.platform_notices.model import NoticeHandler
from lti_tool.storage.database import now
from lti_tool.tasks import outbox
from tests.support.site import Site, site
from tests.support.tabs import opened

HELLO = "LtiHelloWorldNotice"
LINK = {"module": "module-4"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("notices")) as running:
        yield running


def work(home: Site) -> int:
    """Do what the worker does with the tasks of notices."""
    return outbox.drain(home.tool.database, tasks.handlers(home.tool.settings))


def notice(home: Site, **changes: Any) -> dict[str, Any]:
    """The claims of a notice that a course was copied."""
    [client] = home.lms.state.tools.values()
    about = {"id": "n-1", "timestamp": "2026-11-30T10:00:00Z", "type": lti.COPY_NOTICE}
    claims = {
        "iss": home.lms.state.iss,
        "aud": client.client_id,
        "azp": client.client_id,
        "iat": int(time.time()),
        "exp": int(time.time()) + 300,
        "nonce": "n",
        lti.LTI + "version": "1.3.0",
        lti.LTI + "deployment_id": client.deployment_id,
        lti.LTI + "notice": {**about, **changes.pop("about", {})},
        lti.LTI + "context": {"id": "copy"},
        lti.LTI + "origin_contexts": ["coop-101"],
    }
    claims |= {lti.LTI + name: value for name, value in changes.items()}
    return {name: value for name, value in claims.items() if value is not None}


def send(home: Site, *claims: dict[str, Any], **options: Any) -> requests.Response:
    tokens = [{"jwt": mint(home.lms.state, each, **options)} for each in claims]
    url = f"{home.tool.url}/lti/notices"
    return requests.post(url, json={"notices": tokens}, timeout=10)


def copies(home: Site) -> list[tuple[str, str]]:
    with home.tool.database.read() as session:
        rows = session.scalars(select(CourseCopy).order_by(CourseCopy.context_id))
        return [(row.origin_context_id, row.context_id) for row in rows]


def test_our_handler_is_registered_once_a_day_for_each_deployment(home: Site) -> None:
    [client] = home.lms.state.tools.values()
    opened(home, "an activity", user="joao", role="Learner", custom=LINK)
    assert work(home) == 0
    opened(home, "an activity", user="maria", role="Instructor", custom=LINK)
    assert work(home) == 1
    assert client.notice_handlers == {lti.COPY_NOTICE: f"{home.tool.url}/lti/notices"}
    client.notice_handlers.clear()  # the platform has forgotten it
    opened(home, "an activity", user="maria", role="Instructor", custom=LINK)
    assert work(home) == 0
    with home.tool.database.write() as session:
        row = session.scalars(select(NoticeHandler)).one()
        assert row.registered_at is not None
        row.requested_at = row.requested_at.replace(year=2025)
    opened(home, "an activity", user="maria", role="Instructor", custom=LINK)
    assert work(home) == 1
    assert client.notice_handlers


def test_a_copy_is_recorded_once_and_its_discussion_has_the_same_settings(home: Site) -> None:
    original = opened(home, "original", user="maria", role="Instructor", custom=LINK)
    original.post(
        "discussion/settings",
        moderation="all",
        must_post_first="1",
        closes_date="2026-01-01",
        time_zone="UTC",
        groups="none",
        edit_minutes="",
    )
    again = notice(home, about={"id": "n-2"})
    assert send(home, notice(home)).json() == {"accepted": 1}
    assert send(home, notice(home), again).status_code == 200
    work(home)
    assert copies(home) == [("coop-101", "copy")]
    with home.tool.database.read() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "notices.copied"))
        assert [entry.actor for entry in entries] == ["platform"]
    # The platform sends no history with the launch, and the copied link has another ID.
    copy = opened(home, "copied", user="maria", role="Instructor", context="copy")
    assert "city-to-city" in copy.page.text.lower()
    settings = copy.get("discussion/settings").text
    assert 'value="all" checked' in settings
    assert 'name="must_post_first" value="1" checked' in settings
    assert "2026-01-01" not in settings


def test_a_tool_that_was_removed_and_added_again_has_a_handler_at_once(home: Site) -> None:
    """Another deployment: that the first one was registered today says nothing about it."""
    [client] = home.lms.state.tools.values()
    opened(home, "an activity", user="maria", role="Instructor", custom=LINK)
    work(home)
    first = client.deployment_id
    try:
        for deployment in ("added again", "and again"):
            client.notice_handlers.clear()
            client.deployment_id = deployment
            opened(home, "an activity", user="joao", role="Learner", custom=LINK)
            assert work(home) == 0
            opened(home, "an activity", user="maria", role="Instructor", custom=LINK)
            assert work(home) == 1
            assert client.notice_handlers == {lti.COPY_NOTICE: f"{home.tool.url}/lti/notices"}
    finally:
        client.deployment_id = first
    with home.tool.database.read() as session:
        handlers = session.scalars(select(NoticeHandler)).all()
    assert len(handlers) == 3
    assert all(each.registered_at for each in handlers)


def test_several_notices_of_one_copy_at_once(home: Site) -> None:
    """Canvas sends one for each deployment that is visible in the course, and repeats some.

    canvas-lms, app/services/lti/platform_notification_service.rb
    """
    deployments = [f"of a copy {number}" for number in range(3)]
    with home.tool.database.write() as session:
        registration_id = session.scalars(select(RegistrationRow.id)).one()
        for name in deployments:
            session.add(
                Deployment(registration_id=registration_id, deployment_id=name, created_at=now())
            )
    about = {"context": {"id": "copied at once"}, "origin_contexts": ["coop-101", "older"]}
    notices = [
        notice(home, about={"id": f"n {deployment} {number}"}, deployment_id=deployment, **about)
        for deployment in deployments
        for number in range(3)
    ]
    with ThreadPoolExecutor(9) as threads:
        answers = list(threads.map(lambda each: send(home, each, each), notices))
    assert {answer.status_code for answer in answers} == {200}
    work(home)
    with home.tool.database.read() as session:
        rows = session.execute(
            select(Deployment.deployment_id, CourseCopy.origin_context_id)
            .join(Deployment, Deployment.id == CourseCopy.deployment_id)
            .where(CourseCopy.context_id == "copied at once")
        ).all()
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.detail.contains("copied at once"))
        ).all()
    expected = [(name, origin) for name in deployments for origin in ("coop-101", "older")]
    assert sorted(map(tuple, rows)) == expected
    assert len(entries) == len(expected)


def test_a_notice_without_origins_or_of_another_type_is_accepted(home: Site) -> None:
    before = copies(home)
    hello = notice(home, about={"id": "n-4", "type": HELLO}, context=None)
    unknown = notice(home, about={"id": "n-5"}, origin_contexts=None)
    assert send(home, hello, unknown).json() == {"accepted": 2}
    work(home)
    assert copies(home) == before


@pytest.mark.parametrize(
    ("changes", "options", "status"),
    [
        ({"deployment_id": "another"}, {}, 403),
        ({"notice": None}, {}, 400),
        ({}, {"alg": "none"}, 401),
        ({}, {"alg": "HS256"}, 401),
    ],
)
def test_a_notice_that_is_not_valid_is_refused(
    home: Site, changes: dict[str, Any], options: dict[str, Any], status: int
) -> None:
    before = copies(home)
    claims = notice(home, about={"id": f"bad {changes} {options}"}, **changes)
    assert send(home, claims, **options).status_code == status
    work(home)
    assert copies(home) == before


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"notices": [1]}', b'{"notices": "x"}'])
def test_a_body_that_is_no_notice_is_refused(home: Site, body: bytes) -> None:
    answer = requests.post(f"{home.tool.url}/lti/notices", data=body, timeout=10)
    assert answer.status_code in (400, 401)
    assert set(answer.json()) == {"error"}


def test_a_notice_for_a_registration_that_is_turned_off_is_refused(home: Site) -> None:
    with home.tool.database.write() as session:
        session.execute(update(RegistrationRow).values(status="disabled"))
        session.execute(delete(CourseCopy))
    home.tool.tool.registrations._remembered.clear()
    assert send(home, notice(home, about={"id": "n-9"})).status_code == 403
    assert copies(home) == []
