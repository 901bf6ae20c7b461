"""The connection of pylti1p3's service classes to a platform.

The classes of pylti1p3 (``AssignmentsGradesService``, ``NamesRolesProvisioningService``,
``CourseGroupsService``) send every request through a ``ServiceConnector``. This one differs from
the library's in what the table of misbehaving platforms (``test_service_connector.py``) asks for:

- Requests go through the guarded HTTP client; errors are :class:`ServiceError`, without bodies.
- Access tokens come from the shared cache; a token that a service rejects is renewed once.
- The platform's ``Retry-After`` stops the calls of every process.
- The ``Link`` header may have curly quotes and ``&amp;``, other parameters before ``rel``, and
  relative URLs; it is repaired and resolved.
- Pages of a list must be on one origin, because a request carries the token, and must end.
- A write may be answered by a body that is not JSON. PUT and DELETE exist.

LTI Security Framework 1.0 §4 (https://www.imsglobal.org/spec/security/v1p0/#securing_web_services).
"""

import copy
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self, TypeVar

import requests
from pylti1p3.registration import Registration as LibraryRegistration
from pylti1p3.service_connector import ServiceConnector, TServiceConnectorResponse

from lti_tool.lti import service_errors
from lti_tool.lti.guarded_session import GuardedSession
from lti_tool.lti.http_client import FetchError, FetchErrorKind, HttpClient
from lti_tool.lti.link_header import next_link
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_errors import ServiceError
from lti_tool.lti.service_log import ServiceLog, service_of
from lti_tool.lti.tokens import AccessToken, AccessTokens
from lti_tool.lti.urls import host, origin

_ABOUT_ONE_REQUEST = (400, 404, 409, 410, 422)
"""Statuses that say nothing about whether the service works."""
MAX_PAGES = 100
"""Pages of a list that are read."""
_MOST_READ_OF_ERRORS = 10_000
_SAME_CLOCK = timedelta(seconds=2)


class PlatformClock:
    """The platform's time, from the ``Date`` header of its latest response (to a second)."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def read(self, date: str) -> None:
        """Compare a ``Date`` header with this machine's clock; anything else is ignored."""
        try:
            moment = parsedate_to_datetime(date)
        except ValueError:
            return
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        offset = moment - datetime.now(UTC)
        self._offset = offset if abs(offset) > _SAME_CLOCK else timedelta()

    def now(self) -> datetime:
        """The present moment by the platform's clock."""
        return datetime.now(UTC) + self._offset


class PlatformConnector(ServiceConnector):
    """Calls the services of one registered platform. Not for several threads at once."""

    def __init__(
        self,
        registration: Registration,
        http_client: HttpClient,
        tokens: AccessTokens,
        log: ServiceLog | None = None,
    ) -> None:
        super().__init__(LibraryRegistration(), GuardedSession(http_client))
        self.registration = registration
        self.tokens = tokens
        self._log = log
        self._needed: tuple[str, ...] = ()
        self.clock = PlatformClock()

    def needing(self, *scopes: str) -> Self:
        """A connector whose calls fail unless the token has one of these scopes.

        A platform may grant fewer scopes than were requested, and then answers 403 at best.
        """
        connector = copy.copy(self)
        connector._needed = scopes
        return connector

    def get_access_token(self, scopes: Sequence[str]) -> str:
        """The value of a token for these scopes. Raises ServiceError."""
        return self._token(scopes).value

    def make_service_request(
        self,
        scopes: Sequence[str],
        url: str,
        *,
        is_post: bool = False,
        data: str | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        case_insensitive_headers: bool = False,
        method: str | None = None,
    ) -> TServiceConnectorResponse:
        """Send a request; return its response if it succeeded. Raises ServiceError.

        The result is recorded for the service of the scopes.
        """
        service = service_of(scopes)
        try:
            response = self._request(
                scopes, url, method or ("POST" if is_post else "GET"), data, content_type, accept
            )
        except ServiceError as error:
            unanswered = error.status not in _ABOUT_ONE_REQUEST
            if self._log and service and unanswered and error.kind is not FetchErrorKind.PAUSED:
                problem = f"{error.kind} {error.status or ''}".strip()
                self._log.failed(self.registration.stored_id, service, problem)
            raise
        if self._log and service:
            self._log.worked(self.registration.stored_id, service)
        return response

    def _request(
        self,
        scopes: Sequence[str],
        url: str,
        method: str,
        data: str | None,
        content_type: str,
        accept: str,
    ) -> TServiceConnectorResponse:
        """Send a request, with a token for the scopes.

        After a 401 the token is renewed and the request is sent once more.
        """
        headers = {"Accept": accept}
        if method in ("POST", "PUT"):
            headers["Content-Type"] = content_type
        token = self._token(scopes, url)
        response = self._send(method, url, token, headers, data)
        if response.status_code == 401:
            token = self.tokens.renew(self.registration, scopes, token)
            response = self._send(method, url, token, headers, data)
        if not 200 <= response.status_code < 300:
            error = service_errors.from_response(
                response.status_code,
                response.headers,
                host(url),
                self.registration.profile,
                body=response.text[:_MOST_READ_OF_ERRORS],
            )
            self.tokens.pause_after(self.registration, error)
            raise error
        return {
            "headers": response.headers,
            "body": _body(response, url, required=method == "GET"),
            "next_page_url": self._next_page(response, url),
        }

    def get_paginated_data(
        self, scopes: Sequence[str], url: str | None, *args: Any, **options: Any
    ) -> Generator[TServiceConnectorResponse, None, None]:
        """Yield the pages of a list. Raises ServiceError, as :func:`pages`."""

        def read(page_url: str) -> tuple[TServiceConnectorResponse, str | None]:
            page = self.make_service_request(scopes, page_url, *args, **options)
            return page, page["next_page_url"]

        if url is not None:
            yield from pages(read, url)

    def _token(self, scopes: Sequence[str], url: str = "") -> AccessToken:
        token = self.tokens.get(self.registration, scopes)
        if self._needed and not set(self._needed) & set(token.scopes):
            raise ServiceError(FetchErrorKind.SCOPE_NOT_GRANTED, host(url))
        return token

    def _send(
        self, method: str, url: str, token: AccessToken, headers: dict[str, str], data: str | None
    ) -> requests.Response:
        self.tokens.check_pause(self.registration)
        sent = {**headers, "Authorization": f"Bearer {token.value}"}
        try:
            response = self._requests_session.request(
                method, url, data=data.encode() if data else None, headers=sent
            )
        except FetchError as error:
            raise service_errors.from_fetch_error(error) from error
        except requests.RequestException:  # a URL that requests itself does not accept
            raise ServiceError(FetchErrorKind.BAD_URL, host(url)) from None
        self.clock.read(response.headers.get("date", ""))
        return response

    def _next_page(self, response: requests.Response, url: str) -> str | None:
        header = response.headers.get("link", "")
        return next_link(self.registration.profile.repair_link_header(header), url)


T = TypeVar("T")


def pages(
    read: Callable[[str], tuple[T, str | None]], url: str, *, most: int = MAX_PAGES
) -> Iterator[T]:
    """Read the pages of a list to its end, one at a time, and yield them.

    ``read`` returns a page and the URL of the next one. Raises ServiceError: a next page on another
    origin is not requested, because the request would carry the access token; pages that lead to
    each other, or more than ``most``, are no list.
    """
    seen: set[str] = set()
    next_url: str | None = url
    while next_url is not None:
        if origin(next_url) != origin(url):
            raise ServiceError(FetchErrorKind.FOREIGN_PAGE, host(url))
        if next_url in seen or len(seen) == most:
            raise ServiceError(FetchErrorKind.ENDLESS, host(url))
        seen.add(next_url)
        page, next_url = read(next_url)
        yield page


def wanted_scopes(ours: Sequence[str], offered: Sequence[str]) -> tuple[str, ...]:
    """The scopes to request: ours, limited to those that the launch says are granted, if any."""
    granted = tuple(scope for scope in ours if scope in offered)
    return granted or tuple(ours)


def _body(response: requests.Response, url: str, *, required: bool) -> Any:
    """The JSON body. Some platforms answer a write with a word or a page, which says nothing."""
    if not response.content:
        return None
    try:
        return response.json()
    except (ValueError, RecursionError):
        if required:
            raise ServiceError(FetchErrorKind.INVALID_RESPONSE, host(url)) from None
        return None
