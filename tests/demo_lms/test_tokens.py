"""The token endpoint and its client assertions."""

from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from demo_lms import vocabulary as lti
from demo_lms.running import Running
from tests.support.fake_tool import FakeTool
from tests.support.rsa_keys import generate_private_key


def test_a_valid_assertion_gets_the_registered_scopes(
    lms: Running, tool: FakeTool, client_id: str
) -> None:
    response = tool.request_token(lms, client_id, [lti.SCOPE_ROSTER, "https://example.org/other"])
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json()
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
def test_invalid_assertions(
    lms: Running, tool: FakeTool, client_id: str, changes: dict[str, Any]
) -> None:
    assertion = tool.assertion(lms, client_id, **changes)
    response = tool.request_token(lms, client_id, assertion=assertion)
    assert response.status_code == 401
    assert response.json()["error"] == "invalid_client"


def test_an_assertion_is_accepted_once(lms: Running, tool: FakeTool, client_id: str) -> None:
    assertion = tool.assertion(lms, client_id)
    assert tool.request_token(lms, client_id, assertion=assertion).status_code == 200
    again = tool.request_token(lms, client_id, assertion=assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


def test_the_audience_may_be_a_list(lms: Running, tool: FakeTool, client_id: str) -> None:
    audience = ["https://elsewhere.example", lms.url + "/lti/token"]
    assertion = tool.assertion(lms, client_id, aud=audience)
    assert tool.request_token(lms, client_id, assertion=assertion).status_code == 200


def test_another_key_or_algorithm_is_rejected(lms: Running, tool: FakeTool, client_id: str) -> None:
    claims = jwt.decode(tool.assertion(lms, client_id), options={"verify_signature": False})
    another = rsa.generate_private_key(65537, 2048)  # not from the pool, which has the tool's own
    forged = jwt.encode(claims, another, "RS256", headers={"kid": tool.kid})
    unsigned = jwt.encode(claims, None, "none", headers={"kid": tool.kid})
    nameless = jwt.encode(claims, tool.key, "RS256")
    unknown = tool.sign(claims, kid="other")
    for assertion in (forged, unsigned, nameless, unknown, "not.a.jwt", ""):
        response = tool.request_token(lms, client_id, assertion=assertion or " ")
        assert response.status_code == 401, assertion


def test_the_tool_may_rotate_its_key(lms: Running, tool: FakeTool, client_id: str) -> None:
    assert tool.request_token(lms, client_id).status_code == 200
    tool.key, tool.kid = generate_private_key(65537, 2048), "fresh"
    assert tool.request_token(lms, client_id).status_code == 200


def test_unknown_scopes_and_grants(lms: Running, tool: FakeTool, client_id: str) -> None:
    response = tool.request_token(lms, client_id, ["https://nope"])
    assert (response.status_code, response.json()["error"]) == (400, "invalid_scope")
    response = requests.post(lms.url + "/lti/token", data={"grant_type": "password"}, timeout=10)
    assert response.json()["error"] == "unsupported_grant_type"


def test_services_need_a_token_with_the_right_scope(
    lms: Running, tool: FakeTool, client_id: str
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
