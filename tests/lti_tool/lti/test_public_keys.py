"""Which keys of a key set are used, and which are ignored."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.lti.public_keys import parse_jwks
from lti_tool.lti.refusal import Code, Refused
from tests.lti_tool.lti.samples import forge, jwk
from tests.support.rsa_keys import generate_private_key

GOOD = jwk(forge().private, "key-1")
SMALL = jwk(generate_private_key(65537, 1024), "small")


def test_a_good_set() -> None:
    found = parse_jwks(json.dumps({"keys": [GOOD]})).by_id
    assert found["key-1"].public_numbers() == forge().private.public_key().public_numbers()


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        [],
        {},
        {"kty": "EC", "kid": "ec", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "oct", "kid": "secret", "k": "AAAA"},
        {**GOOD, "kid": None},
        {**GOOD, "kid": ""},
        {**GOOD, "kid": 7},
        {**GOOD, "kid": "enc", "use": "enc"},
        {**GOOD, "kid": "other", "alg": "RS512"},
        {**GOOD, "kid": "signs", "key_ops": ["sign"]},
        {**GOOD, "kid": "ops", "key_ops": "verify"},
        {**GOOD, "kid": "n", "n": 7},
        {**GOOD, "kid": "n", "n": "é"},
        {**GOOD, "kid": "n", "n": "A" * 100_000},
        {**GOOD, "kid": "e", "e": "AA"},
        {**GOOD, "kid": "e", "e": ""},
        {"kty": "RSA", "kid": "empty"},
        SMALL,
    ],
)
def test_a_key_that_cannot_be_used_is_skipped(bad: Any) -> None:
    assert list(parse_jwks(json.dumps({"keys": [bad, GOOD]})).by_id) == ["key-1"]
    with pytest.raises(Refused):
        parse_jwks(json.dumps({"keys": [bad]}))


@pytest.mark.parametrize(
    "raw",
    ["", "nothing", "[]", "{}", '{"keys": null}', '{"keys": {}}', '{"keys": []}', "[" * 99999],
)
def test_a_set_without_keys(raw: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_jwks(raw)
    assert caught.value.code is Code.PLATFORM_KEYS_BAD


def test_optional_members_may_be_absent() -> None:
    bare = {name: GOOD[name] for name in ("kty", "kid", "n", "e")}
    assert parse_jwks(json.dumps({"keys": [bare]})).by_id


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(max_examples=200)
@given(changes=st.dictionaries(st.sampled_from([*GOOD, "key_ops"]), _json, max_size=3))
def test_any_key_is_used_or_skipped(changes: dict[str, Any]) -> None:
    other = jwk(forge().stranger, "other")
    assert "other" in parse_jwks(json.dumps({"keys": [{**GOOD, **changes}, other]})).by_id
