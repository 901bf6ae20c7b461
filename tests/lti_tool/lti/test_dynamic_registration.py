"""A tool registers itself: at a server that answers as Moodle did, and at the ways of others."""

import json
from dataclasses import replace
from typing import Any

import pytest

from lti_tool.lti import claim_names
from lti_tool.lti.dynamic_registration import (
    TOOL,
    ToolDescription,
    ToolMessage,
    read_registration_response,
    register,
    registration_request,
)
from lti_tool.lti.http_client import HttpClient
from lti_tool.lti.platform_configuration import (
    PLATFORM,
    PlatformConfiguration,
    check_configuration_origin,
    fetch_configuration,
    read_configuration,
)
from lti_tool.lti.refusal import Code, Refused
from lti_tool.platforms import find_profile
from tests.lti_tool.lti.local_server import LocalServer, Reply
from tests.lti_tool.lti.samples import capture

_THERE = "http://localhost:8100"
LAUNCH = "https://tool.example.org:8443/lti/launch"
DESCRIPTION = ToolDescription(
    public_url="https://tool.example.org:8443",
    login_uri="https://tool.example.org:8443/lti/login",
    launch_uri=LAUNCH,
    jwks_uri="https://tool.example.org:8443/lti/jwks",
    icon_uri="https://tool.example.org:8443/icon.png",
    names={"en": "Minga", "es": "Minga (es)"},
    descriptions={"en": "Modules", "es": "Módulos"},
    language="en",
    messages=(
        ToolMessage("LtiResourceLinkRequest", LAUNCH, {"en": "Open"}),
        ToolMessage("LtiDeepLinkingRequest", LAUNCH, {"en": "Choose", "es": "Elegir"}),
        ToolMessage("DataPrivacyLaunchRequest", LAUNCH, {"en": "Data"}),
    ),
    policy_uri="https://tool.example.org:8443/privacy",
    custom_parameters={"module": "module-4"},
)


def configuration() -> dict[str, Any]:
    body: dict[str, Any] = capture("01-openid-configuration")["body"]
    return body


def platform(**changes: Any) -> PlatformConfiguration:
    read = read_configuration(
        configuration(), f"{_THERE}/mod/lti/openid-configuration.php", find_profile
    )
    changed = replace(read, **changes)
    return replace(changed, profile=find_profile(changed.issuer, changed.product))


def code_of(call: Any) -> Code:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.code


# A real Moodle


@pytest.fixture
def moodle(server: LocalServer) -> LocalServer:
    def there(name: str, status: int) -> Reply:
        text = json.dumps(capture(name)["body"]).replace(_THERE, server.url)
        return Reply(text.encode(), status)

    server.always("GET /configuration", there("01-openid-configuration", 200))
    endpoint = "/mod/lti/openid-registration.php"
    server.always(f"POST {endpoint}", there("04-registration-response", 200))
    return server


def test_registering_at_moodle(moodle: LocalServer, http_client: HttpClient) -> None:
    url = f"{moodle.url}/configuration?site=1"
    found = fetch_configuration(http_client, url, "the-token", find_profile=find_profile)
    assert (found.product, found.issuer) == ("moodle", moodle.url)
    made = register(http_client, found, DESCRIPTION, "the-token")
    assert made.deployment_id == "1"
    assert claim_names.SCORE_SCOPE in made.registration.scopes
    registration = made.registration
    assert registration.client_id == "ZLKlZoC6mMXQfZj"
    assert registration.issuer == moodle.url
    assert registration.authorization_endpoint == f"{moodle.url}/mod/lti/auth.php"
    assert registration.token_endpoint == f"{moodle.url}/mod/lti/token.php"
    assert registration.jwks_uri == f"{moodle.url}/mod/lti/certs.php"
    got, posted = moodle.asked
    assert got.headers["Authorization"] == posted.headers["Authorization"] == "Bearer the-token"
    assert got.query == {"site": "1"}
    assert posted.json() == registration_request(found, DESCRIPTION)


def test_without_a_token(moodle: LocalServer, http_client: HttpClient) -> None:
    fetch_configuration(http_client, f"{moodle.url}/configuration", None, find_profile=find_profile)
    assert "Authorization" not in moodle.asked[0].headers


def test_what_moodle_requires() -> None:
    request = registration_request(platform(), DESCRIPTION)
    assert request["response_types"] == ["id_token"]
    assert request["token_endpoint_auth_method"] == "private_key_jwt"
    assert request["application_type"] == "web"
    assert request["redirect_uris"] == [LAUNCH]
    assert request["client_name"] == "Minga"
    assert request["client_name#es"] == "Minga (es)"
    tool = request[TOOL]
    assert tool["domain"] == "tool.example.org:8443"
    assert tool["description#es"] == "Módulos"
    assert tool["custom_parameters"] == {"module": "module-4"}
    messages = {message["type"]: message for message in tool["messages"]}
    assert set(messages) == {"LtiResourceLinkRequest", "LtiDeepLinkingRequest"}
    assert messages["LtiDeepLinkingRequest"]["placements"] == ["ContentArea"]
    assert messages["LtiDeepLinkingRequest"]["label#es"] == "Elegir"


def test_no_more_is_asked_than_the_platform_has() -> None:
    few = platform(scopes=(claim_names.SCORE_SCOPE,), claims=("sub", "name"))
    request = registration_request(few, DESCRIPTION)
    assert request["scope"] == claim_names.SCORE_SCOPE
    assert request[TOOL]["claims"] == ["sub", "name"]


def test_a_platform_that_does_not_say_what_it_has_is_asked_for_all() -> None:
    request = registration_request(platform(scopes=(), claims=(), messages={}), DESCRIPTION)
    assert len(request["scope"].split()) == 5
    assert len(request[TOOL]["messages"]) == 3


def test_canvas_gets_its_own_keys() -> None:
    canvas = platform(
        issuer="https://canvas.instructure.com",
        product="canvas",
        messages={"LtiDeepLinkingRequest": ("assignment_selection", "editor_button")},
    )
    tool = registration_request(canvas, DESCRIPTION)[TOOL]
    assert tool["https://canvas.instructure.com/lti/privacy_level"] == "public"
    assert tool["https://canvas.instructure.com/lti/tool_id"] == "minga"
    assert "$Canvas.masqueradingUser.id" in tool["custom_parameters"].values()
    (message,) = tool["messages"]
    assert message["placements"] == ["assignment_selection"]


# Configurations that are wrong


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("issuer", None),
        ("issuer", 7),
        ("issuer", "lms"),
        ("issuer", "https://lms.example.edu/?x=1"),
        ("authorization_endpoint", "javascript:1"),
        ("token_endpoint", None),
        ("jwks_uri", []),
        ("registration_endpoint", "/relative"),
    ],
)
def test_a_member_that_is_wrong(member: str, value: Any) -> None:
    with pytest.raises(Refused) as caught:
        read_configuration({**configuration(), member: value}, _THERE, find_profile)
    assert caught.value.code is Code.REGISTRATION_BAD_CONFIGURATION
    assert caught.value.facts["member"] == member


@pytest.mark.parametrize("body", [None, [], 7, "x"])
def test_a_configuration_that_is_none(body: Any) -> None:
    assert code_of(lambda: read_configuration(body, _THERE, find_profile)) is (
        Code.REGISTRATION_BAD_CONFIGURATION
    )


@pytest.mark.parametrize(
    "told", [None, 7, {}, {"messages_supported": 7}, {"messages_supported": [None, {"type": []}]}]
)
def test_what_is_said_of_lti_may_be_anything(told: Any) -> None:
    read = read_configuration({**configuration(), PLATFORM: told}, _THERE, find_profile)
    assert read.messages == {}


def test_a_platform_that_does_not_sign_with_rs256() -> None:
    body = {**configuration(), "id_token_signing_alg_values_supported": ["ES256"]}
    assert (
        code_of(lambda: read_configuration(body, _THERE, find_profile))
        is Code.REGISTRATION_UNSUPPORTED
    )


# Who may speak for an issuer


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://lms.example.edu", "https://lms.example.edu/x"),
        ("https://lms.example.edu/moodle", "https://LMS.example.edu:443/x"),
        ("https://lms.example.edu:443", "https://lms.example.edu/x"),
        ("https://LMS.example.edu", "HTTPS://lms.example.edu/x"),
        ("http://lms.example.edu:80", "http://lms.example.edu/x"),
        ("https://canvas.instructure.com", "https://canvas.instructure.com/x"),
        ("https://canvas.instructure.com", "https://sso.canvaslms.com/x"),
        ("https://canvas.beta.instructure.com", "https://sso.beta.canvaslms.com/x"),
        ("https://canvas.instructure.com", "https://university.instructure.com/x"),
        ("https://blackboard.com", "https://developer.blackboard.com/x"),
    ],
)
def test_addresses_that_may_speak_for_an_issuer(issuer: str, url: str) -> None:
    check_configuration_origin(issuer, find_profile(issuer, None), url)


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://lms.example.edu", "https://evil.example/x"),
        ("https://lms.example.edu", "https://lms.example.edu.evil.example/x"),
        ("https://lms.example.edu", "https://lms.example.edu:8443/x"),
        ("https://lms.example.edu", "http://lms.example.edu/x"),
        ("http://lms.example.edu", "https://lms.example.edu/x"),
        ("http://lms.example.edu:8080", "http://lms.example.edu:8081/x"),
        ("https://lms.example.edu", "https://lms.example.edu./x"),
        ("https://lms.example.edu", "https://www.lms.example.edu/x"),
        ("https://lms.example.edu", "https://example.edu/x"),
        ("https://lms.example.edu", "https://lms.example.edu@evil.example/x"),
        ("https://canvas.instructure.com", "http://university.instructure.com/x"),
        ("https://canvas.instructure.com", "https://university.instructure.com:8443/x"),
        ("https://canvas.instructure.com", "https://instructure.com/x"),
        ("http://canvas.instructure.com", "https://university.instructure.com/x"),
        ("https://canvas.instructure.com:8443", "https://university.instructure.com/x"),
        ("https://blackboard.com", "http://developer.blackboard.com/x"),
        ("https://canvas.instructure.com", "https://evilinstructure.com/x"),
        ("https://canvas.instructure.com", "https://sso.beta.canvaslms.com/x"),
        ("https://canvas.example.edu", "https://sso.canvaslms.com/x"),
        ("https://blackboard.com", "https://evil.example/blackboard.com"),
    ],
)
@pytest.mark.parametrize("product", [None, "canvas", "blackboardlearn"])
def test_addresses_that_may_not(issuer: str, url: str, product: str | None) -> None:
    call = lambda: check_configuration_origin(issuer, find_profile(issuer, product), url)  # noqa: E731
    assert code_of(call) is Code.REGISTRATION_FOREIGN_URL


# Exchanges that fail


@pytest.mark.parametrize("url", [None, "", "file:///etc/passwd", "nothing"])
def test_an_address_that_is_none(http_client: HttpClient, url: str | None) -> None:
    call = lambda: fetch_configuration(http_client, url, None, find_profile=find_profile)  # noqa: E731
    assert code_of(call) is Code.REGISTRATION_BAD_URL


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(b"secret", 500), Code.REGISTRATION_REFUSED),
        (Reply(b"", 302, {"Location": "/configuration"}), Code.REGISTRATION_REFUSED),
        (Reply(b"<html>secret"), Code.REGISTRATION_UNREACHABLE),
        (Reply(b"x" * 2_000_000), Code.REGISTRATION_UNREACHABLE),
        (Reply([]), Code.REGISTRATION_BAD_CONFIGURATION),
    ],
)
def test_a_configuration_that_does_not_come(
    moodle: LocalServer, http_client: HttpClient, reply: Reply, code: Code
) -> None:
    moodle.always("GET /bad", reply)
    with pytest.raises(Refused) as caught:
        fetch_configuration(
            http_client, f"{moodle.url}/bad?token=secret", None, find_profile=find_profile
        )
    assert caught.value.code is code
    assert "secret" not in str(caught.value)


def test_a_platform_on_a_private_address() -> None:
    url, client = "https://127.0.0.1/x", HttpClient()
    call = lambda: fetch_configuration(client, url, None, find_profile=find_profile)  # noqa: E731
    assert code_of(call) is Code.REGISTRATION_UNREACHABLE


@pytest.mark.parametrize(
    "body", [None, [], {}, {"client_id": 7}, {"client_id": ""}, {"client_id": "c" * 300}]
)
def test_an_answer_without_a_client_id(body: Any) -> None:
    assert (
        code_of(lambda: read_registration_response(body, platform()))
        is Code.REGISTRATION_BAD_RESPONSE
    )


@pytest.mark.parametrize(
    "told", [None, 7, {}, {"deployment_id": 7}, {"deployment_id": ""}, {"deployment_id": "a\0"}]
)
def test_a_deployment_may_come_later(told: Any) -> None:
    made = read_registration_response({"client_id": "c", TOOL: told, "scope": 7}, platform())
    assert (made.deployment_id, made.registration.scopes) == (None, ())
