"""Launches with given claims, each in its own tab."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from demo_lms import vocabulary as lti
from tests.support.driver import Driver, Form, forms
from tests.support.site import Site


@dataclass
class Tab:
    """An open launch session in a browser."""

    browser: Driver
    page: requests.Response
    path: str
    token: str

    def get(self, path: str = "") -> requests.Response:
        """GET a page of this session, and follow redirects."""
        return self.browser.get(self.path + path)

    def post(self, path: str, **fields: Any) -> requests.Response:
        """POST in this session, without following redirects."""
        data = {"token": self.token, **fields}
        return self.browser.request("POST", self.path + path, data=data)

    def choose(self, module: str) -> requests.Response:
        """Choose the module of the resource link."""
        return self.post("choose", module=module)

    def composer(self, page: requests.Response | None = None) -> Form:
        """Return the composer form of a page."""
        [form] = [each for each in forms(page or self.page) if "draft_key" in each.fields]
        return form

    def write(self, text: str) -> requests.Response:
        """Publish a post with the composer of the first page."""
        return self.browser.submit(self.composer(), text=text)


def opened(
    home: Site,
    link: str,
    *,
    user: str = "joao",
    role: str | None = None,
    roles: Sequence[str] | None = None,
    context: str | None = "coop-101",
    title: str = "",
    browser: Driver | None = None,
    target: str | None = None,
    custom: dict[str, str] | None = None,
    **claims: Any,
) -> Tab:
    """Launch the resource link ``link`` from ``context`` (None: without one).

    ``role`` is the short name of a course role. ``claims`` overrides top-level claims; None removes
    one.
    """

    def change(given: dict[str, Any]) -> None:
        given[lti.LTI + "resource_link"] = {"id": link, "title": "An activity"}
        given[lti.LTI + "custom"] = custom or {}
        if context is None:
            given.pop(lti.LTI + "context")
        else:
            given[lti.LTI + "context"] = {"id": context, "title": title or context}
        if roles is not None:
            given[lti.LTI + "roles"] = list(roles)
        elif role is not None:
            given[lti.LTI + "roles"] = [lti.MEMBERSHIP + role]
        if target is not None:
            given[lti.LTI + "target_link_uri"] = target
        for name, value in claims.items():
            given[name] = value
            if value is None:
                del given[name]

    browser = browser or home.browser()
    fields = {"target_link_uri": target} if target else {}
    page = browser.launch(user, mutate=change, fields=fields, language="en")
    path = "/".join(urlsplit(page.url).path.split("/")[:3]) + "/"
    token = page.text.split('name="minga-token" content="')[1].split('"')[0]
    return Tab(browser, page, path, token)
