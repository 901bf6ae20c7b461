"""A platform's key, a registration, a login: what most tests of the protocol begin with."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from lti_tool.lti import claim_names
from lti_tool.lti import state as states
from lti_tool.lti.launch import Launch
from lti_tool.lti.login import LoginRequest
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.state import State
from lti_tool.lti.verify import verify
from tests.lti_tool.forge import Claims, Forge, b64
from tests.lti_tool.launch_cases import default_claims
from tests.support.rsa_keys import generate_private_key

NOW = 1_795_358_400
KEY = b"k" * 32
PUBLIC_URL = "https://tool.example.org"
CAPTURES = Path(__file__).parent / "captures"

REGISTRATION = Registration(
    id=1,
    issuer="https://lms.example.edu",
    client_id="client-1",
    authorization_endpoint="https://lms.example.edu/auth",
    token_endpoint="https://lms.example.edu/token",
    jwks_uri="https://lms.example.edu/jwks",
)


def capture(name: str) -> Any:
    """What a real Moodle sent or answered: see ``captures/``."""
    return json.loads((CAPTURES / f"{name}.json").read_text(encoding="utf-8"))


@cache
def forge() -> Forge:
    return Forge(generate_private_key(65537, 2048), "key-1", generate_private_key(65537, 2048))


def find_key(key_id: str) -> RSAPublicKey:
    if key_id != forge().kid:
        raise Refused(Code.UNKNOWN_KEY, key_id=key_id)
    return forge().private.public_key()


def login_of(registration: Registration, target: str, **more: Any) -> LoginRequest:
    fields: dict[str, Any] = {
        "client_id": None,
        "message_hint": None,
        "deployment_id": None,
        "storage_target": None,
        **more,
    }
    return LoginRequest(registration.issuer, "hint", target, **fields)


def state_of(registration: Registration, target: str, now: int = NOW, **more: Any) -> State:
    issued = states.issue(
        login_of(registration, target, **more),
        client_id=registration.client_id,
        redirect_uri=f"{PUBLIC_URL}/lti/launch",
        key=KEY,
        now=now,
    )
    return states.read(issued.value, KEY, now)


def prepared() -> tuple[State, Claims]:
    """A login, and the claims of the good launch that follows it."""
    state = state_of(REGISTRATION, "https://tool.example.org/m/module-4")
    return state, default_claims(NOW, state.nonce)


def verified(
    token: str,
    state: State,
    *,
    guests: bool = False,
    registration: Registration = REGISTRATION,
) -> Launch:
    return verify(
        token,
        state=state,
        registration=registration,
        find_key=find_key,
        public_url=PUBLIC_URL,
        now=NOW,
        allow_anonymous=guests,
    )


def launched(change: Any = None, *, guests: bool = False) -> Launch:
    """A launch whose claims were changed, verified."""
    state, claims = prepared()
    if change is not None:
        change(claims)
    return verified(forge().good(claims), state, guests=guests)


def deep_linking(claims: Claims) -> None:
    """Turn the claims of a launch into those of a deep-linking request."""
    del claims[claim_names.RESOURCE_LINK]
    claims[claim_names.MESSAGE_TYPE] = "LtiDeepLinkingRequest"
    claims[claim_names.DEEP_LINKING_SETTINGS] = {
        "deep_link_return_url": "https://lms.example.edu/return",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_multiple": True,
        "data": "opaque \u2028 data",
    }


def jwk(key: RSAPrivateKey, kid: str) -> dict[str, Any]:
    """A key as a platform publishes it."""
    numbers = key.public_key().public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    return {
        "kty": "RSA",
        "kid": kid,
        "use": "sig",
        "alg": "RS256",
        "n": b64(numbers.n.to_bytes(size)),
        "e": "AQAB",
    }
