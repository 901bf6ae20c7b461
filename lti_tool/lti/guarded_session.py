"""A ``requests`` session that sends everything through the tool's own HTTP client.

``pylti1p3`` is given this session: then its requests have the limits and the SSRF guard of
:mod:`lti_tool.lti.http_client` too.
"""

from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from lti_tool.lti.http_client import HttpClient

MAX_BODY = 5_000_000
"""Bytes of a response of a service."""


class GuardedSession(requests.Session):
    """Follows no redirect, sends no cookies and no default headers, reads no environment."""

    def __init__(self, http_client: HttpClient) -> None:
        super().__init__()
        self.trust_env = False
        self.headers.clear()
        adapter = _GuardedAdapter(http_client)
        for prefix in list(self.adapters):
            self.mount(prefix, adapter)

    def request(self, *args: Any, **options: Any) -> requests.Response:
        """Send a request. Raises FetchError where there is no usable response."""
        options["allow_redirects"] = False
        try:
            return super().request(*args, **options)
        finally:
            self.cookies.clear()


class _GuardedAdapter(BaseAdapter):
    def __init__(self, http_client: HttpClient) -> None:
        super().__init__()
        self._http_client = http_client

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        body = request.body
        received = self._http_client.request(
            request.method or "GET",
            request.url or "",
            headers=dict(request.headers),
            body=body.encode() if isinstance(body, str) else body,
            size_limit=MAX_BODY,
        )
        response = requests.Response()
        response.status_code = received.status
        response.headers = CaseInsensitiveDict(received.headers)
        response.encoding = "utf-8"
        response.url = request.url or ""
        response.request = request
        response._content = received.body
        response._content_consumed = True  # type: ignore[attr-defined]
        return response

    def close(self) -> None:
        """The connections belong to the HTTP client."""
