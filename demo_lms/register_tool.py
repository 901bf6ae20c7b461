"""Register a tool without a browser: open its registration URL and submit its confirmation form.

The page "Add a tool" does the same with a browser. The tool's page must work without JavaScript.
"""

import time
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

import requests

from demo_lms.model import Tool
from demo_lms.state import PlatformState

TIMEOUT = (3, 15)
MAX_PAGES = 5


class RegistrationError(Exception):
    """The tool could not be registered."""


def registration_url(state: PlatformState, url: str) -> str:
    """Add ``openid_configuration`` and ``registration_token`` to the tool's URL (§3.2)."""
    values = {"openid_configuration": state.url("/.well-known/openid-configuration")}
    if state.flavour != "brightspace":
        values["registration_token"] = state.new_registration_token()
    parameters = urlencode(values)
    parts = urlsplit(url)
    query = f"{parts.query}&{parameters}" if parts.query else parameters
    return urlunsplit(parts._replace(query=query, fragment=""))


def register_tool(state: PlatformState, url: str, wait: float = 30) -> Tool:
    """Register the tool of this URL; wait up to ``wait`` seconds until it responds."""
    before = set(state.tools)
    session = requests.Session()
    response = _open(session, registration_url(state, url), wait)
    for _ in range(MAX_PAGES):
        for client_id, tool in state.tools.items():
            if client_id not in before:
                return tool
        if response.status_code >= 400:
            break
        form = _confirmation_form(response)
        if form is None:
            break
        action, fields = form
        response = session.post(action, data=fields, timeout=TIMEOUT)
    raise RegistrationError(
        f"The tool at {url.partition('?')[0]} answered {response.status_code} "
        "and did not register itself."
    )


def _open(session: requests.Session, url: str, wait: float) -> requests.Response:
    deadline = time.monotonic() + wait
    while True:
        try:
            response = session.get(url, timeout=TIMEOUT)
            if response.status_code not in (502, 503):
                return response
        except requests.ConnectionError:
            pass
        if time.monotonic() > deadline:
            raise RegistrationError(f"No tool answers at {url.partition('?')[0]}.")
        time.sleep(0.25)


def _confirmation_form(page: requests.Response) -> tuple[str, dict[str, str]] | None:
    """Return URL and fields of the first POST form of the page; None if there is none."""
    parser = _FormParser()
    parser.feed(page.text)
    for method, action, fields in parser.forms:
        if method == "post":
            return urljoin(page.url, action), fields
    return None


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(
                (attributes.get("method", "get").lower(), attributes.get("action", ""), {})
            )
        elif tag in ("input", "button") and attributes.get("name") and self.forms:
            if attributes.get("type") in ("checkbox", "radio") and "checked" not in attributes:
                return
            self.forms[-1][2].setdefault(attributes["name"], attributes.get("value", ""))
