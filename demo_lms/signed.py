"""Checks what a tool signed: the assertion for a token, and the answer to deep linking.

1EdTech Security Framework 1.0 §5.1.3 and §4.1: the key is found by ``kid`` in the tool's key set,
the algorithm is RS256 whatever the token says, and what is stale or made for others is refused.
"""

import time
from typing import Any

import jwt
import requests

from demo_lms.model import Json, Tool
from demo_lms.state import State

TIMEOUT = (3, 10)
LEEWAY = 30
MAX_AGE = 600
MAX_KEY_SET = 200_000


class SignatureError(Exception):
    """What is wrong with something that a tool signed, in a sentence."""


def verified(state: State, tool: Tool, token: str, audiences: set[str]) -> Json:
    """The claims of a token that this tool signed for one of ``audiences``, not long ago."""
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
    named = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if not audiences.intersection(str(name) for name in named):
        raise SignatureError(f"The token is not for this platform: its aud is {claims['aud']}.")
    if claims["iat"] < time.time() - MAX_AGE - LEEWAY:
        raise SignatureError("The token was made too long ago.")
    return claims


def _key(state: State, tool: Tool, kid: str) -> Any:
    found = state.tool_keys.get(tool.jwks_uri, {}).get(kid)
    if found is None:
        fetched = _fetched(tool)
        with state.lock:
            state.tool_keys[tool.jwks_uri] = fetched
        found = fetched.get(kid)
    if found is None:
        raise SignatureError(f"The tool's key set {tool.jwks_uri} has no key {kid}.")
    try:
        return jwt.PyJWK(found, algorithm="RS256").key
    except jwt.PyJWTError as error:
        raise SignatureError(f"The tool's key {kid} cannot be read.") from error


def _fetched(tool: Tool) -> Json:
    try:
        answer = requests.get(tool.jwks_uri, timeout=TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
        body = answer.json() if len(answer.content) <= MAX_KEY_SET else {}
        return {key["kid"]: key for key in body["keys"] if "kid" in key}
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise SignatureError(f"The tool's key set {tool.jwks_uri} cannot be fetched.") from error
