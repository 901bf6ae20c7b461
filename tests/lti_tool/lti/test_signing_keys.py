"""The tool's own keys: made once, published before they sign, and after."""

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import jwt
import pytest

from lti_tool.lti.public_keys import parse_jwks
from lti_tool.lti.signing_keys import PUBLISHED_AFTER, PUBLISHED_AHEAD, SigningKeys

DAY = 24 * 3600


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    return SigningKeys(tmp_path / "keys")


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


def test_private_keys_are_the_owners_alone(keys: SigningKeys, tmp_path: Path) -> None:
    keys.listed()
    for path in (tmp_path / "keys").glob("*.pem"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_the_same_keys_after_a_restart(keys: SigningKeys, tmp_path: Path) -> None:
    assert keys.jwks() == SigningKeys(tmp_path / "keys").jwks()


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
    keys: SigningKeys, tmp_path: Path
) -> None:
    (first,) = keys.listed()
    keys.rotate(first.created_at + 30 * DAY)
    keys.rotate(first.created_at + 60 * DAY)
    assert not (tmp_path / "keys" / f"{first.kid}.pem").exists()
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


def test_a_leaked_key_is_gone_at_once(keys: SigningKeys, tmp_path: Path) -> None:
    (old,) = keys.listed()
    new = keys.rotate(old.created_at + 10, at_once=True)
    assert kids(keys, old.created_at + 10) == [new.kid]
    assert kid_of(keys.sign({}, now=old.created_at + 10)) == new.kid
    assert [path.stem for path in (tmp_path / "keys").glob("*.pem")] == [new.kid]


def test_another_process_notices_a_rotation(keys: SigningKeys, tmp_path: Path) -> None:
    other = SigningKeys(tmp_path / "keys")
    (old,) = other.listed()
    new = keys.rotate(old.created_at + 10, at_once=True)
    assert [key.kid for key in other.listed()] == [new.kid]


def test_processes_that_start_together_make_one_key(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from lti_tool.lti.signing_keys import SigningKeys;"
        "print(SigningKeys(Path(sys.argv[1])).listed()[0].kid)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "keys")]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
        for _ in range(4)
    ]
    printed = {process.communicate(timeout=60)[0].strip() for process in started}
    assert len(printed) == 1
    assert len(list((tmp_path / "keys").glob("*.pem"))) == 1
