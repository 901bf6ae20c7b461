"""The HTTP client for every request that the tool sends, with limits and an SSRF guard.

The URLs come from people and from other servers, so a request has: a time limit for each step and
for the whole exchange, a size limit, no redirects unless asked for, no proxies from the
environment, no cookies, https only, and no connection to an IP address outside the public Internet.
The guard checks the IP address of the connection, after the name was resolved, so a DNS answer that
changes between check and use has no effect. An operator can allow private networks.

urllib3 is used directly: its pools are thread-safe and their connection class can be replaced.
Errors never carry what the other side sent.
https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast
from urllib.parse import urljoin

import urllib3

from lti_tool.lti.ssrf_guard import (
    CONNECT_SECONDS,
    GUARDED_POOLS,
    OPEN_POOLS,
    Deadline,
    ForbiddenAddressError,
    deadline_passed,
)
from lti_tool.lti.urls import split

READ_SECONDS = 10.0
TOTAL_SECONDS = 15.0
SIZE_LIMIT = 1_000_000
"""Bytes of a response body."""
_CHUNK = 64 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)


class FetchErrorKind(StrEnum):
    """Why a request got no usable response."""

    BAD_URL = "bad_url"
    NOT_HTTPS = "not_https"
    FORBIDDEN_ADDRESS = "forbidden_address"
    """The host has an IP address that is not on the public Internet."""
    UNKNOWN_HOST = "unknown_host"
    CONNECTION_FAILED = "connection_failed"
    BAD_CERTIFICATE = "bad_certificate"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    INVALID_RESPONSE = "invalid_response"
    BUSY = "busy"
    """Too many threads wait for the same platform already; no request was sent."""
    BAD_STATUS = "bad_status"
    """The response has another status than 2xx."""
    SCOPE_NOT_GRANTED = "scope_not_granted"
    """The access token lacks the scope that the service needs."""
    FOREIGN_PAGE = "foreign_page"
    """The next page of a list is on another origin; it was not requested."""
    ENDLESS = "endless"
    """A list has more pages than are read, or its pages lead to each other."""
    PAUSED = "paused"
    """The platform asked for a delay, which is not over; no request was sent."""


class FetchError(Exception):
    """A request got no usable response. Names the kind and the host, never any content."""

    def __init__(self, kind: FetchErrorKind, host: str) -> None:
        super().__init__(f"{kind}: {host}")
        self.kind = kind
        self.host = host


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An HTTP response of any status. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    host: str

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx; a redirect is not."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON; its content type is not checked. Raises FetchError."""
        try:
            return json.loads(self.body.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise FetchError(FetchErrorKind.INVALID_RESPONSE, self.host) from error


class HttpClient:
    """Sends requests. One instance for each process: thread-safe, with connection pools."""

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
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        size_limit: int = SIZE_LIMIT,
        total_seconds: float = TOTAL_SECONDS,
        max_redirects: int = 0,
    ) -> HttpResponse:
        """Send a request and read the whole response. Raises FetchError.

        With ``max_redirects``, redirects are followed, with the same headers and within the same
        time: each hop passes the guard, and none leaves https. A redirect beyond them is the
        response.
        """
        host = self._host(url)
        sent = {
            "User-Agent": self._user_agent,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            **(headers or {}),
        }
        with Deadline(total_seconds) as deadline:
            try:
                response = self._exchange(method, url, host, sent, body, size_limit)
                for _ in range(max_redirects):
                    location = response.headers.get("location")
                    if response.status not in _REDIRECTS or location is None:
                        break
                    url, https = urljoin(url, location), url.lower().startswith("https:")
                    host = self._host(url, https=https)
                    response = self._exchange(method, url, host, sent, body, size_limit)
                return response
            except FetchError:
                raise
            except ForbiddenAddressError as error:
                raise FetchError(FetchErrorKind.FORBIDDEN_ADDRESS, host) from error
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                kind = FetchErrorKind.TIMEOUT if deadline.passed else _kind(error)
                raise FetchError(kind, host) from None

    def get(self, url: str, **options: Any) -> HttpResponse:
        """Send a GET request; ``options`` as for ``request``. Raises FetchError."""
        return self.request("GET", url, **options)

    def _host(self, url: str, *, https: bool = False) -> str:
        """The host of a URL that may be requested. Raises FetchError."""
        parts = split(url)
        if parts is None:
            raise FetchError(FetchErrorKind.BAD_URL, "")
        host = parts.hostname or ""
        if parts.scheme != "https" and (https or not self._allow_private):
            raise FetchError(FetchErrorKind.NOT_HTTPS, host)
        return host

    def _exchange(
        self,
        method: str,
        url: str,
        host: str,
        headers: Mapping[str, str],
        body: bytes | None,
        limit: int,
    ) -> HttpResponse:
        response = self._pools.request(
            method,
            url,
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
        return HttpResponse(response.status, received, content, host)


def _read(response: urllib3.HTTPResponse, host: str, limit: int) -> bytes:
    content = bytearray()
    while chunk := response.read(_CHUNK):
        content += chunk
        if len(content) > limit:
            raise FetchError(FetchErrorKind.TOO_LARGE, host)
    if deadline_passed():
        raise FetchError(FetchErrorKind.TIMEOUT, host)
    return bytes(content)


def _kind(error: Exception) -> FetchErrorKind:
    reason = getattr(error, "reason", None)
    cause = reason if isinstance(reason, Exception) else error
    if isinstance(cause, urllib3.exceptions.NameResolutionError):
        return FetchErrorKind.UNKNOWN_HOST
    if isinstance(cause, urllib3.exceptions.SSLError):
        return FetchErrorKind.BAD_CERTIFICATE
    if isinstance(cause, urllib3.exceptions.NewConnectionError):
        return FetchErrorKind.CONNECTION_FAILED
    if isinstance(cause, urllib3.exceptions.TimeoutError | TimeoutError):
        return FetchErrorKind.TIMEOUT
    return FetchErrorKind.INVALID_RESPONSE
