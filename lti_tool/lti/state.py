"""The ``state`` parameter of a login: signed, with an expiry, and not stored on the server.

It binds what login and launch must share: the nonce, the issuer, the client, the target, the
deployment if the login named it, and the browser (OpenID Connect Core 1.0 §3.1.2.1 and §15.5.2; LTI
Security Framework 1.0 §5.1.1.2 and §7.3.1). The browser stores a random proof in a cookie or in
platform storage; the state has only its SHA-256.

The wire form is ``base64url(json array) "." base64url(HMAC-SHA256)``.
"""

import hashlib
import hmac
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass

from lti_tool.lti.login import LoginRequest
from lti_tool.lti.refusal import Code, Refused

LIFETIME = 600
"""Seconds from the login to the launch."""
STATE_LIMIT = 8192
_PURPOSE = b"minga lti state 1\x00"


@dataclass(frozen=True, slots=True)
class State:
    """A verified state."""

    id: str
    """Names the login's cookie and its key in platform storage; not secret."""
    nonce: str
    issuer: str
    client_id: str
    target_link_uri: str
    redirect_uri: str
    deployment_id: str | None
    storage_target: str | None
    proof_digest: str
    issued_at: int

    @property
    def expires_at(self) -> int:
        """When the login expires."""
        return self.issued_at + LIFETIME

    def is_bound_to(self, proof: str | None) -> bool:
        """Whether the proof is that of the browser that started the login."""
        return proof is not None and hmac.compare_digest(_digest(proof), self.proof_digest)


@dataclass(frozen=True, slots=True)
class IssuedState:
    """A new state: the platform returns ``value``, the browser stores the proof ``binding``."""

    value: str
    nonce: str
    binding: str
    id: str


def issue(
    login: LoginRequest, *, client_id: str, redirect_uri: str, key: bytes, now: float
) -> IssuedState:
    """Sign a state for this login. ``now`` is in seconds since 1970."""
    random_bytes = os.urandom(48)
    id_, nonce, binding = (
        _base64(random_bytes[:9]),
        _base64(random_bytes[9:27]),
        _base64(random_bytes[27:]),
    )
    record = [
        id_,
        nonce,
        login.issuer,
        client_id,
        login.target_link_uri,
        redirect_uri,
        login.deployment_id,
        login.storage_target,
        _digest(binding),
        int(now),
    ]
    body = _base64(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode())
    return IssuedState(f"{body}.{_signature(body, key)}", nonce, binding, id_)


def read(value: str | None, key: bytes, now: float) -> State:
    """Verify a state that ``issue`` signed. Raises Refused: missing, invalid, expired."""
    state = read_signed(value, key)
    check_not_expired(state, now)
    return state


def check_not_expired(state: State, now: float) -> None:
    """Raise Refused for a login that was not completed in time."""
    if now >= state.expires_at:
        raise Refused(Code.STATE_EXPIRED, issuer=state.issuer)


def read_signed(value: str | None, key: bytes) -> State:
    """Verify the signature of a state, which may have expired. Raises Refused."""
    if not value:
        raise Refused(Code.STATE_MISSING)
    body, _, signature = value.partition(".")
    if (
        len(value) > STATE_LIMIT
        or not value.isascii()
        or not hmac.compare_digest(_signature(body, key), signature)
    ):
        raise Refused(Code.STATE_INVALID)
    try:
        return State(*json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    except (Base64Error, ValueError, TypeError) as error:  # signed by an older version of the tool
        raise Refused(Code.STATE_INVALID) from error


def _signature(body: str, key: bytes) -> str:
    return _base64(hmac.digest(key, _PURPOSE + body.encode(), "sha256"))


def _digest(proof: str) -> str:
    return _base64(hashlib.sha256(proof.encode("utf-8", "replace")).digest())


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
