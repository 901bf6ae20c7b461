"""Step 4 of an LTI launch: validate the id_token and return a ``Launch``, or raise Refused.

In the order of the specification:

1. the token's format, algorithm, key and signature; issuer, audience, authorized party, times and
   nonce: LTI Security Framework 1.0 §5.1.3
   (https://www.imsglobal.org/spec/security/v1p0/#authentication-response-validation);
2. the LTI claims: LTI Core 1.3 §5.3 (https://www.imsglobal.org/spec/lti/v1p3), parsed by
   ``launch_claims``.

The caller does what needs the database: it checks the deployment, and records the nonce as used,
as the last step before the launch is admitted.
"""

import hmac
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from lti_tool.lti import claim_names, jws
from lti_tool.lti.authentication_response import TOKEN_LIMIT
from lti_tool.lti.claims import identifier, numeric_date, optional_identifier
from lti_tool.lti.launch import Launch
from lti_tool.lti.launch_claims import parse_launch
from lti_tool.lti.login import check_target
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.state import State
from lti_tool.lti.urls import without_query

MAX_AGE = 600
"""Maximum age of a token in seconds (``iat``), also where ``exp`` is later."""
LEEWAY = 60
"""Seconds by which the platform's and the tool's clocks may differ."""

FindKey = Callable[[str], RSAPublicKey]
"""From a key id to the platform's key; raises Refused. See ``JwksCache.key_finder``."""


def verify(
    id_token: str,
    *,
    state: State,
    registration: Registration,
    find_key: FindKey,
    public_url: str,
    now: float,
    max_age: int = MAX_AGE,
    leeway: int = LEEWAY,
    allow_anonymous: bool = False,
) -> Launch:
    """Check every rule that needs no database. Raises Refused, and nothing else, for any token.

    ``state`` is verified and bound to this browser; ``public_url`` is the tool's public URL;
    ``now`` is in seconds since 1970; ``max_age`` and ``leeway`` are in seconds.
    """
    if not registration.may_launch:
        raise Refused(
            Code.INACTIVE_REGISTRATION,
            issuer=registration.issuer,
            client_id=registration.client_id,
        )
    if state.issuer != registration.issuer or state.client_id != registration.client_id:
        raise Refused(Code.STATE_INVALID)
    claims = verified_claims(id_token, find_key)
    check_parties(claims, registration)
    issued_at, expires_at = check_times(claims, now=now, max_age=max_age, leeway=leeway)
    _check_nonce(claims, state)
    _check_is_lti(claims)
    _check_same_launch(claims, state, public_url)
    launch = parse_launch(claims, registration, issued_at=issued_at, expires_at=expires_at)
    if launch.user.subject is None and not allow_anonymous:
        raise Refused(Code.ANONYMOUS_REFUSED, issuer=registration.issuer)
    return launch


def verified_claims(token: str, find_key: FindKey) -> dict[str, Any]:
    """Check a token's signature with the platform's key; return its claims. Raises Refused."""
    if len(token) > TOKEN_LIMIT:
        raise Refused(Code.TOO_LARGE, parameter="id_token")
    parts = jws.parse(token)
    return parts.verified_claims(find_key(parts.key_id))


def check_parties(claims: dict[str, Any], registration: Registration) -> None:
    """Check issuer, audience and authorized party (Security Framework 1.0 §5.1.3, steps 2 to 5)."""
    issuer = identifier(claims, "iss")
    if issuer != registration.issuer:
        raise Refused(Code.WRONG_ISSUER, issuer=registration.issuer, received=issuer)
    audience = claims.get("aud")
    if audience is None:
        raise Refused(Code.MISSING_CLAIM, claim="aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if not all(isinstance(entry, str) for entry in audiences):
        raise Refused(Code.BAD_CLAIM, claim="aud")
    if registration.client_id not in audiences:
        raise Refused(Code.WRONG_AUDIENCE, issuer=issuer, client_id=registration.client_id)
    # Some platforms send an empty value for none; the claim is required only beside others.
    party = optional_identifier(claims, "azp") if claims.get("azp") else None
    if party is None and len(audiences) > 1:
        raise Refused(Code.MISSING_CLAIM, claim="azp")
    if party is not None and party != registration.client_id:
        raise Refused(Code.WRONG_PARTY, issuer=issuer, client_id=registration.client_id)


def check_times(
    claims: dict[str, Any], *, now: float, max_age: int = MAX_AGE, leeway: int = LEEWAY
) -> tuple[int, int]:
    """Check ``iat`` and ``exp``, both required, and ``nbf`` if it is a date; return the others."""
    expires_at = numeric_date(claims, "exp")
    issued_at = numeric_date(claims, "iat")
    if now > expires_at + leeway:
        raise Refused(Code.EXPIRED, seconds=str(int(now - expires_at)))
    if issued_at > now + leeway:
        raise Refused(Code.ISSUED_IN_FUTURE, seconds=str(int(issued_at - now)))
    if now > issued_at + max_age + leeway:
        raise Refused(Code.ISSUED_TOO_LONG_AGO, seconds=str(int(now - issued_at)))
    if _is_later(claims.get("nbf"), now + leeway):
        raise Refused(Code.ISSUED_IN_FUTURE, claim="nbf")
    return issued_at, expires_at


def _is_later(value: Any, limit: float) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and bool(value > limit)


def _check_nonce(claims: dict[str, Any], state: State) -> None:
    nonce = identifier(claims, "nonce")
    if not hmac.compare_digest(nonce.encode(), state.nonce.encode()):
        raise Refused(Code.WRONG_NONCE, issuer=state.issuer)


def _check_is_lti(claims: dict[str, Any]) -> None:
    if not any(name.startswith(claim_names.LTI) for name in claims):
        raise Refused(Code.NOT_LTI)
    version = identifier(claims, claim_names.VERSION)
    if version != "1.3.0":
        raise Refused(Code.WRONG_VERSION, version=version)


def _check_same_launch(claims: dict[str, Any], state: State, public_url: str) -> None:
    """Check that the launch has the deployment and the target of its login, and our target."""
    deployment = identifier(claims, claim_names.DEPLOYMENT_ID)
    if state.deployment_id is not None and deployment != state.deployment_id:
        raise Refused(Code.WRONG_DEPLOYMENT, login=state.deployment_id, launch=deployment)
    target = claims.get(claim_names.TARGET_LINK_URI)
    if target is None:
        raise Refused(Code.MISSING_CLAIM, claim="target_link_uri")
    if not isinstance(target, str):
        raise Refused(Code.BAD_CLAIM, claim="target_link_uri")
    check_target(target, public_url)
    if target != state.target_link_uri:
        raise Refused(
            Code.WRONG_TARGET,
            login=without_query(state.target_link_uri),
            launch=without_query(target),
        )
