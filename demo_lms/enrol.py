"""Adds a tool with no browser: opens its registration address and presses what it asks for.

A person does the same on the page "Add a tool". The tool's page is plain HTML: a form with
hidden fields and a button, which is sent as it is.
"""

import time
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

import requests

from demo_lms.model import Tool
from demo_lms.state import State

TIMEOUT = (3, 15)
MAX_PAGES = 5


class EnrolError(Exception):
    """Why the tool could not be added, in a sentence."""


def registration_url(state: State, url: str) -> str:
    """The tool's address with ``openid_configuration`` and ``registration_token`` added (§3.2)."""
    added = urlencode(
        {
            "openid_configuration": state.url("/.well-known/openid-configuration"),
            "registration_token": state.new_registration_token(),
        }
    )
    parts = urlsplit(url)
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query, fragment=""))


def enrol(state: State, url: str, wait: float = 30) -> Tool:
    """Register the tool of this address; waits up to ``wait`` seconds for it to come up."""
    before = set(state.tools)
    session = requests.Session()
    answer = _opened(session, registration_url(state, url), wait)
    for _ in range(MAX_PAGES):
        for client_id, tool in state.tools.items():
            if client_id not in before:
                return tool
        if answer.status_code >= 400:
            break
        form = _confirming(answer)
        if form is None:
            break
        action, fields = form
        answer = session.post(action, data=fields, timeout=TIMEOUT)
    raise EnrolError(
        f"The tool at {url.partition('?')[0]} answered {answer.status_code} "
        "and did not register itself."
    )


def _opened(session: requests.Session, url: str, wait: float) -> requests.Response:
    until = time.monotonic() + wait
    while True:
        try:
            answer = session.get(url, timeout=TIMEOUT)
            if answer.status_code not in (502, 503):
                return answer
        except requests.ConnectionError:
            pass
        if time.monotonic() > until:
            raise EnrolError(f"No tool answers at {url.partition('?')[0]}.")
        time.sleep(0.25)


def _confirming(page: requests.Response) -> tuple[str, dict[str, str]] | None:
    """The first form of the page that is sent by POST: its address and fields."""
    reader = _Forms()
    reader.feed(page.text)
    for method, action, fields in reader.forms:
        if method == "post":
            return urljoin(page.url, action), fields
    return None


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((at.get("method", "get").lower(), at.get("action", ""), {}))
        elif tag in ("input", "button") and at.get("name") and self.forms:
            if at.get("type") in ("checkbox", "radio") and "checked" not in at:
                return
            self.forms[-1][2].setdefault(at["name"], at.get("value", ""))
