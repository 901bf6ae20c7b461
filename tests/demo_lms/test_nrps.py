"""Names and Role Provisioning Services: pages, filters, media type."""

from typing import Any

import pytest
import requests

from demo_lms import vocabulary as lti
from demo_lms.model import User
from demo_lms.running import Running

MEMBERS = "/lti/courses/coop-101/members"


def crowd(lms: Running, size: int) -> None:
    """Add many members to a course."""
    state = lms.state
    for number in range(size - len(state.courses["coop-101"].members)):
        handle = f"extra-{number}"
        state.users[handle] = User(
            handle, f"x-{number}", "Ana", f"Nº {number}", "", (lti.LEARNER,), "es", "Participant"
        )
        state.courses["coop-101"].members.append(handle)


def test_members(lms: Running, call: Any) -> None:
    response = call("GET", MEMBERS, accept=lti.TYPE_ROSTER)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == lti.TYPE_ROSTER
    assert "Link" not in response.headers
    body = response.json()
    assert body["context"]["title"] == "Cooperación Sur-Sur y desarrollo local"
    assert [m["name"] for m in body["members"]] == [
        "María Núñez", "João Araújo", "أمينة السعدي", "ദേവിക നായർ",
    ]  # fmt: skip
    assert body["members"][0] == {
        "status": "Active",
        "user_id": "p-7301",
        "roles": [lti.INSTRUCTOR],
        "name": "María Núñez",
        "given_name": "María",
        "family_name": "Núñez",
        "email": "maria.nunez@example.org",
    }


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "text/html"])
def test_the_media_type_is_required(call: Any, accept: str | None) -> None:
    assert call("GET", MEMBERS, accept=accept or "").status_code == 406


@pytest.mark.parametrize("role", ["Instructor", lti.INSTRUCTOR])
def test_filter_by_role(call: Any, role: str) -> None:
    response = call("GET", MEMBERS + "?role=" + role.replace("#", "%23"), accept=lti.TYPE_ROSTER)
    assert [m["user_id"] for m in response.json()["members"]] == ["p-7301"]


def test_pages(lms: Running, call: Any) -> None:
    crowd(lms, 25)
    found: list[str] = []
    url: str | None = MEMBERS + "?limit=10&role=" + lti.LEARNER.replace("#", "%23")
    pages = 0
    while url:
        response = call("GET", url, accept=lti.TYPE_ROSTER)
        found += [m["user_id"] for m in response.json()["members"]]
        url = response.links.get("next", {}).get("url")
        assert url is None or url != url.lower()
        pages += 1
    assert pages == 3
    assert len(found) == len(set(found)) == 24
    assert "p-7301" not in found


def test_a_full_last_page_has_no_next_link(call: Any) -> None:
    first = call("GET", MEMBERS + "?limit=2", accept=lti.TYPE_ROSTER)
    last = call("GET", first.links["next"]["url"], accept=lti.TYPE_ROSTER)
    assert len(last.json()["members"]) == 2
    assert "Link" not in last.headers


def test_page_tokens_are_case_sensitive(lms: Running, call: Any) -> None:
    response = call("GET", MEMBERS + "?limit=2", accept=lti.TYPE_ROSTER)
    lowered = response.links["next"]["url"].lower()
    assert call("GET", lowered, accept=lti.TYPE_ROSTER).status_code == 400


@pytest.mark.parametrize("limit", ["0", "-3"])
def test_invalid_limits(call: Any, limit: str) -> None:
    assert call("GET", MEMBERS + "?limit=" + limit, accept=lti.TYPE_ROSTER).status_code == 400


def test_the_resource_link_adds_messages(lms: Running, call: Any) -> None:
    resource_link = lms.state.resource_links_of("coop-101")[0]
    response = call("GET", f"{MEMBERS}?rlid={resource_link.id}", accept=lti.TYPE_ROSTER)
    message = response.json()["members"][1]["message"][0]
    assert message[lti.LTI + "custom"] == {"module": "module-4"}
    other = lms.state.resource_links_of("sse-201")[0]
    assert call("GET", f"{MEMBERS}?rlid={other.id}", accept=lti.TYPE_ROSTER).status_code == 404


def test_moodle_uses_short_roles_and_400(lms: Running, call: Any) -> None:
    lms.state.flavour = "moodle"
    response = call("GET", MEMBERS, accept=lti.TYPE_ROSTER)
    assert response.json()["members"][0]["roles"] == ["Instructor"]
    assert call("GET", MEMBERS, accept="application/json").status_code == 400


def test_faulty_link_headers(lms: Running, call: Any) -> None:
    faults = lms.state.faults
    faults.page_size = 2
    faults.links = "curly"
    raw = call("GET", MEMBERS + "?role=Learner", accept=lti.TYPE_ROSTER).headers["Link"]
    text = raw.encode("latin-1").decode()
    assert "rel=“next”" in text
    assert "&amp;page=" in text
    faults.links = "shouted"
    assert call("GET", MEMBERS, accept=lti.TYPE_ROSTER).headers["Link"].endswith(";REL=NEXT")
    faults.links = "extra"
    link = call("GET", MEMBERS, accept=lti.TYPE_ROSTER).headers["Link"]
    assert link.index('rel="first"') < link.index('rel="next"') < link.index('rel="last"')
    faults.links = "loop"
    first = call("GET", MEMBERS, accept=lti.TYPE_ROSTER).links["next"]["url"]
    assert call("GET", first, accept=lti.TYPE_ROSTER).links["next"]["url"] == first
    faults.links = "foreign"
    foreign = call("GET", MEMBERS, accept=lti.TYPE_ROSTER).links["next"]["url"]
    assert not foreign.startswith(lms.url)


def test_injected_service_errors(lms: Running, call: Any) -> None:
    lms.state.faults.service_status = 503
    assert call("GET", MEMBERS, accept=lti.TYPE_ROSTER).status_code == 503


def test_an_unknown_course(call: Any) -> None:
    response: requests.Response = call("GET", "/lti/courses/none/members", accept=lti.TYPE_ROSTER)
    assert (response.status_code, response.json()["reason"]) == (404, "There is no such course.")
