"""Notices: a tool asks to be told, a course is copied, the tool is told once."""

from typing import Any

import jwt
import pytest
import requests

from demo_lms import vocabulary as lti
from demo_lms.running import Running
from tests.support.driver import Driver
from tests.support.stand_in import StandIn

HANDLERS = "/lti/notice-handlers"


def ask(call: Any, handler: Any, kind: str = lti.COPY_NOTICE) -> requests.Response:
    body = {"notice_type": kind, "handler": handler}
    answer: requests.Response = call("PUT", HANDLERS, body=body, media_type="application/json")
    return answer


def copy(lms: Running, who: str = "maria") -> requests.Response:
    return requests.post(f"{lms.url}/courses/sse-201/copy?as={who}", timeout=10)


def test_the_launch_says_where_to_ask(lms: Running, tool: StandIn, driver: Driver) -> None:
    driver.launch("maria")
    claim = tool.launches[0][lti.LTI + "platformnotificationservice"]
    assert claim["platform_notification_service_url"] == lms.url + HANDLERS
    assert claim["notice_types_supported"] == [lti.COPY_NOTICE]
    assert claim["scope"] == [lti.SCOPE_NOTICES]


def test_a_copied_course_is_told_with_its_origin(
    lms: Running, tool: StandIn, call: Any, client_id: str
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


def test_a_copy_has_activities_and_columns_of_its_own(lms: Running, tool: StandIn) -> None:
    copy(lms)
    (old,), (new,) = (lms.state.resource_links_of(c) for c in ("sse-201", "sse-201-copy-1"))
    assert (new.title, new.custom) == (old.title, old.custom)
    assert new.id != old.id
    assert new.line_item_id != old.line_item_id
    assert lms.state.line_items[new.line_item_id or ""].resource_link_id == new.id


def test_a_handler_that_is_gone_stops_nothing(lms: Running, tool: StandIn, call: Any) -> None:
    ask(call, "http://localhost:9/notices")
    assert copy(lms).status_code == 200


@pytest.mark.parametrize("handler", ["https://evil.example/notices", None, 7])
def test_a_handler_is_an_address_of_the_tool(call: Any, handler: Any) -> None:
    assert ask(call, handler).status_code == 400


def test_there_is_one_type_of_notice(call: Any, tool: StandIn) -> None:
    assert ask(call, tool.url + "/notices", "LtiHelloWorldNotice").status_code == 400


def test_participants_copy_nothing(lms: Running) -> None:
    assert copy(lms, "joao").status_code == 403
