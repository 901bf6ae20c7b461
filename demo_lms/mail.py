"""An SMTP server that sends nothing on: it keeps the mail of the tools for the outbox page."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from typing import Any

MOST_MAILS = 100
MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as the outbox page shows it."""

    recipient: str
    sender: str
    subject: str
    date: str
    text: str
    language: str
    headers: tuple[tuple[str, str], ...]


class MailBox:
    """The newest mails, newest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mails: deque[Mail] = deque(maxlen=MOST_MAILS)

    def all(self) -> list[Mail]:
        """Return the mails."""
        with self._lock:
            return list(self._mails)

    def add(self, raw: bytes, recipients: list[str]) -> None:
        """Keep a message."""
        message = message_from_bytes(raw, policy=default)
        body = message.get_body(("plain",))
        mail = Mail(
            recipient=", ".join(recipients),
            sender=str(message["From"] or ""),
            subject=str(message["Subject"] or ""),
            date=str(message["Date"] or ""),
            text=str(body.get_content()) if body is not None else "",
            language=str(message["Content-Language"] or ""),
            headers=tuple((name, str(value).strip()) for name, value in message.items()),
        )
        with self._lock:
            self._mails.appendleft(mail)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Accept a message (a hook of aiosmtpd)."""
        self.add(envelope.content, list(envelope.rcpt_tos))
        return "250 OK"


@contextmanager
def mail_server(box: MailBox, host: str, port: int) -> Iterator[None]:
    """Run the SMTP server inside the block. Needs aiosmtpd, which only the demo installs."""
    from aiosmtpd.controller import Controller

    controller = Controller(box, hostname=host, port=port, data_size_limit=MOST_BYTES)
    controller.start()
    try:
        yield
    finally:
        controller.stop()
