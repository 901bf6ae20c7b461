"""What ``lti-tool doctor`` says about mail."""

from typing import Literal

from lti_tool.mail.server import parse_server
from lti_tool.mail.smtp import Mailer, NotSentError
from lti_tool.notifications import server_state
from lti_tool.notifications.service import count_waiting
from lti_tool.settings import Settings
from lti_tool.storage.database import Database

Level = Literal["ok", "warning", "error"]


def mail_findings(settings: Settings, database: Database) -> list[tuple[Level, str]]:
    """Check the settings and the server, and report refusals that the operator must resolve."""
    if settings.smtp_url is None:
        return [("ok", "No mail is sent: MINGA_SMTP_URL is not set.")]
    if settings.mail_from is None:
        return [("error", "MINGA_SMTP_URL is set, but no sender. Set MINGA_MAIL_FROM.")]
    server = parse_server(settings.smtp_url)
    where = f"{server.host}:{server.port}"
    found: list[tuple[Level, str]] = []
    try:
        Mailer(server).check()
    except NotSentError as error:
        found.append(("error", f"The mail server {where} does not accept us: {error.refusal}."))
    else:
        found.append(("ok", f"The mail server {where} answers."))
    if server.security == "none" and server.host not in ("localhost", "127.0.0.1", "::1"):
        words = f"Mail goes to {where} without encryption. Use smtp+starttls:// or smtps://"
        found.append(("warning", words))
    state = server_state.find_state(database)
    waiting = count_waiting(database)
    if state is not None and state.failures and waiting:
        words = (
            f"Mails that wait: {waiting}. The mail server failed {state.failures} times in a row"
        )
        found.append(("warning", f"{words}, last with: {state.failed}."))
    if state is not None and state.refused_at is not None:
        since = f"{state.refused_at:%Y-%m-%d %H:%M} UTC"
        words = (
            f"Mail was refused by policy {state.refusals} times, last at {since}: {state.refused}."
        )
        remedy = (
            "Check SPF, DKIM and DMARC of the sender's domain (docs/operator.md), then run: "
            "lti-tool mail test ADDRESS"
        )
        found.append(("error", f"{words} {remedy}"))
    return found
