"""Platform Notification Service: handlers and the context copy notice."""

from typing import Any

import jwt
import pytest
import requests

from demo_lms import vocabulary as lti
from demo_lms.running import Running
from tests.support.driver import Driver
from tests.support.fake_tool import FakeTool

HANDLERS = "/lti/notice-handlers"


def ask(call: Any, handler: Any, kind: str = lti.COPY_NOTICE) -> requests.Response:
    body = {"notice_type": kind, "handler": handler}
    response: requests.Response = call("PUT", HANDLERS, body=body, media_type="application/json")
    return response


def copy(lms: Running, who: str = "maria") -> requests.Response:
    return requests.post(f"{lms.url}/courses/sse-201/copy?as={who}", timeout=10)


def test_the_launch_has_the_service_url(lms: Running, tool: FakeTool, driver: Driver) -> None:
    driver.launch("maria")
    claim = tool.launches[0][lti.LTI + "platformnotificationservice"]
    assert claim["platform_notification_service_url"] == lms.url + HANDLERS
    assert claim["notice_types_supported"] == [lti.COPY_NOTICE]
    assert claim["scope"] == [lti.SCOPE_NOTICES]


def test_the_notice_of_a_copied_course(
    lms: Running, tool: FakeTool, call: Any, client_id: str
) -> None:
    assert ask(call, tool.url + "/notices").status_code == 200
    listed = call("GET", HANDLERS).json()["notice_handlers"]
    assert listed == [{"notice_type": lti.COPY_NOTICE, "handler": tool.url + "/notices"}]
    page = copy(lms)
    assert page.url == lms.url + "/courses/sse-201-copy-1?as=maria&in=es"
    token = tool.notices[0]["notices"][0]["jwt"]
    key = jwt.PyJWKClient(lms.url + "/lti/keys").get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key.key, ["RS256"], audience=client_id, issuer=lms.url)
    assert claims[lti.LTI + "notice"]["type"] == lti.COPY_NOTICE
    assert claims[lti.LTI + "context"]["id"] == "sse-201-copy-1"
    assert claims[lti.LTI + "origin_contexts"] == ["sse-201"]
    ask(call, "")
    copy(lms)
    assert len(tool.notices) == 1


def test_a_copy_has_its_own_activities_and_line_items(lms: Running, tool: FakeTool) -> None:
    copy(lms)
    (old,), (new,) = (lms.state.resource_links_of(c) for c in ("sse-201", "sse-201-copy-1"))
    assert (new.title, new.custom) == (old.title, old.custom)
    assert new.id != old.id
    assert new.line_item_id != old.line_item_id
    assert lms.state.line_items[new.line_item_id or ""].resource_link_id == new.id


def test_an_unreachable_handler_is_ignored(lms: Running, tool: FakeTool, call: Any) -> None:
    ask(call, "http://localhost:9/notices")
    assert copy(lms).status_code == 200


@pytest.mark.parametrize("handler", ["https://evil.example/notices", None, 7])
def test_a_handler_must_be_a_url_of_the_tool(call: Any, handler: Any) -> None:
    assert ask(call, handler).status_code == 400


def test_unknown_notice_types_are_rejected(call: Any, tool: FakeTool) -> None:
    assert ask(call, tool.url + "/notices", "LtiHelloWorldNotice").status_code == 400


def test_participants_cannot_copy_courses(lms: Running) -> None:
    assert copy(lms, "joao").status_code == 403
