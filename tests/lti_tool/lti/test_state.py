"""The signed state: the record of a login, which no server stores."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti import state as state_module
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.state import LIFETIME, IssuedState, State, issue, read
from tests.lti_tool.lti.samples import KEY, NOW, PUBLIC_URL, REGISTRATION, login_of


def issued(target: str = f"{PUBLIC_URL}/m/módulo?x=1") -> IssuedState:
    login = login_of(REGISTRATION, target, deployment_id="1", storage_target="_parent")
    return issue(
        login, client_id="client-1", redirect_uri=f"{PUBLIC_URL}/lti/launch", key=KEY, now=NOW
    )


def code_of(value: str | None, key: bytes = KEY, now: float = NOW) -> Code:
    with pytest.raises(Refused) as caught:
        read(value, key, now)
    return caught.value.code


def test_what_comes_back_is_what_went() -> None:
    made = issued()
    state = read(made.value, KEY, NOW + LIFETIME - 1)
    assert state == State(
        id=made.id,
        nonce=made.nonce,
        issuer="https://lms.example.edu",
        client_id="client-1",
        target_link_uri=f"{PUBLIC_URL}/m/módulo?x=1",
        redirect_uri=f"{PUBLIC_URL}/lti/launch",
        deployment_id="1",
        storage_target="_parent",
        proof_digest=state.proof_digest,
        issued_at=NOW,
    )


def test_no_two_logins_are_alike() -> None:
    made = [issued() for _ in range(50)]
    for part in ("value", "nonce", "binding", "id"):
        assert len({getattr(one, part) for one in made}) == 50


def test_it_is_bound_to_one_browser() -> None:
    made, other = issued(), issued()
    state = read(made.value, KEY, NOW)
    assert state.is_bound_to(made.binding)
    for proof in (other.binding, "", "ñ", "\ud800", state.proof_digest, None):
        assert not state.is_bound_to(proof)


def test_the_proof_is_not_in_it() -> None:
    made = issued()
    body = base64.urlsafe_b64decode(made.value.partition(".")[0] + "==").decode()
    assert made.binding not in body + made.value


@pytest.mark.parametrize("now", [NOW + LIFETIME, NOW + 10**6])
def test_it_ends(now: int) -> None:
    assert code_of(issued().value, now=now) is Code.STATE_EXPIRED


@pytest.mark.parametrize("value", [None, ""])
def test_missing(value: str | None) -> None:
    assert code_of(value) is Code.STATE_MISSING


@pytest.mark.parametrize("value", ["x", ".", "a.b", "ñ.ñ", "a" * 10_000, "W10.AAAA", "\ud800"])
def test_invalid(value: str) -> None:
    assert code_of(value) is Code.STATE_INVALID


def test_another_key() -> None:
    assert code_of(issued().value, key=b"another") is Code.STATE_INVALID


def test_a_body_of_one_login_with_the_signature_of_another() -> None:
    body, signature = issued().value.split(".")[0], issued().value.split(".")[1]
    assert code_of(f"{body}.{signature}") is Code.STATE_INVALID


@given(st.integers(0, 10_000), st.characters(codec="ascii"))
def test_any_change_is_noticed(where: int, to: str) -> None:
    value = issued().value
    where %= len(value)
    changed = value[:where] + to + value[where + 1 :]
    if changed == value:
        return
    with pytest.raises(Refused):
        read(changed, KEY, NOW)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"7", b"x", b"\xff"])
def test_a_record_of_another_shape_that_we_signed(body: bytes) -> None:
    """A state of a version of us that is no more."""
    text = base64.urlsafe_b64encode(body).rstrip(b"=").decode()
    assert code_of(f"{text}.{state_module._signature(text, KEY)}") is Code.STATE_INVALID
