"""A real SMTP server on a loopback port that can be down, slow, strict or unreliable."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.tool import free_port

STAGES = ("EHLO", "MAIL", "RCPT", "DATA")


class MailServer:
    """Keeps what it accepts. ``replies`` maps a stage, or a stage and an address, to a reply."""

    def __init__(self) -> None:
        self.port = free_port()
        self.accepted: list[tuple[str, bytes]] = []
        """Pairs of recipient and message, in the order of acceptance."""
        self.replies: dict[str, str] = {}
        self.for_address: dict[str, str] = {}
        """Replies at RCPT, by address."""
        self.dies_after_accepting = 0
        """So many times, close the connection after the message instead of answering."""
        self.pause = 0.0
        """Seconds before each answer."""
        self.attempts: dict[str, int] = defaultdict(int)
        """RCPT commands by address."""
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return self.url_with(timeout=30)  # long, for busy machines

    def url_with(self, timeout: int) -> str:
        """The server's URL; a client waits for an answer for ``timeout`` seconds."""
        return f"smtp://127.0.0.1:{self.port}?timeout={timeout}"

    def start(self) -> None:
        if self._controller is None:
            self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
            self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    @property
    def mails(self) -> list[EmailMessage]:
        """The accepted messages."""
        return [message_from_bytes(raw, policy=default) for _, raw in self.accepted]  # type: ignore[misc]

    def to(self, address: str) -> list[EmailMessage]:
        """The accepted messages to an address."""
        pairs = zip(self.accepted, self.mails, strict=True)
        return [mail for (recipient, _), mail in pairs if recipient == address]

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        await asyncio.sleep(self.pause)
        session.host_name = hostname
        return [self.replies["EHLO"]] if "EHLO" in self.replies else responses

    async def handle_HELO(self, server: Any, session: Any, envelope: Any, hostname: str) -> str:
        session.host_name = hostname
        return self.replies.get("EHLO", "250 OK")

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(self.pause)
        if "MAIL" not in self.replies:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(self.pause)
        self.attempts[address] += 1
        reply = self.for_address.get(address) or self.replies.get("RCPT")
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.pause)
        if "DATA" in self.replies:
            return self.replies["DATA"]
        for address in envelope.rcpt_tos:
            self.accepted.append((address, envelope.content))
        if self.dies_after_accepting:
            self.dies_after_accepting -= 1
            server.transport.abort()
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
