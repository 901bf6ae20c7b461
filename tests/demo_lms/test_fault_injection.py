"""Injected faults and invalid tokens."""

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest
import requests

from demo_lms import vocabulary as lti
from demo_lms.id_tokens import REMOVED, changed, expired, mint, sample, unpublished
from demo_lms.running import Running
from tests.support.driver import Driver, claims_in, forms
from tests.support.fake_tool import FakeTool

pytestmark = pytest.mark.usefixtures("tool")


def test_mint_makes_a_valid_token_by_default(lms: Running, client_id: str) -> None:
    token = mint(lms.state)
    claims = jwt.decode(
        token,
        lms.state.keys.signing.public_pem(),
        algorithms=["RS256"],
        audience=client_id,
        issuer=lms.url,
    )
    assert claims["sub"] == "p-7301"


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS256"])
def test_other_algorithms(lms: Running, alg: str) -> None:
    token = mint(lms.state, alg=alg)
    assert jwt.get_unverified_header(token)["alg"] == alg
    pem = lms.state.keys.signing.public_pem()
    assert jwt.decode(token, pem, algorithms=[alg], options={"verify_aud": False})


def test_an_unsigned_token(lms: Running) -> None:
    token = mint(lms.state, alg="none")
    assert token.endswith(".")
    assert jwt.get_unverified_header(token)["alg"] == "none"


def test_hmac_with_the_public_key(lms: Running) -> None:
    token = mint(lms.state, alg="HS256")
    signed, _, signature = token.rpartition(".")
    key = lms.state.keys.signing.public_pem()
    right = base64.urlsafe_b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest())
    assert signature == right.rstrip(b"=").decode()


def test_an_unpublished_key_with_a_published_kid(lms: Running) -> None:
    token = mint(lms.state, key="unpublished")
    assert jwt.get_unverified_header(token)["kid"] == lms.state.keys.signing.kid
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, lms.state.keys.signing.public_pem(), ["RS256"], {"verify_aud": False})
    assert jwt.decode(token, unpublished().public_pem(), ["RS256"], {"verify_aud": False})


def test_headers_can_be_replaced_and_removed(lms: Running) -> None:
    assert "kid" not in jwt.get_unverified_header(mint(lms.state, header={"kid": REMOVED}))
    odd = mint(lms.state, header={"kid": "other", "jku": "https://evil.example"})
    assert jwt.get_unverified_header(odd)["jku"] == "https://evil.example"


def test_claims_of_any_kind(lms: Running) -> None:
    for claims in (["a", "list"], "text", None):
        assert mint(lms.state, claims if claims is not None else b"null")
    raw = mint(lms.state, b"\xff\x00 not json")
    body = raw.split(".")[1]
    assert base64.urlsafe_b64decode(body + "==").startswith(b"\xff\x00")


def test_changed_by_path(lms: Running) -> None:
    before = sample(lms.state)
    after = changed(
        before,
        {"exp": 1, "roles": [], "resource_link.id": REMOVED, "sub": REMOVED, lti.DL + "data": "x"},
    )
    assert after["exp"] == 1
    assert after[lti.LTI + "roles"] == []
    assert "id" not in after[lti.LTI + "resource_link"]
    assert "sub" not in after
    assert after[lti.DL + "data"] == "x"
    assert before["sub"]
    assert before[lti.LTI + "resource_link"]["id"]


def test_expired(lms: Running) -> None:
    claims = expired(sample(lms.state))
    assert claims["iat"] < claims["exp"] < sample(lms.state)["iat"]


def test_edited_claims_of_a_launch(lms: Running, tool: FakeTool, driver: Driver) -> None:
    lms.state.faults.edit_claims = lambda claims: claims | {"name": "Somebody else"}
    driver.launch("maria")
    assert tool.launches[0]["name"] == "Somebody else"
    lms.state.faults.token_options = {"alg": "none"}
    form = driver.authorize(driver.login("maria"))
    assert jwt.get_unverified_header(form.fields["id_token"])["alg"] == "none"


def test_the_driver_can_edit_claims(driver: Driver) -> None:
    form = driver.authorize(driver.login("maria"))
    tampered = driver.tampered(form, lambda claims: claims.pop("sub") and None, {"alg": "RS512"})
    assert "sub" not in claims_in(tampered.fields["id_token"])
    assert "sub" in claims_in(form.fields["id_token"])
    assert jwt.get_unverified_header(tampered.fields["id_token"])["alg"] == "RS512"
    assert tampered.fields["state"] == form.fields["state"]


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("good", lambda body: len(json.loads(body)["keys"]) == 2),
        ("empty", lambda body: json.loads(body) == {}),
        ("no-keys", lambda body: json.loads(body) == {"keys": []}),
        ("list", lambda body: json.loads(body) == []),
        ("not-json", lambda body: body.startswith(b"<")),
        ("malformed-key", lambda body: json.loads(body)["keys"][0]["n"] == "***"),
        ("huge", lambda body: len(body) > 60_000_000),
    ],
)
def test_faulty_key_sets(lms: Running, kind: Any, check: Any) -> None:
    lms.state.faults.key_set = kind
    assert check(requests.get(lms.url + "/lti/keys", timeout=30).content)
    assert lms.state.faults.key_set_fetches == 1


def test_a_missing_and_a_slow_key_set(lms: Running) -> None:
    lms.state.faults.key_set_status = 500
    assert requests.get(lms.url + "/lti/keys", timeout=10).status_code == 500
    lms.state.faults.key_set_delay = 0.5
    with pytest.raises(requests.ReadTimeout):
        requests.get(lms.url + "/lti/keys", timeout=0.1)


def test_an_unannounced_rotation(lms: Running, driver: Driver) -> None:
    announced = {key["kid"] for key in lms.state.keys.jwks()["keys"]}
    lms.state.keys.rotate(unannounced=True, drop_old=True)
    assert lms.state.keys.signing.kid not in announced
    assert driver.launch("maria").status_code == 200


def test_faults_of_the_token_endpoint(lms: Running, tool: FakeTool, client_id: str) -> None:
    faults = lms.state.faults
    faults.token_as_html = True
    faults.token_scopes = (lti.SCOPE_SCORE,)
    response = tool.request_token(lms, client_id)
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.json()["scope"] == lti.SCOPE_SCORE
    faults.token_status = 503
    assert tool.request_token(lms, client_id).status_code == 503
    assert faults.token_requests == 2


def test_faults_of_the_launch_page(lms: Running, tool: FakeTool) -> None:
    resource_link = lms.state.resource_links_of("coop-101")[0]
    url = f"{lms.url}/courses/coop-101/activities/{resource_link.id}"
    lms.state.faults.storage = "never"
    lms.state.faults.frame_sandbox = "allow-scripts"
    lms.state.faults.storage_target = "lti_storage"
    page = requests.get(url, timeout=10)
    assert 'data-storage="never"' in page.text
    assert 'sandbox="allow-scripts"' in page.text
    assert f'data-origins="{tool.url}"' in page.text
    assert 'name="lti_storage"' in page.text
    assert forms(page)[1].fields["lti_storage_target"] == "lti_storage"
