"""``lti-tool mail``: what operators and administrators do about mail."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool.notifications import commands
from lti_tool.notifications.diagnostics import mail_findings
from lti_tool.notifications.model import MailPolicy
from lti_tool.notifications.people import recipient_of
from lti_tool.storage.database import Database
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.discussion.scene import Scene
from tests.support.mail_server import MailServer, mail_server

ADDRESS = "ana@example.org"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def scene(database: Database, tmp_path: Path, server: MailServer) -> Scene:
    return scenes.make(
        database,
        tmp_path,
        MINGA_SMTP_URL=server.url,
        MINGA_MAIL_FROM="Minga <minga@tool.example>",
        MINGA_PUBLIC_URL="https://minga.example.org",
    )


def run(scene: Scene, *arguments: str) -> Result:
    return CliRunner().invoke(commands.mail, arguments, obj=scene.operator)


def test_a_test_mail_has_the_headers_of_a_notice_and_the_command_says_what_to_check(
    scene: Scene, server: MailServer
) -> None:
    result = run(scene, "test", ADDRESS)
    assert result.exit_code == 0, result.output
    [message] = server.to(ADDRESS)
    assert message["List-Unsubscribe"] == "<https://minga.example.org/n/test>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"].addresses[0].addr_spec == "minga@tool.example"
    for hint in (
        "spf=pass",
        "dkim=pass",
        "dmarc=pass",
        "list-unsubscribe and list-unsubscribe-post",
    ):
        assert hint in result.output
    guide = (ROOT / "docs" / "operator.md").read_text()
    assert "must cover `List-Unsubscribe` and `List-Unsubscribe-Post`" in guide


REFUSED = [
    ({}, "ana at example.org", "ana at example.org is not an e-mail address."),
    ({"RCPT": "550 5.7.1 Relaying denied"}, ADDRESS, "did not accept it: 550 5.7.1 (recipient)"),
]


@pytest.mark.parametrize(("replies", "address", "said"), REFUSED)
def test_a_test_mail_that_fails_says_why(
    scene: Scene, server: MailServer, replies: dict[str, str], address: str, said: str
) -> None:
    server.replies |= replies
    result = run(scene, "test", address)
    assert result.exit_code == 1
    assert said in result.output
    assert server.accepted == []


def test_without_a_mail_server_the_command_names_the_settings(scene: Scene) -> None:
    scene.settings = scene.settings.model_copy(update={"smtp_url": None})
    result = run(scene, "test", ADDRESS)
    assert result.exit_code == 1
    assert "Set MINGA_SMTP_URL and MINGA_MAIL_FROM first." in result.output


DOCTOR = [
    ({}, "ok", "answers."),
    ({"smtp_url": None}, "ok", "No mail is sent: MINGA_SMTP_URL is not set."),
    ({"mail_from": None}, "error", "no sender. Set MINGA_MAIL_FROM."),
    ({"smtp_url": "smtp://127.0.0.1:9?timeout=1"}, "error", "does not accept us: no answer"),
    ({"smtp_url": "smtp://127.0.0.2:9?timeout=1"}, "warning", "without encryption"),
]


@pytest.mark.parametrize(("changes", "level", "said"), DOCTOR)
def test_the_doctor_checks_the_mail_server(
    scene: Scene, changes: dict[str, str | None], level: str, said: str
) -> None:
    settings = scene.settings.model_copy(update=changes)
    found = mail_findings(settings, scene.database)
    assert [text for found_level, text in found if found_level == level and said in text]


def test_revoking_renews_the_links_of_everybody_with_the_address(scene: Scene) -> None:
    person = scene.launch_session("Ana")
    with scene.database.write() as session:
        session.get_one(scenes.User, person.user_id).email = ADDRESS
        before = recipient_of(session, person.user_id or 0).link_key
    assert "People with this address: 1." in run(scene, "revoke", ADDRESS.upper()).output
    with scene.database.write() as session:
        assert recipient_of(session, person.user_id or 0).link_key != before


def test_an_institution_decides_on_addresses_and_the_time_zone(scene: Scene) -> None:
    number = str(scene.registration_id)
    allowed = run(
        scene, "institution", number, "--own-addresses", "allow", "--time-zone", "Asia/Tokyo"
    )
    assert allowed.output.splitlines() == [
        "Notices by mail: on.",
        "Own addresses: allowed.",
        "Time zone of digests: Asia/Tokyo.",
    ]
    refused = run(
        scene, "institution", number, "--own-addresses", "refuse", "--notices", "off", "--json"
    )
    assert json.loads(refused.output) == {
        "sends_mail": False,
        "own_addresses": False,
        "time_zone": "Asia/Tokyo",
    }
    assert run(scene, "institution", number).output.startswith("Notices by mail: off.")
    for arguments in ((number, "--time-zone", "Tokyo"), ("99",)):
        assert run(scene, "institution", *arguments).exit_code == 1
    with scene.database.read() as session:
        assert session.get_one(MailPolicy, scene.registration_id).time_zone == "Asia/Tokyo"
