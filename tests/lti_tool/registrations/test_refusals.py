"""A platform that refuses a registration: its reason is shown, whatever its shape."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from demo_lms.register_tool import _confirmation_form
from tests.lti_tool.lti.local_server import LocalServer, Reply, serving
from tests.support.tool import RunningTool, running_tool

LONG = "x" * 5000


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTool]:
    with running_tool(tmp_path_factory.mktemp("refusals")) as running:
        yield running


@pytest.fixture(scope="module")
def platform() -> Iterator[LocalServer]:
    with serving() as server:
        configuration = {
            "issuer": server.url,
            "authorization_endpoint": f"{server.url}/auth",
            "token_endpoint": f"{server.url}/token",
            "jwks_uri": f"{server.url}/jwks",
            "registration_endpoint": f"{server.url}/register",
            "https://purl.imsglobal.org/spec/lti-platform-configuration": {
                "product_family_code": "canvas"
            },
        }
        server.always("GET /configuration", Reply(configuration))
        yield server


@pytest.mark.parametrize(
    ("status", "body", "shown"),
    [
        (400, {"error": "invalid_redirect_uri", "error_description": "No such host"},
         "No such host"),
        (400, {"error": "invalid_client_metadata"}, "invalid_client_metadata"),
        (422, {"errors": ["redirect_uris: is invalid"]}, "redirect_uris: is invalid"),
        (422, {"errors": [{"message": "Scopes are unknown"}, "more"]}, "Scopes are unknown"),
        (422, {"errors": {"message": "One object"}}, "One object"),
        (422, {"errors": "One text"}, "One text"),
        (422, {"errors": []}, ""),
        (422, {"errors": [None, 7, {"message": 7}, "At last"]}, "At last"),
        (422, {"errors": ["<script>alert(1)</script><b>bold</b>"]},
         "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;bold&lt;/b&gt;"),
        (400, {"error_description": "<img src=x onerror=alert(1)>"},
         "&lt;img src=x onerror=alert(1)&gt;"),
        (400, {"error_description": "two\r\nlines\0\u202eand more"}, "two"),
        (400, {"error_description": LONG}, "xxx"),
        (400, [], ""),
        (500, b"<html><h1>secret of the LMS</h1>", ""),
        (503, b"", ""),
        (302, b"", ""),
    ],
)  # fmt: skip
def test_the_reason_of_a_refusal_is_shown(
    tool: RunningTool, platform: LocalServer, status: int, body: Any, shown: str
) -> None:
    """Canvas: https://github.com/instructure/canvas-lms/issues/2396."""
    platform.always("POST /register", Reply(body, status))
    parameters = {"openid_configuration": f"{platform.url}/configuration"}
    page = requests.get(tool.invite(), params=parameters, timeout=20)
    form = _confirmation_form(page)
    assert form is not None
    action, fields = form
    refused = requests.post(action, data=fields, headers={"Accept-Language": "en"}, timeout=20)
    assert refused.status_code == 424
    assert "<h1>" in refused.text
    assert f"refused the registration with the status {status}" in refused.text
    assert shown in refused.text
    assert "<script>alert" not in refused.text
    assert "<img src=x" not in refused.text
    assert "secret of the LMS" not in refused.text
    assert LONG not in refused.text
    assert "\u202e" not in refused.text
    assert "Authorization" not in platform.asked[-1].headers, "no registration token was given"
