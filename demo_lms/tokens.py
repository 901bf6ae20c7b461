"""The token endpoint: OAuth 2 client credentials grant with a signed client assertion.

1EdTech Security Framework 1.0 §4.1; RFC 6749 §4.4 and §5; RFC 7523 §2.2 and §3.
"""

import json
import secrets
import time

import jwt
from flask import Blueprint, Response, current_app, request

from demo_lms import urls
from demo_lms.jwt_verification import SignatureError, verify_jwt
from demo_lms.model import IssuedToken, Json, Tool
from demo_lms.state import PlatformState
from demo_lms.vocabulary import JWT_BEARER
from demo_lms.web import JsonError, state_of

tokens = Blueprint("tokens", __name__)
BRIGHTSPACE_AUDIENCE = "https://api.brightspace.com/auth/token"


class OAuthError(Exception):
    """An error of RFC 6749 §5.2."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


@tokens.post("/lti/token")
def token() -> Response:
    """Issue an access token for the services."""
    state = state_of(current_app)
    faults = state.faults
    with state.lock:
        faults.token_requests += 1
    time.sleep(faults.token_delay)
    if faults.token_status != 200:
        return Response("Out of order", faults.token_status, content_type="text/plain")
    try:
        status, body = 200, _grant(state, request.form.to_dict())
    except OAuthError as error:
        status, body = error.status, {"error": error.code, "error_description": error.description}
    loggable = {name: value for name, value in body.items() if name != "access_token"}
    requested = request.form.get("scope", "").split()
    state.log_message(
        "token",
        "The tool asks for an access token",
        to_tool=False,
        status=status,
        detail={"scopes asked": requested, "answer": loggable},
    )
    html = faults.token_as_html or state.flavour == "moodle"
    response = Response(
        json.dumps(body), status, content_type="text/html" if html else "application/json"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _grant(state: PlatformState, form: dict[str, str]) -> Json:
    if form.get("grant_type") != "client_credentials":
        raise OAuthError("unsupported_grant_type", "grant_type must be client_credentials")
    if form.get("client_assertion_type") != JWT_BEARER:
        raise OAuthError("invalid_request", f"client_assertion_type must be {JWT_BEARER}")
    tool = _client(state, form.get("client_assertion", ""))
    requested = form.get("scope", "").split()
    allowed = tool.scopes
    if state.faults.token_scopes is not None:
        allowed = [scope for scope in allowed if scope in state.faults.token_scopes]
    scopes = [scope for scope in requested if scope in allowed]
    if not scopes:
        raise OAuthError("invalid_scope", "none of these scopes is granted to this tool")
    return _issue(state, tool, scopes)


def _client(state: PlatformState, assertion: str) -> Tool:
    """Return the tool that signed the assertion; each assertion is accepted once."""
    tool = state.tools.get(_claimed_issuer(assertion))
    if tool is None:
        raise OAuthError("invalid_client", "the assertion's iss is not a client of ours", 401)
    try:
        claims = verify_jwt(state, tool, assertion, {_audience(state, tool)})
    except SignatureError as error:
        raise OAuthError("invalid_client", str(error), 401) from error
    if claims.get("sub") != tool.client_id:
        raise OAuthError("invalid_client", "the assertion's sub is not the client id", 401)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise OAuthError("invalid_client", "the assertion has no jti", 401)
    if not state.use_once(f"jti {tool.client_id} {jti}"):
        raise OAuthError("invalid_client", "the assertion was used before", 401)
    return tool


def _audience(state: PlatformState, tool: Tool) -> str:
    """Brightspace has one audience for all sites, whatever their token endpoint is."""
    return BRIGHTSPACE_AUDIENCE if tool.registered_as == "brightspace" else urls.token(state)


def _claimed_issuer(assertion: str) -> str:
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise OAuthError("invalid_client", "the assertion is not a JWT", 401) from error
    return str(claims.get("iss", ""))


def _issue(state: PlatformState, tool: Tool, scopes: list[str]) -> Json:
    now = time.time()
    seconds = state.faults.token_seconds
    value = secrets.token_urlsafe(32)
    with state.lock:
        state.access_tokens = {
            key: issued for key, issued in state.access_tokens.items() if issued.expires > now
        }
        state.access_tokens[value] = IssuedToken(tool.client_id, frozenset(scopes), now + seconds)
    return {
        "access_token": value,
        "token_type": "Bearer",
        "expires_in": seconds,
        "scope": " ".join(scopes),
    }


def bearer(state: PlatformState, *scopes: str) -> Tool:
    """Return the tool of the request's access token, which must have one of ``scopes``."""
    time.sleep(state.faults.service_delay)
    if state.faults.service_status != 200:
        raise JsonError(state.faults.service_status, "Out of order")
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    issued = state.access_tokens.get(value.strip())
    if kind.lower() != "bearer" or issued is None or issued.expires <= time.time():
        raise JsonError(401, "An access token is needed, and it must be current.")
    if not issued.scopes.intersection(scopes):
        raise JsonError(403, "The access token has none of the scopes " + " ".join(scopes))
    tool = state.tools.get(issued.client_id)
    if tool is None:
        raise JsonError(401, "The tool is no longer registered.")
    return tool
