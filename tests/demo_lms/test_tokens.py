"""The token endpoint: an assertion that the tool signed, for us, lately, once."""

from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from demo_lms import vocabulary as lti
from demo_lms.running import Running
from tests.support.stand_in import StandIn


def test_a_good_assertion_gets_a_token_for_the_scopes_it_may_have(
    lms: Running, tool: StandIn, client_id: str
) -> None:
    answer = tool.ask_token(lms, client_id, [lti.SCOPE_ROSTER, "https://example.org/other"])
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert body["scope"] == lti.SCOPE_ROSTER
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "unpublished"},
        {"iss": None},
        {"sub": "unpublished"},
        {"aud": "https://elsewhere.example/token"},
        {"aud": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 1_700_000_000},
        {"iat": None},
        {"jti": None},
        {"jti": ""},
    ],
    ids=str,
)
def test_a_bad_assertion_gets_nothing(
    lms: Running, tool: StandIn, client_id: str, changes: dict[str, Any]
) -> None:
    assertion = tool.assertion(lms, client_id, **changes)
    answer = tool.ask_token(lms, client_id, assertion=assertion)
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


def test_an_assertion_works_once(lms: Running, tool: StandIn, client_id: str) -> None:
    assertion = tool.assertion(lms, client_id)
    assert tool.ask_token(lms, client_id, assertion=assertion).status_code == 200
    again = tool.ask_token(lms, client_id, assertion=assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


def test_the_audience_may_be_a_list(lms: Running, tool: StandIn, client_id: str) -> None:
    audience = ["https://elsewhere.example", lms.url + "/lti/token"]
    assertion = tool.assertion(lms, client_id, aud=audience)
    assert tool.ask_token(lms, client_id, assertion=assertion).status_code == 200


def test_another_key_or_algorithm_is_refused(lms: Running, tool: StandIn, client_id: str) -> None:
    claims = jwt.decode(tool.assertion(lms, client_id), options={"verify_signature": False})
    forged = jwt.encode(
        claims, generate_private_key(65537, 2048), "RS256", headers={"kid": tool.kid}
    )
    unsigned = jwt.encode(claims, None, "none", headers={"kid": tool.kid})
    nameless = jwt.encode(claims, tool.key, "RS256")
    unknown = tool.sign(claims, kid="other")
    for assertion in (forged, unsigned, nameless, unknown, "not.a.jwt", ""):
        answer = tool.ask_token(lms, client_id, assertion=assertion or " ")
        assert answer.status_code == 401, assertion


def test_the_tool_may_change_its_key(lms: Running, tool: StandIn, client_id: str) -> None:
    assert tool.ask_token(lms, client_id).status_code == 200
    tool.key, tool.kid = generate_private_key(65537, 2048), "fresh"
    assert tool.ask_token(lms, client_id).status_code == 200


def test_unknown_scopes_and_grants_are_named(lms: Running, tool: StandIn, client_id: str) -> None:
    answer = tool.ask_token(lms, client_id, ["https://nope"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    answer = requests.post(lms.url + "/lti/token", data={"grant_type": "password"}, timeout=10)
    assert answer.json()["error"] == "unsupported_grant_type"


def test_services_need_a_token_with_the_right_scope(
    lms: Running, tool: StandIn, client_id: str
) -> None:
    url = lms.url + "/lti/courses/coop-101/members"
    accept = {"Accept": lti.TYPE_ROSTER}
    none = requests.get(url, headers=accept, timeout=10)
    assert none.status_code == 401
    assert none.headers["WWW-Authenticate"] == "Bearer"
    wrong = {"Authorization": f"Bearer {tool.token(lms, client_id, [lti.SCOPE_SCORE])}"}
    assert requests.get(url, headers=accept | wrong, timeout=10).status_code == 403
    lms.state.faults.token_seconds = -1
    late = {"Authorization": f"Bearer {tool.token(lms, client_id)}"}
    assert requests.get(url, headers=accept | late, timeout=10).status_code == 401
