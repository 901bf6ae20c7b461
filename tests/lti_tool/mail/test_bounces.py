"""Reports about failed delivery (RFC 3464), and replies that are none."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.cli import main
from lti_tool.mail.bounces import read_report
from lti_tool.mail.verdicts import verdict

REPORT = """\
From: MAILER-DAEMON@mx.example.org
To: minga@tool.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Mon, 2 Mar 2026 10:00:00 +0000

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--b
Content-Type: message/rfc822

From: minga@tool.example
To: {address}
Subject: New post

Hello
--b--
"""

VACATION = """\
From: ana@example.org
To: minga@tool.example
Subject: Out of office: New post
Auto-Submitted: auto-replied
Content-Type: text/plain

I am away. User unknown to my calendar. 550 5.1.1
"""


def report(
    status: str = "5.1.1",
    diagnostic: str = "550 5.1.1 User unknown",
    action: str = "failed",
    address: str = "ana@example.org",
) -> bytes:
    return REPORT.format(
        status=status, diagnostic=diagnostic, action=action, address=address
    ).encode()


VERDICTS = [
    ("5.1.1", "550 5.1.1 User unknown", "bad address"),
    ("5.1.2", "Host or domain name not found", "bad address"),
    ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", "bad address"),
    ("5.0.0", "550 Unknown User", "bad address"),
    ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", "bad address"),
    ("5.0.0", "550 This mailbox has been disabled", "bad address"),
    ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled", "bad address"),
    ("5.0.0", "550-5.1.1 The email account that you tried to reach does not exist", "bad address"),
    ("5.7.1", "550 5.7.1 Unsolicited mail, user unknown to be friendly", "policy"),
    ("5.0.0", "550-5.7.26 Your email has been blocked because the sender is unauthenticated",
     "policy"),
    ("5.0.0", "554 Message rejected: spam", "policy"),
    ("5.2.2", "552 5.2.2 Mailbox full", "soft"),
    ("5.0.0", "", "soft"),
    ("", "something happened", "soft"),
    ("4.2.2", "452 4.2.2 over quota", "soft"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "diagnostic", "meaning"), VERDICTS)
def test_status_and_diagnostic_code_are_both_read(
    status: str, diagnostic: str, meaning: str
) -> None:
    [failed] = read_report(report(status, diagnostic))
    assert (failed.address, failed.verdict) == ("ana@example.org", meaning)
    assert verdict(status, diagnostic) == meaning


NO_REPORTS = {
    "a vacation reply": VACATION.encode(),
    "a delayed mail": report(action="delayed"),
    "a delivered mail": report(action="delivered"),
    "a read receipt": report().replace(b"delivery-status;", b"disposition-notification;", 1),
    "no address": report(address=""),
    "nothing": b"",
    "no mail": b"\xff\xfe\0\0",
}


@pytest.mark.parametrize("kind", NO_REPORTS)
def test_what_reports_no_failure(kind: str) -> None:
    assert read_report(NO_REPORTS[kind]) == []


@given(st.binary())
def test_any_bytes_are_read(raw: bytes) -> None:
    assert isinstance(read_report(raw), list)


@given(st.text(), st.text())
def test_any_words_have_a_meaning(status: str, text: str) -> None:
    assert verdict(status, text) in ("bad address", "policy", "soft")


def test_the_meaning_of_long_words_is_found_in_linear_time() -> None:
    verdict("5.0.0", "user address " * 100_000)


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    environ = {"MINGA_DATA_DIR": str(tmp_path / "data")}
    for content, said in (
        (VACATION.encode(), "This is not a report about failed delivery. Nothing was changed."),
        (report(), "ana@example.org (0 people): the address does not exist"),
    ):
        file = tmp_path / "mail.eml"
        file.write_bytes(content)
        result = CliRunner().invoke(main, ["mail", "bounce", str(file)], env=environ)
        assert result.exit_code == 0, result.output
        assert said in result.output


def test_the_command_prints_json(tmp_path: Path) -> None:
    environ = {"MINGA_DATA_DIR": str(tmp_path / "data")}
    file = tmp_path / "mail.eml"
    for content, printed in (
        (VACATION.encode(), []),
        (report(), [{"address": "ana@example.org", "people": 0, "verdict": "bad address"}]),
    ):
        file.write_bytes(content)
        result = CliRunner().invoke(main, ["mail", "bounce", "--json", str(file)], env=environ)
        assert json.loads(result.output) == printed
    result = CliRunner().invoke(main, ["mail", "revoke", "--json", "a@example.org"], env=environ)
    assert json.loads(result.output) == {"address": "a@example.org", "people": 0}
