"""Course groups, and the data privacy launch."""

from typing import Any

import requests

from demo_lms import vocabulary as lti
from demo_lms.model import Group
from demo_lms.running import Running
from tests.support.driver import Driver
from tests.support.fake_tool import FakeTool

GROUPS = "/lti/courses/coop-101/groups"


def test_groups_are_listed(lms: Running, tool: FakeTool, driver: Driver, call: Any) -> None:
    driver.launch("joao")
    assert lti.GROUPS_SERVICE not in tool.launches[0]
    lms.state.courses["coop-101"].groups = [
        Group("g-1", "Río", ("p-7302", "p-7303")),
        Group("g-2", "نهر", ("p-7304",)),
    ]
    driver.launch("joao")
    claim = tool.launches[1][lti.GROUPS_SERVICE]
    assert claim["context_groups_url"] == lms.url + GROUPS
    response = call("GET", GROUPS, accept=lti.TYPE_GROUPS)
    assert response.headers["Content-Type"] == lti.TYPE_GROUPS
    assert [group["name"] for group in response.json()["groups"]] == ["Río", "نهر"]
    mine = call("GET", GROUPS + "?user_id=p-7304", accept=lti.TYPE_GROUPS).json()["groups"]
    assert mine == [{"id": "g-2", "name": "نهر"}]
    assert call("GET", GROUPS + "?limit=1", accept=lti.TYPE_GROUPS).links["next"]


def test_groups_need_media_type_and_scope(call: Any) -> None:
    assert call("GET", GROUPS, accept="application/json").status_code == 406
    other = [lti.SCOPE_ROSTER]
    assert call("GET", GROUPS, accept=lti.TYPE_GROUPS, scopes=other).status_code == 403


def test_a_data_privacy_launch_has_a_user_and_no_course(tool: FakeTool, driver: Driver) -> None:
    driver.launch("akua", message_type=lti.DATA_PRIVACY, for_user="p-7302")
    claims = tool.launches[0]
    assert claims[lti.LTI + "message_type"] == lti.DATA_PRIVACY
    assert claims[lti.LTI + "for_user"]["user_id"] == "p-7302"
    for name in ("context", "resource_link"):
        assert lti.LTI + name not in claims
    assert lti.NRPS_SERVICE not in claims


def test_only_administrators_start_data_privacy_launches(lms: Running, client_id: str) -> None:
    url = f"{lms.url}/courses/coop-101/privacy/p-7302?tool={client_id}"
    assert requests.get(url + "&as=akua", timeout=10).status_code == 200
    assert requests.get(url + "&as=maria", timeout=10).status_code == 403
    roster = lms.url + "/courses/coop-101/roster?as="
    assert "What does Fake tool keep?" in requests.get(roster + "akua", timeout=10).text
    assert "What does Fake tool keep?" not in requests.get(roster + "maria", timeout=10).text
