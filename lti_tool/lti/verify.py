"""A platform's token becomes a frozen ``Launch``, or is refused with the reason.

The order follows the specification, cheapest and most telling first:

1. the token's form and algorithm, its key, its signature (Security Framework 1.0 §5.1.3);
2. who says it to whom, and when (issuer, audience, authorized party, times, nonce);
3. what it says (LTI Core 1.3 §5.3), which ``message`` reads.

What needs the database stays with the caller: whether the deployment is known, and spending the
nonce, once, as the last thing before the launch is admitted.
"""

import hmac
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from lti_tool.lti import claim_names as names
from lti_tool.lti import jws
from lti_tool.lti.authentication_response import TOKEN_LIMIT
from lti_tool.lti.claims import identifier, optional_identifier, seconds, text
from lti_tool.lti.launch import Launch
from lti_tool.lti.login import check_target
from lti_tool.lti.message import read_message
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.state import State
from lti_tool.lti.urls import without_query

MAX_AGE = 600
"""Seconds that a token may be old, whatever its ``exp`` says."""
LEEWAY = 60
"""Seconds by which the clocks of the platform and of the tool may differ."""

FindKey = Callable[[str], RSAPublicKey]
"""From a key id to the platform's key; raises Refused. See ``KeySets.finder``."""


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

    ``state`` has been read and found bound to this browser; ``public_url`` is the tool's own
    address; ``now`` is in seconds since 1970.
    """
    if not registration.active:
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
    launch = read_message(claims, registration, issued_at=issued_at, expires_at=expires_at)
    if launch.user.subject is None and not allow_anonymous:
        raise Refused(Code.ANONYMOUS_REFUSED, issuer=registration.issuer)
    return launch


def verified_claims(token: str, find_key: FindKey) -> dict[str, Any]:
    """The claims of a token that one of the platform's keys signed. Raises Refused."""
    if len(token) > TOKEN_LIMIT:
        raise Refused(Code.TOO_LARGE, parameter="id_token")
    parts = jws.parse(token)
    return parts.verified_claims(find_key(parts.key_id))


def check_parties(claims: dict[str, Any], registration: Registration) -> None:
    """Issuer, audience and authorized party (Security Framework 1.0 §5.1.3, points 2 to 5)."""
    issuer = identifier(claims, "iss")
    if issuer != registration.issuer:
        raise Refused(Code.WRONG_ISSUER, issuer=registration.issuer, received=issuer)
    audience = claims.get("aud")
    if audience is None:
        raise Refused(Code.MISSING_CLAIM, claim="aud")
    many = audience if isinstance(audience, list) else [audience]
    if not all(isinstance(entry, str) for entry in many):
        raise Refused(Code.BAD_CLAIM, claim="aud")
    if registration.client_id not in many:
        raise Refused(Code.WRONG_AUDIENCE, issuer=issuer, client_id=registration.client_id)
    party = optional_identifier(claims, "azp")
    if party is None and len(many) > 1:
        raise Refused(Code.MISSING_CLAIM, claim="azp")
    if party is not None and party != registration.client_id:
        raise Refused(Code.WRONG_PARTY, issuer=issuer, client_id=registration.client_id)


def check_times(
    claims: dict[str, Any], *, now: float, max_age: int = MAX_AGE, leeway: int = LEEWAY
) -> tuple[int, int]:
    """``iat`` and ``exp``, both required; ``nbf`` is honoured where it is sent."""
    expires_at = seconds(claims, "exp")
    issued_at = seconds(claims, "iat")
    if now > expires_at + leeway:
        raise Refused(Code.EXPIRED, seconds=str(int(now - expires_at)))
    if issued_at > now + leeway:
        raise Refused(Code.ISSUED_IN_FUTURE, seconds=str(int(issued_at - now)))
    if now > issued_at + max_age + leeway:
        raise Refused(Code.ISSUED_TOO_LONG_AGO, seconds=str(int(now - issued_at)))
    if claims.get("nbf") is not None and seconds(claims, "nbf") > now + leeway:
        raise Refused(Code.ISSUED_IN_FUTURE, claim="nbf")
    return issued_at, expires_at


def _check_nonce(claims: dict[str, Any], state: State) -> None:
    nonce = identifier(claims, "nonce")
    if not hmac.compare_digest(nonce.encode(), state.nonce.encode()):
        raise Refused(Code.WRONG_NONCE, issuer=state.issuer)


def _check_is_lti(claims: dict[str, Any]) -> None:
    if not any(name.startswith(names.LTI) for name in claims):
        raise Refused(Code.NOT_LTI)
    version = text(claims, names.VERSION, 20)
    if version is None:
        raise Refused(Code.MISSING_CLAIM, claim="version")
    if version != "1.3.0":
        raise Refused(Code.WRONG_VERSION, version=version)


def _check_same_launch(claims: dict[str, Any], state: State, public_url: str) -> None:
    """The launch is the one that the login began: same deployment, same target, and ours."""
    deployment = identifier(claims, names.DEPLOYMENT_ID)
    if state.deployment_id is not None and deployment != state.deployment_id:
        raise Refused(Code.WRONG_DEPLOYMENT, login=state.deployment_id, launch=deployment)
    target = claims.get(names.TARGET_LINK_URI)
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
