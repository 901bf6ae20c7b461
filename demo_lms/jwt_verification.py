"""Verify JWTs that a tool signed: client assertions and deep-linking responses.

1EdTech Security Framework 1.0 §5.1.3 and §4.1: the key is selected by ``kid`` in the tool's key
set, the only algorithm is RS256, and old tokens and tokens for other audiences are rejected.
"""

import time
from typing import Any

import jwt
import requests

from demo_lms.model import Json, Tool
from demo_lms.state import PlatformState

TIMEOUT = (3, 10)
LEEWAY = 30
MAX_AGE = 600
MAX_KEY_SET = 200_000


class SignatureError(Exception):
    """A JWT of a tool is not valid."""


def verify_jwt(state: PlatformState, tool: Tool, token: str, audiences: set[str]) -> Json:
    """Verify a JWT of this tool, recently signed for one of ``audiences``; return its claims."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError as error:
        raise SignatureError("This is not a JSON Web Token.") from error
    if not isinstance(kid, str):
        raise SignatureError("The token's header has no kid.")
    key = _key(state, tool, kid)
    try:
        claims: Json = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            issuer=tool.client_id,
            leeway=LEEWAY,
            options={"verify_aud": False, "require": ["iss", "aud", "exp", "iat"]},
        )
    except jwt.PyJWTError as error:
        raise SignatureError(f"The token is not valid: {error}.") from error
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if not audiences.intersection(str(name) for name in audience):
        raise SignatureError(f"The token is not for this platform: its aud is {claims['aud']}.")
    if claims["iat"] < time.time() - MAX_AGE - LEEWAY:
        raise SignatureError("The token was made too long ago.")
    return claims


def _key(state: PlatformState, tool: Tool, kid: str) -> Any:
    jwk = state.tool_keys.get(tool.jwks_uri, {}).get(kid)
    if jwk is None:
        fetched = _fetch_keys(tool)
        with state.lock:
            state.tool_keys[tool.jwks_uri] = fetched
        jwk = fetched.get(kid)
    if jwk is None:
        raise SignatureError(f"The tool's key set {tool.jwks_uri} has no key {kid}.")
    try:
        return jwt.PyJWK(jwk, algorithm="RS256").key
    except jwt.PyJWTError as error:
        raise SignatureError(f"The tool's key {kid} cannot be read.") from error


def _fetch_keys(tool: Tool) -> Json:
    try:
        response = requests.get(tool.jwks_uri, timeout=TIMEOUT, allow_redirects=False)
        response.raise_for_status()
        body = response.json() if len(response.content) <= MAX_KEY_SET else {}
        return {key["kid"]: key for key in body["keys"] if "kid" in key}
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise SignatureError(f"The tool's key set {tool.jwks_uri} cannot be fetched.") from error
