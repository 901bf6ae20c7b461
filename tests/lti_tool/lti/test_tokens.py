"""Access tokens: earned with a signed assertion, kept, renewed, and never shown."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import jwt
import pytest

from lti_tool.lti import claim_names
from lti_tool.lti.http_client import FetchErrorKind
from lti_tool.lti.public_keys import parse_jwks
from lti_tool.lti.service_errors import ServiceError
from lti_tool.platforms import find_profile
from lti_tool.platforms.brightspace import TOKEN_AUDIENCE
from tests.lti_tool.lti.local_server import Asked, Reply
from tests.lti_tool.lti.moodle import Moodle
from tests.lti_tool.lti.samples import NOW, capture

SCOPES = (claim_names.SCORE_SCOPE, claim_names.LINE_ITEM_SCOPE)
ROUTE = "POST /mod/lti/token.php"


def assertion(moodle: Moodle) -> dict[str, Any]:
    token = moodle.token_requests[-1].form()["client_assertion"]
    published = parse_jwks(json.dumps(moodle.keys.jwks())).by_id
    key = published[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(
        token, key, ["RS256"], options={"verify_aud": False, "verify_exp": False}
    )
    return claims


def test_the_assertion(moodle: Moodle) -> None:
    registration = moodle.services.registration
    moodle.tokens.get(registration, SCOPES)
    claims = assertion(moodle)
    assert claims.pop("jti")
    assert claims == {
        "iss": "client-1",
        "sub": "client-1",
        "aud": registration.token_endpoint,
        "iat": NOW,
        "exp": NOW + 60,
    }
    form = moodle.token_requests[0].form()
    assert form["grant_type"] == "client_credentials"
    assert form["scope"] == " ".join(sorted(SCOPES))


@pytest.mark.parametrize(
    ("product", "told", "audience"),
    [
        ("desire2learn", None, TOKEN_AUDIENCE),
        ("moodle", "https://elsewhere.example/", "https://elsewhere.example/"),
    ],
)
def test_the_audience(moodle: Moodle, product: str, told: str | None, audience: str) -> None:
    registration = moodle.services.registration
    profile = find_profile(registration.issuer, product)
    moodle.tokens.get(replace(registration, profile=profile, token_audience=told), SCOPES)
    assert assertion(moodle)["aud"] == audience


def test_a_token_is_kept_until_it_nearly_ends(moodle: Moodle) -> None:
    registration = moodle.services.registration
    first = moodle.tokens.get(registration, SCOPES)
    moodle.clock.now += 3539
    assert moodle.tokens.get(registration, reversed(SCOPES)) == first
    moodle.clock.now += 1
    assert moodle.tokens.get(registration, SCOPES) != first
    assert len(moodle.token_requests) == 2


def test_a_token_is_not_shown(moodle: Moodle) -> None:
    assert "token-1" not in repr(moodle.tokens.get(moodle.services.registration, SCOPES))


def test_the_scopes_that_were_granted(moodle: Moodle) -> None:
    body = capture("17-token-some-scopes-refused")["body"]
    moodle.server.always(ROUTE, Reply(body))
    assert moodle.tokens.get(moodle.services.registration, SCOPES).scopes == (
        claim_names.SCORE_SCOPE,
    )


def test_one_renewal_at_a_time(moodle: Moodle) -> None:
    entered, go = threading.Event(), threading.Event()
    response = moodle.server.routes[ROUTE]

    def slowly(asked: Asked) -> Reply:
        entered.set()
        go.wait(5)
        return response(asked)

    moodle.server.routes[ROUTE] = slowly
    with ThreadPoolExecutor(5) as threads:
        flights = [
            threads.submit(moodle.tokens.get, moodle.services.registration, SCOPES)
            for _ in range(5)
        ]
        entered.wait(5)
        go.set()
        assert {flight.result().value for flight in flights} == {"token-1"}
    assert len(moodle.token_requests) == 1


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [(600, 600), ("600", 600), (None, 300), (True, 300), (-5, 300), ("soon", 300), (10**12, 86400)],
)
def test_how_long_a_token_lives(moodle: Moodle, expires_in: Any, lifetime: int) -> None:
    body = {"access_token": "t", "token_type": "bearer", "expires_in": expires_in}
    moodle.server.always(ROUTE, Reply(body))
    token = moodle.tokens.get(moodle.services.registration, SCOPES)
    assert token.expires_at == NOW + lifetime
    assert set(token.scopes) == set(SCOPES)


def test_a_refusal_is_told_by_its_code_only(moodle: Moodle) -> None:
    body = {"error": "invalid_client", "error_description": "María's secret"}
    moodle.server.always(ROUTE, Reply(body, 401))
    with pytest.raises(ServiceError) as caught:
        moodle.tokens.get(moodle.services.registration, SCOPES)
    assert (caught.value.status, caught.value.oauth_error) == (401, "invalid_client")
    assert "María" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"access_token": 7},
        {"access_token": ""},
        {"access_token": "a\r\nX: y"},
        {"access_token": "t", "token_type": "mac"},
        {"access_token": "t", "scope": ["x"]},
        b"<html>",
    ],
)
def test_an_answer_that_is_no_token(moodle: Moodle, body: Any) -> None:
    moodle.server.always(ROUTE, Reply(body))
    with pytest.raises(ServiceError) as caught:
        moodle.tokens.get(moodle.services.registration, SCOPES)
    assert caught.value.kind is FetchErrorKind.INVALID_RESPONSE
