"""How every service of a platform is called: with a token, by its media type, page after page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.lti.http_client import Answer, Outbound, Trouble, Unreachable
from lti_tool.lti.link_header import next_link
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_errors import ServiceFailed, refused, unreachable
from lti_tool.lti.tokens import AccessTokens
from lti_tool.lti.urls import host, origin

PAGES = 100
"""Pages of a list that are followed; what lies beyond is reported as missing."""
PAGE_LIMIT = 5_000_000
"""Bytes of one page."""


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one registered platform, as they are called."""

    registration: Registration
    outbound: Outbound
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
    ) -> Answer:
        """An answer of any status but 401; one of ``needed`` must have been granted.

        A token that is not taken is renewed, once. Raises ServiceFailed.
        """
        for attempt in (1, 2):
            token = self.tokens.get(self.registration, scopes)
            if not set(needed) & set(token.scopes):
                raise ServiceFailed(Trouble.NOT_GRANTED, host(url))
            sent = {**headers, "Authorization": f"Bearer {token.value}"}
            try:
                answer = self.outbound.request(
                    method, url, headers=sent, body=body, size_limit=PAGE_LIMIT
                )
            except Unreachable as error:
                raise unreachable(error) from error
            if answer.status != 401:
                return answer
            self.tokens.forget(self.registration, scopes)
            if attempt == 2:
                break
        raise refused(answer)

    def read(
        self, url: str, *, scopes: Sequence[str], needed: Sequence[str], accept: str
    ) -> tuple[Any, str | None]:
        """One page as JSON, and the address of the next. Raises ServiceFailed."""
        answer = self.call("GET", url, scopes=scopes, needed=needed, headers={"Accept": accept})
        if not answer.ok:
            raise refused(answer)
        return json_of(answer), next_link(answer.headers.get("link", ""), url)

    def read_all(
        self,
        url: str,
        *,
        scopes: Sequence[str],
        needed: Sequence[str],
        accept: str,
        pages: int = PAGES,
    ) -> tuple[list[Any], bool]:
        """All pages, and whether they are all there is. Raises ServiceFailed.

        A next page on another origin is not followed: it would be handed the token.
        """
        found: list[Any] = []
        seen: set[str] = set()
        following: str | None = url
        while following is not None and following not in seen and len(found) < pages:
            if origin(following) != origin(url):
                return found, False
            seen.add(following)
            page, following = self.read(following, scopes=scopes, needed=needed, accept=accept)
            found.append(page)
        return found, following is None or following in seen


def json_of(answer: Answer) -> Any:
    """The JSON of an answer. Raises ServiceFailed."""
    try:
        return answer.json()
    except Unreachable as error:
        raise unreachable(error) from error


def wanted_scopes(ours: Sequence[str], offered: Sequence[str]) -> tuple[str, ...]:
    """The scopes to ask a token for: ours, as far as the launch said that they are granted."""
    granted = tuple(scope for scope in ours if scope in offered)
    return granted or tuple(ours)
