"""Launches with chosen claims, and the page that each of them opens in a tab."""

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
    """A launch that is open in a browser."""

    browser: Driver
    page: requests.Response
    path: str
    token: str

    def get(self, path: str = "") -> requests.Response:
        """A page of this launch, redirects followed."""
        return self.browser.get(self.path + path)

    def post(self, path: str, **fields: Any) -> requests.Response:
        """A change in this launch, redirects not followed."""
        data = {"token": self.token, **fields}
        return self.browser.request("POST", self.path + path, data=data)

    def choose(self, module: str) -> requests.Response:
        """Choose the placement's module as an instructor does."""
        return self.post("choose", module=module)

    def composer(self, page: requests.Response | None = None) -> Form:
        """The form of a page in which a post is written."""
        [form] = [each for each in forms(page or self.page) if "draft_key" in each.fields]
        return form

    def write(self, text: str) -> requests.Response:
        """Publish a post with the form of the page that was opened first."""
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
    """Launch the resource link ``link`` from ``context`` (None: without one), and keep the tab.

    ``role`` is a course role by its short name. ``claims`` replaces top-level claims; None leaves
    one out.
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
