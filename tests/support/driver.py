"""An HTTP client that performs launches from the demo LMS into a tool, step by step.

    with Running() as lms:
        lms.state.add_tool(…)
        page = Driver(lms, "http://localhost:8000").launch("maria")

One driver is one browser: two launches of one driver are two tabs, with the same cookies.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from demo_lms.id_tokens import mint
from demo_lms.model import ResourceLink
from demo_lms.oidc import login_fields
from demo_lms.running import Running
from demo_lms.state import origin_of
from demo_lms.vocabulary import DEEP_LINKING, RESOURCE_LINK
from tests.support.plain_browser import Cookie, Form, PlainBrowser, StepError, forms, link

__all__ = ["Cookie", "Driver", "Form", "LoginStep", "StepError", "claims_in", "forms", "link"]

Claims = dict[str, Any]
Mutate = Callable[[Claims], Any]


def claims_in(token: str) -> Claims:
    """Return the claims of a JWT, without verification."""
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


@dataclass(frozen=True)
class LoginStep:
    """A login request and the tool's response, an authentication request."""

    response: requests.Response
    """The tool's response: a redirect, or a page with ``<a id=continue>``."""
    url: str
    """The URL of the authentication request."""
    asked: Mapping[str, str]
    """Its query parameters: client_id, redirect_uri, nonce, state, …"""
    fields: Mapping[str, str]
    """The fields of the login request."""
    cookies: tuple[Cookie, ...]
    """The cookies that the tool set in its response."""

    @property
    def state(self) -> str:
        return self.asked["state"]

    @property
    def nonce(self) -> str:
        return self.asked["nonce"]


class Driver(PlainBrowser):
    """One browser in front of a running demo LMS and one tool."""

    def __init__(self, lms: Running, tool_url: str, *, keeps_cookies: bool = True) -> None:
        super().__init__(tool_url, keeps_cookies=keeps_cookies)
        self.lms = lms

    def resource_link(self, which: ResourceLink | str | None = None) -> ResourceLink:
        """Find a resource link by its id or its course id; None: the first of this tool."""
        if isinstance(which, ResourceLink):
            return which
        links = [p for p in self.lms.state.resource_links.values() if self._is_mine(p)]
        for resource_link in links:
            if which in (None, resource_link.id, resource_link.course_id):
                return resource_link
        raise StepError(f"the demo LMS has no resource link {which} of {self.tool_url}")

    def login(
        self,
        user: str = "maria",
        resource_link: ResourceLink | str | None = None,
        *,
        message_type: str = RESOURCE_LINK,
        language: str | None = None,
        for_user: str | None = None,
        line_item_id: str | None = None,
        method: str = "POST",
        fields: Mapping[str, str | None] | None = None,
    ) -> LoginStep:
        """Start a launch and send the login request to the tool.

        ``fields`` overrides fields of the platform; None omits a field.
        """
        where = self.resource_link(resource_link)
        lms = self.lms.state
        pending = lms.start_launch(
            user,
            where.course_id,
            where.client_id,
            message_type=message_type,
            resource_link_id=None if message_type == DEEP_LINKING else where.id,
            language=language,
            for_user=for_user,
            line_item_id=line_item_id,
        )
        merged: dict[str, str | None] = {**login_fields(lms, pending), **(fields or {})}
        sent = {name: value for name, value in merged.items() if value is not None}
        url = lms.tools[where.client_id].login_url
        before = list(self.cookies.values())
        if method == "POST":
            response = self.request("POST", url, data=sent)
        else:
            response = self.request("GET", url, params=sent)
        authentication_url = self._authentication_url(response)
        new_cookies = tuple(cookie for cookie in self.cookies.values() if cookie not in before)
        query = dict(parse_qsl(urlsplit(authentication_url).query, keep_blank_values=True))
        return LoginStep(response, authentication_url, query, sent, new_cookies)

    def authorize(self, step: LoginStep) -> Form:
        """Send the authentication request; return the form of the platform's response."""
        response = self.request("GET", step.url)
        found = forms(response)
        if response.status_code != 200 or not found:
            raise StepError(f"the platform answers {response.status_code}: {response.text[:500]}")
        return found[0]

    def launch(
        self,
        user: str = "maria",
        resource_link: ResourceLink | str | None = None,
        mutate: Mutate | None = None,
        *,
        sign: Mapping[str, Any] | None = None,
        **login: Any,
    ) -> requests.Response:
        """Perform a complete launch; return the last page, after redirects.

        ``mutate`` receives the claims and returns others (or edits them in place and returns
        None); ``sign`` are arguments of :func:`demo_lms.id_tokens.mint` (key, alg, header).
        """
        form = self.authorize(self.login(user, resource_link, **login))
        return self.submit(self.tampered(form, mutate, sign))

    def deep_link(
        self, user: str = "maria", course: str | None = None, **more: Any
    ) -> requests.Response:
        """Start deep linking; return the tool's page."""
        return self.launch(user, course, message_type=DEEP_LINKING, **more)

    def tampered(
        self, form: Form, mutate: Mutate | None, sign: Mapping[str, Any] | None = None
    ) -> Form:
        """Return the form with a new token, made from changed claims."""
        if mutate is None and sign is None:
            return form
        claims: Any = claims_in(form.fields["id_token"])
        if mutate is not None:
            claims = mutate(claims) or claims
        return form.with_(id_token=mint(self.lms.state, claims, **(sign or {})))

    def _is_mine(self, resource_link: ResourceLink) -> bool:
        tool = self.lms.state.tools[resource_link.client_id]
        return origin_of(tool.target_link_uri) == origin_of(self.tool_url)

    def _authentication_url(self, response: requests.Response) -> str:
        if response.status_code in (302, 303):
            return urljoin(response.url, response.headers["Location"])
        found = link(response, "continue") if response.status_code == 200 else None
        if found is None:
            raise StepError(
                f"the tool refuses the login with {response.status_code}: {response.text[:500]}"
            )
        return found
