"""The tool's own keys: made once, published before they sign, and after."""

import json
from typing import Any

import jwt
import pytest

from lti_tool.lti.public_keys import parse_jwks
from lti_tool.lti.signing_keys import PUBLISHED_AFTER, PUBLISHED_AHEAD, SigningKeys
from tests.lti_tool.lti.memory import MemorySigningKeys

DAY = 24 * 3600


@pytest.fixture
def storage() -> MemorySigningKeys:
    return MemorySigningKeys()


@pytest.fixture
def keys(storage: MemorySigningKeys) -> SigningKeys:
    return SigningKeys(storage)


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def kids(keys: SigningKeys, now: float) -> list[str]:
    return [key["kid"] for key in keys.jwks(now)["keys"]]


def test_the_first_key_signs_at_once(keys: SigningKeys) -> None:
    token = keys.sign({"iss": "client-1"})
    published = parse_jwks(json.dumps(keys.jwks())).by_id
    claims: dict[str, Any] = jwt.decode(token, published[kid_of(token)], ["RS256"])
    assert claims == {"iss": "client-1"}


def test_no_private_part_is_published(keys: SigningKeys) -> None:
    (key,) = keys.jwks()["keys"]
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}


def test_rotation_overlaps(keys: SigningKeys) -> None:
    (old,) = keys.listed()
    start = old.created_at + 30 * DAY
    new = keys.rotate(start)
    switch = start + PUBLISHED_AHEAD
    assert kids(keys, start) == [old.kid, new.kid]
    assert kid_of(keys.sign({}, now=switch - 1)) == old.kid
    assert kid_of(keys.sign({}, now=switch)) == new.kid
    assert kids(keys, switch + PUBLISHED_AFTER - 1) == [old.kid, new.kid]
    assert kids(keys, switch + PUBLISHED_AFTER) == [new.kid]


def test_a_key_that_is_gone_is_deleted_at_the_next_rotation(
    keys: SigningKeys, storage: MemorySigningKeys
) -> None:
    (first,) = keys.listed()
    keys.rotate(first.created_at + 30 * DAY)
    keys.rotate(first.created_at + 60 * DAY)
    assert first.kid not in storage.private
    assert len(keys.listed()) == 2


def test_two_rotations_in_a_row_leave_one_key_that_signs(keys: SigningKeys) -> None:
    (first,) = keys.listed()
    second = keys.rotate(first.created_at + 10)
    third = keys.rotate(first.created_at + 20)
    assert kid_of(keys.sign({}, now=first.created_at + 30)) == first.kid
    later = third.signs_from + 1
    assert kid_of(keys.sign({}, now=later)) == third.kid
    assert set(kids(keys, later)) == {first.kid, second.kid, third.kid}
    assert kids(keys, later + PUBLISHED_AFTER) == [third.kid]


def test_a_leaked_key_is_gone_at_once(keys: SigningKeys, storage: MemorySigningKeys) -> None:
    (old,) = keys.listed()
    new = keys.rotate(old.created_at + 10, at_once=True)
    assert kids(keys, old.created_at + 10) == [new.kid]
    assert kid_of(keys.sign({}, now=old.created_at + 10)) == new.kid
    assert set(storage.private) == {new.kid}
