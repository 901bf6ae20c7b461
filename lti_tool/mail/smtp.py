"""Send a message over SMTP, and say why a server refused it.

A connection is kept for a while, because a burst of mail would otherwise log in for each message.
"""

import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

from lti_tool.mail.server import MailServer
from lti_tool.mail.verdicts import ENHANCED, Verdict, verdict

Stage = Literal["connect", "login", "sender", "recipient", "data"]

_IDLE_SECONDS = 20.0
_MOST_MESSAGES = 100
"""Messages for each connection; many servers limit them."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server answered: the SMTP code (0: no answer), the enhanced code (or ""), where."""

    stage: Stage
    code: int = 0
    status: str = ""
    verdict: Verdict = "soft"

    def __str__(self) -> str:
        said = " ".join(filter(None, (str(self.code or ""), self.status))) or "no answer"
        return f"{said} ({self.stage})"

    @property
    def temporary(self) -> bool:
        """No answer, or a 4xx at any stage, as greylisting servers give."""
        return self.code < 500

    @property
    def concerns_server(self) -> bool:
        """Whether every other message would meet the same now."""
        return self.stage in ("connect", "login")

    @property
    def bad_address(self) -> bool:
        """The mailbox does not exist or is closed: only then mail to the person stops."""
        if self.temporary or self.stage not in ("recipient", "data"):
            return False
        return self.verdict == "bad address"

    @property
    def policy(self) -> bool:
        """The server refuses us and not the recipient: the operator must act."""
        return (
            not self.temporary
            and not self.bad_address
            and (self.verdict == "policy" or self.stage in ("connect", "login", "sender"))
        )


class NotSentError(Exception):
    """The server did not accept the message."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class Mailer:
    """Sends messages through one server. Not for use by several threads at once."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self._smtp: smtplib.SMTP | None = None
        self._used_at = 0.0
        self._sent = 0

    def send(self, message: EmailMessage, *, sender: str, recipient: str) -> None:
        """Send a message to one address. Raises :class:`NotSentError`."""
        try:
            smtp = self._connected()
            self._deliver(smtp, message, sender, recipient)
        except NotSentError:
            self.close()
            raise
        self._used_at = time.monotonic()
        self._sent += 1

    def check(self) -> None:
        """Connect and log in, without sending anything. Raises :class:`NotSentError`."""
        self._connected()
        self.close()

    def close(self) -> None:
        """Close the connection, if there is one."""
        smtp, self._smtp = self._smtp, None
        self._sent = 0
        if smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
            smtp.close()

    def _connected(self) -> smtplib.SMTP:
        fresh = time.monotonic() - self._used_at < _IDLE_SECONDS and self._sent < _MOST_MESSAGES
        if self._smtp is not None and fresh:
            with suppress(OSError, smtplib.SMTPException):
                if self._smtp.rset()[0] == 250:
                    return self._smtp
        self.close()
        server = self.server
        with _stage("connect"):
            self._smtp = smtp = _open(server)
        if server.user is not None:
            with _stage("login"):
                smtp.login(server.user, server.password or "")
        self._used_at = time.monotonic()
        return smtp

    def _deliver(
        self, smtp: smtplib.SMTP, message: EmailMessage, sender: str, recipient: str
    ) -> None:
        with _stage("sender"):
            _expect(smtp.mail(sender), "sender")
        with _stage("recipient"):
            _expect(smtp.rcpt(recipient), "recipient")
        with _stage("data"):
            _expect(smtp.data(message.as_bytes()), "data")


def _open(server: MailServer) -> smtplib.SMTP:
    # Only if it is used: loading the certificates of the system takes about 20 ms of CPU.
    context = None if server.security == "none" else ssl.create_default_context()
    smtp: smtplib.SMTP
    if server.security == "tls":
        smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            smtp.starttls(context=context)
    except BaseException:
        smtp.close()
        raise
    return smtp


@contextmanager
def _stage(stage: Stage) -> Iterator[None]:
    """Turn every error of the library and of the connection into :class:`NotSentError`."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise NotSentError(_refusal(stage, error.smtp_code, error.smtp_error)) from None
    except (OSError, smtplib.SMTPException, ValueError):
        raise NotSentError(Refusal(stage)) from None


def _expect(reply: tuple[int, bytes], stage: Stage) -> None:
    code, text = reply
    if code == -1:  # smtplib's code for a connection that was closed
        code = 0
    if not 200 <= code < 300:
        raise NotSentError(_refusal(stage, code, text))


def _refusal(stage: Stage, code: int, text: bytes | str) -> Refusal:
    if isinstance(text, bytes):
        text = text.decode("ascii", "replace")
    found = ENHANCED.search(text)
    status = found[1] if found else ""
    # 421: the server closes the connection, at any stage (RFC 5321 §3.8).
    where: Stage = "connect" if code == 421 else stage
    return Refusal(where, max(code, 0), status, verdict(status, text))
