"""A browser without JavaScript: requests, cookies by path, forms.

Unlike browsers, ``requests`` does not send Secure cookies over http to localhost. So this class
stores the tool's cookies itself, by name and path, and sends them to the tool's origin only.
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
    """A form of a page, with its fields and values."""

    action: str = ""
    method: str = "get"
    id: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def with_(self, **changes: str | None) -> "Form":
        """Return a copy with other values; None removes a field."""
        merged = {**self.fields, **changes}
        fields = {name: value for name, value in merged.items() if value is not None}
        return Form(self.action, self.method, self.id, fields, self.buttons)


class _PageParser(HTMLParser):
    """Collect the forms and links of a well-formed page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._open: Form | None = None
        self._area: str | None = None
        self._select: str | None = None
        self._option: str | None = None
        """The select whose value is the text of the present option."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "a" and attributes.get("id"):
            self.links[attributes["id"]] = attributes.get("href", "")
        elif tag == "form":
            method = attributes.get("method", "get").lower()
            self._open = Form(attributes.get("action", ""), method, attributes.get("id", ""))
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(tag, attributes, dict(attrs))

    def _field(self, tag: str, attributes: dict[str, str], raw: dict[str, str | None]) -> None:
        assert self._open is not None
        name, kind = attributes.get("name", ""), attributes.get("type", "text")
        if tag == "button" and name:
            self._open.buttons.append((name, attributes.get("value", "")))
        elif tag == "input" and name:
            if kind in ("checkbox", "radio"):
                if "checked" in raw:
                    self._open.fields[name] = attributes.get("value", "on")
            elif kind not in ("submit", "file"):
                self._open.fields[name] = attributes.get("value", "")
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
            self._open.fields[self._select] = attributes.get("value", "")
            self._option = None if "value" in raw else self._select

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._area:
            self._open.fields[self._area] += data
        elif self._open is not None and self._option:
            self._open.fields[self._option] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = None
        elif tag == "option":
            self._option = None
        elif tag == "select":
            self._select = None


def forms(response: requests.Response) -> list[Form]:
    """Return the forms of a page, with absolute actions."""
    page = _PageParser()
    page.feed(response.text)
    for form in page.forms:
        form.action = urljoin(response.url, form.action)
    return page.forms


def link(response: requests.Response, id_: str) -> str | None:
    """Return the absolute URL of ``<a id=… href=…>``, or None."""
    page = _PageParser()
    page.feed(response.text)
    href = page.links.get(id_)
    return urljoin(response.url, href) if href else None


@dataclass(frozen=True)
class Cookie:
    """A cookie with its attributes in lower case (a flag has the value "")."""

    name: str
    value: str
    path: str
    attributes: Mapping[str, str]


class StepError(AssertionError):
    """The next step is not possible after this response."""


class PlainBrowser:
    """A browser for one tool; requests to platforms have no cookies."""

    def __init__(self, tool_url: str, *, keeps_cookies: bool = True) -> None:
        self.tool_url = tool_url.rstrip("/")
        self.keeps_cookies = keeps_cookies
        self.cookies: dict[tuple[str, str], Cookie] = {}
        self.trail: list[requests.Response] = []
        """All responses, in order."""

    def request(self, method: str, url: str, **more: Any) -> requests.Response:
        """Send one request, without following redirects."""
        url = urljoin(self.tool_url + "/", url)
        headers = dict(more.pop("headers", {}))
        cookies = self._cookies_for(url)
        if cookies:
            headers["Cookie"] = cookies
        more.setdefault("timeout", TIMEOUT)
        with requests.Session() as session:
            session.trust_env = False  # looking for proxies in the environment is slow
            response = session.request(method, url, headers=headers, allow_redirects=False, **more)
        response.encoding = "utf-8"
        self._store_cookies(response)
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

    def _store_cookies(self, response: requests.Response) -> None:
        if not self.keeps_cookies or origin_of(response.url) != origin_of(self.tool_url):
            return
        for line in response.raw.headers.getlist("Set-Cookie"):
            cookie = _parse_cookie(line, urlsplit(response.url).path)
            removed = cookie.attributes.get("max-age") == "0" or not cookie.value
            if removed:
                self.cookies.pop((cookie.name, cookie.path), None)
            else:
                self.cookies[cookie.name, cookie.path] = cookie


def _parse_cookie(line: str, path: str) -> Cookie:
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
