"""Calls to the services of a platform: with an access token, a media type and paging.

LTI Security Framework 1.0 §4 (https://www.imsglobal.org/spec/security/v1p0/#securing_web_services).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.lti import service_errors
from lti_tool.lti.http_client import FetchError, FetchErrorKind, HttpClient, HttpResponse
from lti_tool.lti.link_header import next_link
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_errors import ServiceError
from lti_tool.lti.tokens import AccessTokens
from lti_tool.lti.urls import host, origin

MAX_PAGES = 100
"""Pages of a list that are read; a longer list is reported as incomplete."""
MAX_PAGE_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Services:
    """Client for the services of one registered platform."""

    registration: Registration
    http_client: HttpClient
    tokens: AccessTokens

    def call(
        self,
        method: str,
        url: str,
        *,
        scopes: Sequence[str],
        needed: Sequence[str],
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> HttpResponse:
        """Send a request with a token for ``scopes``; return a response of any status but 401.

        At least one of the scopes in ``needed`` must have been granted. After a 401 the token is
        renewed and the request is sent once more. Raises ServiceError.
        """
        for attempt in (1, 2):
            token = self.tokens.get(self.registration, scopes)
            if not set(needed) & set(token.scopes):
                raise ServiceError(FetchErrorKind.SCOPE_NOT_GRANTED, host(url))
            sent = {**headers, "Authorization": f"Bearer {token.value}"}
            try:
                response = self.http_client.request(
                    method, url, headers=sent, body=body, size_limit=MAX_PAGE_BYTES
                )
            except FetchError as error:
                raise service_errors.from_fetch_error(error) from error
            if response.status != 401:
                return response
            self.tokens.forget(self.registration, scopes)
            if attempt == 2:
                break
        raise self.error(response)

    def error(self, response: HttpResponse) -> ServiceError:
        """The error that a response without success stands for."""
        return service_errors.from_response(response, self.registration.profile)

    def read_page(
        self, url: str, *, scopes: Sequence[str], needed: Sequence[str], accept: str
    ) -> tuple[Any, str | None]:
        """GET one page as JSON; return it with the URL of the next one. Raises ServiceError."""
        response = self.call("GET", url, scopes=scopes, needed=needed, headers={"Accept": accept})
        if not response.ok:
            raise self.error(response)
        header = self.registration.profile.repair_link_header(response.headers.get("link", ""))
        return json_of(response), next_link(header, url)

    def read_all_pages(
        self,
        url: str,
        *,
        scopes: Sequence[str],
        needed: Sequence[str],
        accept: str,
        max_pages: int = MAX_PAGES,
    ) -> tuple[list[Any], bool]:
        """GET all pages; return them, and whether the list is complete. Raises ServiceError.

        A next page on another origin is not followed, because it would receive the access token.
        """
        pages: list[Any] = []
        seen: set[str] = set()
        next_url: str | None = url
        while next_url is not None and next_url not in seen and len(pages) < max_pages:
            if origin(next_url) != origin(url):
                return pages, False
            seen.add(next_url)
            page, next_url = self.read_page(next_url, scopes=scopes, needed=needed, accept=accept)
            pages.append(page)
        return pages, next_url is None or next_url in seen


def json_of(response: HttpResponse) -> Any:
    """The JSON body of a response. Raises ServiceError."""
    try:
        return response.json()
    except FetchError as error:
        raise service_errors.from_fetch_error(error) from error


def wanted_scopes(ours: Sequence[str], offered: Sequence[str]) -> tuple[str, ...]:
    """The scopes to request: ours, limited to those that the launch says are granted, if any."""
    granted = tuple(scope for scope in ours if scope in offered)
    return granted or tuple(ours)
