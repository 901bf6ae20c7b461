"""A browser without a window: requests, cookies by path, forms. It runs no scripts.

``requests`` does not send Secure cookies over http, as a browser does for localhost; so this keeps
the tool's cookies itself, by name and path, and sends them to the tool's origin only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from demo_lms.state import origin_of

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


@dataclass(frozen=True)
class Cookie:
    """A cookie as the tool set it, attributes lower-cased (a flag's value is "")."""

    name: str
    value: str
    path: str
    attributes: Mapping[str, str]


class StepError(AssertionError):
    """The tool or the platform did not do what the next step needs."""


class PlainBrowser:
    """One browser in front of one tool; platforms are visited without cookies."""

    def __init__(self, tool_url: str, *, keeps_cookies: bool = True) -> None:
        self.tool_url = tool_url.rstrip("/")
        self.keeps_cookies = keeps_cookies
        self.cookies: dict[tuple[str, str], Cookie] = {}
        self.trail: list[requests.Response] = []
        """Every answer, in order."""

    def request(self, method: str, url: str, **more: Any) -> requests.Response:
        """One request, redirects not followed; cookies go to the tool's origin only."""
        url = urljoin(self.tool_url + "/", url)
        headers = dict(more.pop("headers", {}))
        cookies = self._cookies_for(url)
        if cookies:
            headers["Cookie"] = cookies
        more.setdefault("timeout", TIMEOUT)
        response = requests.request(method, url, headers=headers, allow_redirects=False, **more)
        response.encoding = "utf-8"
        self._keep(response)
        self.trail.append(response)
        return response

    def get(self, url: str, **more: Any) -> requests.Response:
        """GET, and follow redirects."""
        return self.follow(self.request("GET", url, **more))

    def post(self, url: str, data: Any = None, **more: Any) -> requests.Response:
        """POST a form, and follow redirects."""
        return self.follow(self.request("POST", url, data=data, **more))

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

    def _cookies_for(self, url: str) -> str:
        if origin_of(url) != origin_of(self.tool_url):
            return ""
        path = urlsplit(url).path or "/"
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
