"""Dynamic registration."""

from typing import Any

import pytest
import requests

from demo_lms import vocabulary as lti
from demo_lms.register_tool import RegistrationError, register_tool
from demo_lms.running import Running
from tests.support.driver import Driver, forms
from tests.support.fake_tool import FakeTool


@pytest.fixture
def free_tool(tool_server: FakeTool) -> FakeTool:
    """The test tool, not registered."""
    tool_server.platforms = {}
    tool_server.launches.clear()
    return tool_server


def register(lms: Running, body: Any, token: str | None = None) -> requests.Response:
    return requests.post(
        lms.url + "/lti/registrations",
        json=body,
        headers={"Authorization": f"Bearer {token or lms.state.new_registration_token()}"},
        timeout=10,
    )


def test_a_registered_tool_is_active_at_once(lms: Running, free_tool: FakeTool) -> None:
    tool = register_tool(lms.state, free_tool.url + "/lti/register/code?lang=es")
    assert free_tool.registered["client_id"] == tool.client_id
    config = free_tool.registered[lti.TOOL_CONFIGURATION]
    assert config["deployment_id"] == tool.deployment_id
    assert set(free_tool.registered["scope"].split()) == set(lti.SCOPES)
    assert (tool.shares_names, tool.shares_email) == (True, True)
    page = Driver(lms, free_tool.url).launch("joao")
    assert page.status_code == 200
    custom = free_tool.launches[0][lti.LTI + "custom"]
    assert custom == {
        "who": "João Araújo", "odd": "$No.such.variable", "module": "module-4",
    }  # fmt: skip


def test_a_registration_token_is_accepted_once(lms: Running, free_tool: FakeTool) -> None:
    token = lms.state.new_registration_token()
    request = free_tool.registration_request()
    assert register(lms, request, token).status_code == 201
    assert register(lms, request, token).status_code == 401
    assert register(lms, request, "made-up").status_code == 401
    lms.state.registration_tokens["old"] = 1.0
    assert register(lms, request, "old").status_code == 401
    assert len(lms.state.tools) == 1


CONFIG = lti.TOOL_CONFIGURATION


@pytest.mark.parametrize(
    "changes",
    [
        {"response_types": ["code"]},
        {"response_types": None},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"grant_types": ["implicit"]},
        {"application_type": "native"},
        {"redirect_uris": []},
        {"redirect_uris": "http://localhost/"},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"initiate_login_uri": None},
        {"jwks_uri": "keys"},
        {"client_name": ""},
        {CONFIG: None},
        {CONFIG: {"domain": "localhost"}},
        {CONFIG: {"domain": "evil.example", "target_link_uri": "http://localhost:1/"}},
    ],
    ids=str,
)
def test_an_invalid_request_keeps_its_token(
    lms: Running, free_tool: FakeTool, changes: dict[str, Any]
) -> None:
    token = lms.state.new_registration_token()
    answer = register(lms, {**free_tool.registration_request(), **changes}, token)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_client_metadata"
    assert not lms.state.tools
    assert token in lms.state.registration_tokens


def test_moodle_requires_the_port_in_the_domain(lms: Running, free_tool: FakeTool) -> None:
    request = free_tool.registration_request()
    request[CONFIG]["domain"] = "localhost"
    assert register(lms, request).status_code == 201
    lms.state.flavour = "moodle"
    assert register(lms, request).status_code == 400
    assert register(lms, free_tool.registration_request()).status_code == 200


def test_only_requested_scopes_are_granted(lms: Running, free_tool: FakeTool) -> None:
    request = free_tool.registration_request() | {"scope": f"{lti.SCOPE_SCORE} unknown"}
    assert register(lms, request).json()["scope"] == lti.SCOPE_SCORE


def test_a_body_must_be_an_object(lms: Running) -> None:
    assert register(lms, ["a"]).status_code == 400


def test_the_page_opens_the_registration_url_in_a_frame(lms: Running, free_tool: FakeTool) -> None:
    url = free_tool.url + "/lti/register/code?a=1"
    page = requests.post(lms.url + "/tools", data={"url": url}, timeout=10)
    assert page.status_code == 200
    assert f'src="{free_tool.url}/lti/register/code?a=1&amp;openid_configuration=' in page.text
    assert "registration_token=" in page.text
    assert len(lms.state.registration_tokens) == 1


def test_an_invalid_url(lms: Running) -> None:
    page = requests.post(lms.url + "/tools", data={"url": "lti/register"}, timeout=10)
    assert page.status_code == 400
    assert "Paste the whole registration URL" in page.text


def test_forms_of_other_sites_are_rejected(lms: Running, tool: FakeTool, client_id: str) -> None:
    remove = f"{lms.url}/tools/{client_id}/remove"
    foreign = requests.post(remove, headers={"Origin": "https://evil.example"}, timeout=10)
    assert foreign.status_code == 403
    assert client_id in lms.state.tools
    page = requests.get(lms.url + "/tools", timeout=10)
    assert [f.action for f in forms(page)][-1] == remove
    requests.post(remove, headers={"Origin": lms.url}, timeout=10)
    assert not lms.state.tools
    assert not lms.state.resource_links


def test_a_tool_that_does_not_respond(lms: Running) -> None:
    with pytest.raises(RegistrationError, match="No tool answers"):
        register_tool(lms.state, "http://127.0.0.1:9/lti/register/code", wait=0)


def test_a_tool_that_rejects_the_registration(lms: Running, free_tool: FakeTool) -> None:
    with pytest.raises(RegistrationError, match="answered 404"):
        register_tool(lms.state, free_tool.url + "/nothing/here")
