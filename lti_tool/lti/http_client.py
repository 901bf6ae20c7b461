"""Every request that the tool makes, through one door.

A platform's addresses come from people and from other machines, so the door is narrow: a limit of
time for the whole and for each step, a limit of size, no redirects, no environment proxies, no
cookies, https only, and no address that is not on the public Internet. The last is checked on
the address that is connected to, after the name was resolved: a name that answers differently
the second time gains nothing. An operator may open it to private addresses (a demo, an intranet).

urllib3 is used directly: its pools are thread-safe and its connections can be replaced, which
``requests`` would only wrap. Errors never carry what the other side sent.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

import urllib3

from lti_tool.lti.ssrf_guard import (
    CONNECT_SECONDS,
    GUARDED_POOLS,
    OPEN_POOLS,
    Deadline,
    ForbiddenAddress,
    deadline_passed,
)
from lti_tool.lti.urls import split

READ_SECONDS = 10.0
TOTAL_SECONDS = 15.0
SIZE_LIMIT = 1_000_000
"""Bytes of an answer."""
_CHUNK = 64 * 1024


class Trouble(StrEnum):
    """What went wrong between here and there."""

    BAD_URL = "bad_address"
    NOT_HTTPS = "not_https"
    FORBIDDEN_ADDRESS = "forbidden_address"
    NO_SUCH_HOST = "no_such_host"
    NO_CONNECTION = "no_connection"
    BAD_CERTIFICATE = "bad_certificate"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    BROKEN_ANSWER = "broken_answer"
    BUSY = "busy"
    """Too many others are waiting for the same platform."""
    REFUSED = "refused"
    """It answered, with another status than success."""
    NOT_GRANTED = "not_granted"
    """The platform gave a token without the scope that is needed."""


class Unreachable(Exception):  # noqa: N818 - it reads as what happened
    """There is no usable answer. Says what and where, never what was sent or received."""

    def __init__(self, kind: Trouble, host: str) -> None:
        super().__init__(f"{kind}: {host}")
        self.kind = kind
        self.host = host


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    host: str

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx; a redirect is not."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON, whatever its label says (Moodle's tokens are ``text/html``)."""
        try:
            return json.loads(self.body.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise Unreachable(Trouble.BROKEN_ANSWER, self.host) from error


class Outbound:
    """The door. One for each process: thread-safe, and it keeps connections open."""

    def __init__(
        self, *, allow_private: bool = False, user_agent: str = "Minga (LTI tool)"
    ) -> None:
        self._allow_private = allow_private
        self._user_agent = user_agent
        self._pools = urllib3.PoolManager(
            num_pools=50,
            maxsize=4,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        )
        self._pools.pool_classes_by_scheme = OPEN_POOLS if allow_private else GUARDED_POOLS

    def request(
        self,
        method: str,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        size_limit: int = SIZE_LIMIT,
        total_seconds: float = TOTAL_SECONDS,
    ) -> Answer:
        """Ask, and read the whole answer. Raises Unreachable."""
        parts = split(address)
        if parts is None:
            raise Unreachable(Trouble.BAD_URL, "")
        host = parts.hostname or ""
        if parts.scheme != "https" and not self._allow_private:
            raise Unreachable(Trouble.NOT_HTTPS, host)
        sent = {
            "User-Agent": self._user_agent,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            **(headers or {}),
        }
        with Deadline(total_seconds) as deadline:
            try:
                return self._exchange(method, address, host, sent, body, size_limit)
            except Unreachable:
                raise
            except ForbiddenAddress as error:
                raise Unreachable(Trouble.FORBIDDEN_ADDRESS, host) from error
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                kind = Trouble.TOO_SLOW if deadline.passed else _kind(error)
                raise Unreachable(kind, host) from None

    def get(self, address: str, **more: Any) -> Answer:
        """GET. Raises Unreachable."""
        return self.request("GET", address, **more)

    def _exchange(
        self,
        method: str,
        address: str,
        host: str,
        headers: Mapping[str, str],
        body: bytes | None,
        limit: int,
    ) -> Answer:
        response = self._pools.request(
            method,
            address,
            headers=dict(headers),
            body=body,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            content = _read(cast(urllib3.HTTPResponse, response), host, limit)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        received = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, received, content, host)


def _read(response: urllib3.HTTPResponse, host: str, limit: int) -> bytes:
    content = bytearray()
    while chunk := response.read(_CHUNK):
        content += chunk
        if len(content) > limit:
            raise Unreachable(Trouble.TOO_LARGE, host)
    if deadline_passed():
        raise Unreachable(Trouble.TOO_SLOW, host)
    return bytes(content)


def _kind(error: Exception) -> Trouble:
    reason = getattr(error, "reason", None)
    cause = reason if isinstance(reason, Exception) else error
    if isinstance(cause, urllib3.exceptions.NameResolutionError):
        return Trouble.NO_SUCH_HOST
    if isinstance(cause, urllib3.exceptions.SSLError):
        return Trouble.BAD_CERTIFICATE
    if isinstance(cause, urllib3.exceptions.NewConnectionError):
        return Trouble.NO_CONNECTION
    if isinstance(cause, urllib3.exceptions.TimeoutError | TimeoutError):
        return Trouble.TOO_SLOW
    return Trouble.BROKEN_ANSWER
