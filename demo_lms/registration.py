"""Dynamic Registration 1.0: the registration endpoint.

A registered tool is active at once. The checks follow the specification and Moodle 4.5.
"""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, jsonify, request

from demo_lms import vocabulary as lti
from demo_lms.model import Json, Tool
from demo_lms.state import PlatformState
from demo_lms.web import JsonError, state_of

registration = Blueprint("registration", __name__)


@registration.post("/lti/registrations")
def register() -> Response:
    """Register a client and return it (§3.5-3.6)."""
    state = state_of(current_app)
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise JsonError(400, "The body must be a JSON object.")
    errors = list(find_errors(body, exact_domain=state.flavour == "moodle"))
    if errors:
        _log(state, "A registration is refused", 400, {"problems": errors, "request": body})
        return _response({"error": "invalid_client_metadata", "error_description": errors[0]}, 400)
    _use_token(state)
    tool = _add_tool(state, body)
    response = _as_json(tool, body)
    _log(state, f"{tool.name} registers itself", 201, {"request": body, "answer": response})
    return _response(response, 200 if state.flavour == "moodle" else 201)


def _use_token(state: PlatformState) -> None:
    """Check the registration token, and use it up: called last, after the other checks."""
    if state.flavour == "brightspace" and "Authorization" not in request.headers:
        return  # it gives no token: https://github.com/openwebwork/webwork2/pull/2993
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    with state.lock:
        until = state.registration_tokens.pop(token.strip(), 0)
    if kind.lower() != "bearer" or until < time.time():
        raise JsonError(401, "A registration token is needed, and it works once, for an hour.")


def find_errors(body: Json, *, exact_domain: bool = False) -> Iterator[str]:
    """Yield the errors of a registration request."""
    if "id_token" not in (body.get("response_types") or []):
        yield "response_types must hold id_token"
    if body.get("token_endpoint_auth_method") != "private_key_jwt":
        yield "token_endpoint_auth_method must be private_key_jwt"
    if body.get("application_type", "web") != "web":
        yield "application_type must be web"
    grants = body.get("grant_types") or []
    if not {"implicit", "client_credentials"} <= set(grants):
        yield "grant_types must hold implicit and client_credentials"
    redirects = body.get("redirect_uris")
    if not isinstance(redirects, list) or not redirects:
        yield "redirect_uris must be a list with a URL"
    elif not all(_is_url(url) for url in redirects):
        yield "redirect_uris must be URLs"
    for name in ("initiate_login_uri", "jwks_uri"):
        if not _is_url(body.get(name)):
            yield f"{name} must be a URL"
    if not body.get("client_name"):
        yield "client_name is missing"
    yield from _tool_errors(body.get(lti.TOOL_CONFIGURATION), exact_domain)


def _tool_errors(tool: Any, exact_domain: bool) -> Iterator[str]:
    if not isinstance(tool, dict):
        yield f"{lti.TOOL_CONFIGURATION} is missing"
        return
    target = tool.get("target_link_uri")
    if not _is_url(target):
        yield "target_link_uri must be a URL"
        return
    parts = urlsplit(str(target))
    allowed = {parts.netloc} if exact_domain else {parts.netloc, parts.hostname}
    if tool.get("domain") not in allowed:
        yield f"domain must be {parts.netloc}, that of target_link_uri"
    if not isinstance(tool.get("messages", []), list):
        yield "messages must be a list"


def _is_url(text: Any) -> bool:
    return isinstance(text, str) and urlsplit(text).scheme in ("http", "https")


def _add_tool(state: PlatformState, body: Json) -> Tool:
    config = body[lti.TOOL_CONFIGURATION]
    requested = str(body.get("scope", "")).split()
    claims = config.get("claims") or []
    return state.add_tool(
        name=str(body["client_name"]),
        login_url=body["initiate_login_uri"],
        redirect_uris=body["redirect_uris"],
        jwks_uri=body["jwks_uri"],
        target_link_uri=config["target_link_uri"],
        scopes=[scope for scope in lti.SCOPES if scope in requested],
        messages=config.get("messages") or [],
        custom=config.get("custom_parameters") or {},
        icon=body.get("logo_uri"),
        shares_names="name" in claims or "given_name" in claims,
        shares_email="email" in claims,
    )


def _as_json(tool: Tool, body: Json) -> Json:
    config = dict(body[lti.TOOL_CONFIGURATION])
    config |= {"version": "1.3.0", "deployment_id": tool.deployment_id}
    metadata = {name: value for name, value in body.items() if name != lti.TOOL_CONFIGURATION}
    return metadata | {
        "client_id": tool.client_id,
        "scope": " ".join(tool.scopes),
        lti.TOOL_CONFIGURATION: config,
    }


def _response(body: Json, status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response


def _log(state: PlatformState, title: str, status: int, detail: Any) -> None:
    state.log_message("registration", title, to_tool=False, status=status, detail=detail)
