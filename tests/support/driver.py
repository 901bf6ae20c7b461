"""A person with a browser, without a browser: walks a launch from the demo LMS into a tool.

    with Running() as lms:
        lms.state.add_tool(…)
        page = Driver(lms, "http://localhost:8000").launch("maria")

``requests`` does not send Secure cookies over http, as a browser does for localhost; so the driver
keeps the tool's cookies itself, by name and path. One driver is one browser; ``tabs`` of the same
browser are launches of the same driver; another person's browser is another driver.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from demo_lms.mischief import mint
from demo_lms.model import Placement
from demo_lms.oidc import login_fields
from demo_lms.running import Running
from demo_lms.state import origin_of
from demo_lms.vocabulary import DEEP_LINKING, RESOURCE_LINK

Claims = dict[str, Any]
Mutate = Callable[[Claims], Any]
TIMEOUT = 30


@dataclass
class Form:
    """A form of a page: where it goes, how, and its fields with their values."""

    action: str = ""
    method: str = "get"
    id: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def with_(self, **changes: str | None) -> "Form":
        """A copy with other values; None leaves a field out."""
        merged = {**self.fields, **changes}
        kept = {name: value for name, value in merged.items() if value is not None}
        return Form(self.action, self.method, self.id, kept, self.buttons)


class _Page(HTMLParser):
    """Collects forms and links; enough for pages that are well formed."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._open: Form | None = None
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "a" and at.get("id"):
            self.links[at["id"]] = at.get("href", "")
        elif tag == "form":
            method = at.get("method", "get").lower()
            self._open = Form(at.get("action", ""), method, at.get("id", ""))
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(tag, at, dict(attrs))

    def _field(self, tag: str, at: dict[str, str], raw: dict[str, str | None]) -> None:
        assert self._open is not None
        name, kind = at.get("name", ""), at.get("type", "text")
        if tag == "button" and name:
            self._open.buttons.append((name, at.get("value", "")))
        elif tag == "input" and name:
            if kind in ("checkbox", "radio"):
                if "checked" in raw:
                    self._open.fields[name] = at.get("value", "on")
            elif kind not in ("submit", "file"):
                self._open.fields[name] = at.get("value", "")
        elif tag == "textarea" and name:
            self._area = name
            self._open.fields[name] = ""
        elif tag == "select" and name:
            self._select = name
        elif (
            tag == "option"
            and self._select
            and ("selected" in raw or self._select not in self._open.fields)
        ):
            self._open.fields[self._select] = at.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._area:
            self._open.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None


def forms(response: requests.Response) -> list[Form]:
    """The forms of a page, with absolute actions. Selects give their first value if none is set."""
    page = _Page()
    page.feed(response.text)
    for form in page.forms:
        form.action = urljoin(response.url, form.action)
    return page.forms


def link(response: requests.Response, id_: str) -> str | None:
    """The absolute address of ``<a id=… href=…>``, or None."""
    page = _Page()
    page.feed(response.text)
    href = page.links.get(id_)
    return urljoin(response.url, href) if href else None


def claims_in(token: str) -> Claims:
    """The claims of a JWT, unverified."""
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


@dataclass(frozen=True)
class Cookie:
    """A cookie as the tool set it, attributes lower-cased (a flag's value is "")."""

    name: str
    value: str
    path: str
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class LoginStep:
    """A login that the tool answered: what it asks of the platform."""

    response: requests.Response
    """The tool's answer to the login request: a redirect, or a page with ``<a id=continue>``."""
    address: str
    """The authentication request: the platform's address with its query."""
    asked: Mapping[str, str]
    """The query, decoded: client_id, redirect_uri, nonce, state, …"""
    fields: Mapping[str, str]
    """What was sent to the tool."""
    cookies: tuple[Cookie, ...]
    """The cookies that the tool set by this answer."""

    @property
    def state(self) -> str:
        return self.asked["state"]

    @property
    def nonce(self) -> str:
        return self.asked["nonce"]


class StepError(AssertionError):
    """The tool or the platform did not do what the next step needs."""


class Driver:
    """One browser in front of a running demo LMS and one tool."""

    def __init__(self, lms: Running, tool_url: str, *, keeps_cookies: bool = True) -> None:
        self.lms = lms
        self.tool_url = tool_url.rstrip("/")
        self.keeps_cookies = keeps_cookies
        self.cookies: dict[tuple[str, str], Cookie] = {}
        self.trail: list[requests.Response] = []
        """Every answer, in order."""

    # Single requests ---------------------------------------------------------------------

    def request(self, method: str, address: str, **more: Any) -> requests.Response:
        """One request, redirects not followed; cookies go to the tool's origin only."""
        address = urljoin(self.tool_url + "/", address)
        headers = dict(more.pop("headers", {}))
        cookies = self._cookies_for(address)
        if cookies:
            headers["Cookie"] = cookies
        more.setdefault("timeout", TIMEOUT)
        response = requests.request(method, address, headers=headers, allow_redirects=False, **more)
        response.encoding = "utf-8"
        self._keep(response)
        self.trail.append(response)
        return response

    def get(self, address: str, **more: Any) -> requests.Response:
        """GET, and follow redirects."""
        return self.follow(self.request("GET", address, **more))

    def post(self, address: str, data: Any = None, **more: Any) -> requests.Response:
        """POST a form, and follow redirects."""
        return self.follow(self.request("POST", address, data=data, **more))

    def submit(self, form: Form, **changes: str | None) -> requests.Response:
        """Send a form with some values changed, and follow redirects."""
        fields = form.with_(**changes).fields
        if form.method == "post":
            return self.post(form.action, fields)
        return self.get(form.action, params=fields)

    def follow(self, response: requests.Response) -> requests.Response:
        """Follow redirects to the last page."""
        for _ in range(10):
            if response.status_code not in (301, 302, 303, 307, 308):
                return response
            target = urljoin(response.url, response.headers["Location"])
            response = self.request("GET", target)
        raise StepError("the tool redirects in a circle")

    # A launch, step by step --------------------------------------------------------------

    def placement(self, which: Placement | str | None = None) -> Placement:
        """A placement by itself, its id or its course's id; None is the first of this tool."""
        if isinstance(which, Placement):
            return which
        mine = [p for p in self.lms.state.placements.values() if self._is_mine(p)]
        for placement in mine:
            if which in (None, placement.id, placement.course_id):
                return placement
        raise StepError(f"the demo LMS has no placement {which} of {self.tool_url}")

    def login(
        self,
        person: str = "maria",
        placement: Placement | str | None = None,
        *,
        message_type: str = RESOURCE_LINK,
        language: str | None = None,
        for_user: str | None = None,
        method: str = "POST",
        fields: Mapping[str, str | None] | None = None,
    ) -> LoginStep:
        """Begin at the platform and send the login request to the tool.

        ``fields`` replaces what the platform would send; None leaves a field out.
        """
        where = self.placement(placement)
        lms = self.lms.state
        pending = lms.begin(
            person,
            where.course_id,
            where.client_id,
            message_type=message_type,
            placement_id=None if message_type == DEEP_LINKING else where.id,
            language=language,
            for_user=for_user,
        )
        merged: dict[str, str | None] = {**login_fields(lms, pending), **(fields or {})}
        sent = {name: value for name, value in merged.items() if value is not None}
        address = lms.tools[where.client_id].login_url
        before = list(self.cookies.values())
        if method == "POST":
            response = self.request("POST", address, data=sent)
        else:
            response = self.request("GET", address, params=sent)
        asked_at = self._authentication_address(response)
        fresh = tuple(cookie for cookie in self.cookies.values() if cookie not in before)
        query = dict(parse_qsl(urlsplit(asked_at).query, keep_blank_values=True))
        return LoginStep(response, asked_at, query, sent, fresh)

    def authorize(self, step: LoginStep) -> Form:
        """Take the tool's question to the platform; returns the form that the platform made."""
        response = self.request("GET", step.address)
        found = forms(response)
        if response.status_code != 200 or not found:
            raise StepError(f"the platform answers {response.status_code}: {response.text[:500]}")
        return found[0]

    def launch(
        self,
        person: str = "maria",
        placement: Placement | str | None = None,
        mutate: Mutate | None = None,
        *,
        sign: Mapping[str, Any] | None = None,
        **login: Any,
    ) -> requests.Response:
        """The whole way in; returns the last page, after the tool's redirects.

        ``mutate`` receives the claims and returns others (or edits them in place and returns
        None); ``sign`` are arguments of :func:`demo_lms.mischief.mint` (key, alg, header).
        """
        form = self.authorize(self.login(person, placement, **login))
        return self.submit(self.tampered(form, mutate, sign))

    def deep_link(
        self, person: str = "maria", course: str | None = None, **more: Any
    ) -> requests.Response:
        """Start choosing an activity; returns the tool's page for choosing."""
        return self.launch(person, course, message_type=DEEP_LINKING, **more)

    def tampered(
        self, form: Form, mutate: Mutate | None, sign: Mapping[str, Any] | None = None
    ) -> Form:
        """The platform's form with its token made anew from changed claims."""
        if mutate is None and sign is None:
            return form
        claims: Any = claims_in(form.fields["id_token"])
        if mutate is not None:
            claims = mutate(claims) or claims
        return form.with_(id_token=mint(self.lms.state, claims, **(sign or {})))

    # Within ------------------------------------------------------------------------------

    def _is_mine(self, placement: Placement) -> bool:
        tool = self.lms.state.tools[placement.client_id]
        return origin_of(tool.target_link_uri) == origin_of(self.tool_url)

    def _authentication_address(self, response: requests.Response) -> str:
        if response.status_code in (302, 303):
            return urljoin(response.url, response.headers["Location"])
        found = link(response, "continue") if response.status_code == 200 else None
        if found is None:
            raise StepError(
                f"the tool refuses the login with {response.status_code}: {response.text[:500]}"
            )
        return found

    def _cookies_for(self, address: str) -> str:
        if origin_of(address) != origin_of(self.tool_url):
            return ""
        path = urlsplit(address).path or "/"
        sent = [c for c in self.cookies.values() if _matches(path, c.path)]
        sent.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in sent)

    def _keep(self, response: requests.Response) -> None:
        if not self.keeps_cookies or origin_of(response.url) != origin_of(self.tool_url):
            return
        for line in response.raw.headers.getlist("Set-Cookie"):
            cookie = _parsed(line, urlsplit(response.url).path)
            gone = cookie.attributes.get("max-age") == "0" or not cookie.value
            if gone:
                self.cookies.pop((cookie.name, cookie.path), None)
            else:
                self.cookies[cookie.name, cookie.path] = cookie


def _parsed(line: str, path: str) -> Cookie:
    first, *rest = line.split(";")
    name, _, value = first.strip().partition("=")
    attributes = {}
    for part in rest:
        key, _, setting = part.strip().partition("=")
        attributes[key.lower()] = setting
    default = path.rpartition("/")[0] or "/"
    return Cookie(name, value, attributes.get("path") or default, attributes)


def _matches(path: str, cookie_path: str) -> bool:
    """RFC 6265 §5.1.4."""
    if path == cookie_path:
        return True
    return path.startswith(cookie_path) and (
        cookie_path.endswith("/") or path[len(cookie_path)] == "/"
    )
