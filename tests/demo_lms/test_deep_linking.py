"""The response to deep linking is believed only when every part of it is right."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests

from demo_lms import vocabulary as lti
from demo_lms.running import Running
from tests.support.driver import Driver
from tests.support.fake_tool import FakeTool
from tests.support.rsa_keys import generate_private_key

ACTIVITY = {
    "type": "ltiResourceLink",
    "title": "História da cooperativa «São José» & Cia",
    "custom": {"module": "how-to"},
    "lineItem": {"scoreMaximum": 20, "label": "Participação", "resourceId": "how-to", "tag": "t"},
    "iframe": {"width": 800, "height": 900},
    "submission": {"endDateTime": "2030-01-01T00:00:00Z"},
}


@pytest.fixture
def request_(driver: Driver, tool: FakeTool) -> dict[str, Any]:
    """The claims of a deep-linking request."""
    assert driver.deep_link("maria", "coop-101").status_code == 200
    return tool.launches[-1]


def claims(asked: dict[str, Any], items: Any, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    settings = asked[lti.DL_SETTINGS]
    response = {
        "iss": asked["aud"],
        "aud": asked["iss"],
        "iat": now,
        "exp": now + 300,
        "nonce": secrets.token_hex(8),
        lti.LTI + "deployment_id": asked[lti.LTI + "deployment_id"],
        lti.LTI + "message_type": "LtiDeepLinkingResponse",
        lti.LTI + "version": "1.3.0",
        lti.DL + "content_items": items,
        **({lti.DL + "data": settings["data"]} if "data" in settings else {}),
        **changes,
    }
    return {name: value for name, value in response.items() if value is not None}


def send(asked: dict[str, Any], token: str) -> requests.Response:
    url = asked[lti.DL_SETTINGS]["deep_link_return_url"]
    return requests.post(url, data={"JWT": token}, timeout=10)


def test_the_settings_of_the_request(request_: dict[str, Any]) -> None:
    assert request_[lti.LTI + "message_type"] == lti.DEEP_LINKING
    assert lti.LTI + "resource_link" not in request_
    settings = request_[lti.DL_SETTINGS]
    assert settings["accept_types"] == ["ltiResourceLink", "link", "file"]
    assert settings["accept_multiple"] is True
    assert settings["data"]


def test_activities_and_line_items_are_created(
    lms: Running, tool: FakeTool, request_: dict[str, Any]
) -> None:
    link = {"type": "link", "url": "https://example.org/guide", "title": "Guía"}
    response = send(request_, tool.sign(claims(request_, [ACTIVITY, link])))
    assert response.status_code == 200
    assert "História da cooperativa «São José» &amp; Cia" in response.text
    _, made, away = lms.state.resource_links_of("coop-101")
    assert (made.custom, made.frame_height) == ({"module": "how-to"}, 900)
    item = lms.state.line_items[made.line_item_id or ""]
    assert (item.label, item.score_maximum, item.tag) == ("Participação", 20, "t")
    assert (item.resource_link_id, item.end) == (made.id, "2030-01-01T00:00:00Z")
    assert away.is_link
    page = requests.get(lms.url + "/courses/coop-101", timeout=10).text
    assert "«São José» &amp; Cia" in page
    assert "https://example.org/guide" in page


def test_an_added_activity_can_be_launched(
    lms: Running, tool: FakeTool, driver: Driver, request_: dict[str, Any]
) -> None:
    send(request_, tool.sign(claims(request_, [ACTIVITY])))
    driver.launch("joao", lms.state.resource_links_of("coop-101")[1])
    launched = tool.launches[-1]
    assert launched[lti.LTI + "custom"] == {"module": "how-to"}
    assert launched[lti.AGS_ENDPOINT]["lineitem"]


def test_an_empty_response_and_its_message_are_shown(
    tool: FakeTool, request_: dict[str, Any]
) -> None:
    said = {lti.DL + "msg": "Nada <b>hoy</b>", lti.DL + "errormsg": "Sin módulos"}
    page = send(request_, tool.sign(claims(request_, [], **said))).text
    assert "Nothing was added" in page
    assert "Nada &lt;b&gt;hoy&lt;/b&gt;" in page
    assert "Sin módulos" in page


LTI, DL = lti.LTI, lti.DL


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "unpublished"},
        {"iss": None},
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 1_700_000_000},
        {"iat": None},
        {"nonce": None},
        {"nonce": ""},
        {LTI + "deployment_id": "99"},
        {LTI + "deployment_id": None},
        {LTI + "message_type": "LtiResourceLinkRequest"},
        {LTI + "message_type": None},
        {LTI + "version": "1.1"},
        {LTI + "version": None},
        {DL + "data": "other"},
        {DL + "data": None},
        {DL + "content_items": {"type": "link"}},
        {DL + "content_items": ["text"]},
        {DL + "content_items": [{"type": "html", "html": "<b>"}]},
        {DL + "content_items": [{"title": "no type"}]},
        {DL + "content_items": [{"type": "link", "title": "no address"}]},
        {DL + "content_items": [{"type": "ltiResourceLink", "lineItem": {"label": "no maximum"}}]},
    ],
    ids=str,
)
def test_an_invalid_response_changes_nothing(
    lms: Running, tool: FakeTool, request_: dict[str, Any], changes: dict[str, Any]
) -> None:
    before = len(lms.state.resource_links)
    response = send(request_, tool.sign(claims(request_, [ACTIVITY], **changes)))
    assert response.status_code == 400
    assert len(lms.state.resource_links) == before


def _by_a_stranger(tool: FakeTool, response: dict[str, Any]) -> str:
    key = generate_private_key(65537, 2048)
    return jwt.encode(response, key, "RS256", headers={"kid": tool.kid})


@pytest.mark.parametrize(
    "sign",
    [
        _by_a_stranger,
        lambda tool, response: jwt.encode(response, None, "none", headers={"kid": tool.kid}),
        lambda tool, response: jwt.encode(response, tool.key, "RS256"),
        lambda tool, response: tool.sign(response, kid="other"),
        lambda tool, response: "not a token",
    ],
    ids=["a unpublished's key", "no signature", "no kid", "an unknown kid", "no token"],
)
def test_an_invalid_signature_changes_nothing(
    lms: Running,
    tool: FakeTool,
    request_: dict[str, Any],
    sign: Callable[[FakeTool, dict[str, Any]], str],
) -> None:
    before = len(lms.state.resource_links)
    assert send(request_, sign(tool, claims(request_, [ACTIVITY]))).status_code == 400
    assert len(lms.state.resource_links) == before


def test_a_response_is_accepted_once(
    lms: Running, tool: FakeTool, request_: dict[str, Any]
) -> None:
    token = tool.sign(claims(request_, [ACTIVITY]))
    assert send(request_, token).status_code == 200
    assert send(request_, token).status_code == 400
    assert send(request_, tool.sign(claims(request_, [ACTIVITY]))).status_code == 400
    assert len(lms.state.resource_links_of("coop-101")) == 2


def test_a_response_without_a_request_is_not_found(lms: Running) -> None:
    response = requests.post(lms.url + "/lti/deep-linking/none", data={"JWT": ""}, timeout=10)
    assert response.status_code == 404


def test_moodle_sends_no_data_and_accepts_one_type(
    lms: Running, tool: FakeTool, driver: Driver
) -> None:
    lms.state.flavour = "moodle"
    driver.deep_link("maria", "coop-101")
    asked = tool.launches[-1]
    settings = asked[lti.DL_SETTINGS]
    assert "data" not in settings
    assert settings["accept_types"] == ["ltiResourceLink"]
    assert asked[lti.LTI + "launch_presentation"] == {"locale": "es"}
    assert send(asked, tool.sign(claims(asked, [ACTIVITY]))).status_code == 200
