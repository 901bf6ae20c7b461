"""The launch: OpenID Connect third-party-initiated login, as used by LTI.

1EdTech Security Framework 1.0 §5.1 and LTI Core 1.3 §5.1: the platform posts a login request to
the tool, the tool answers with an authentication request to :func:`authorize`, and the platform
posts the signed message (or an error) to the tool's redirect URI.
"""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from demo_lms import vocabulary as lti
from demo_lms.flavours import PRODUCTS
from demo_lms.id_tokens import mint
from demo_lms.jwks import key_set_body
from demo_lms.messages import claims_of, target_of
from demo_lms.model import PendingLaunch, Tool, User
from demo_lms.state import PENDING_SECONDS, PlatformState
from demo_lms.web import RequestError, state_of

oidc = Blueprint("oidc", __name__)


def login_fields(state: PlatformState, pending: PendingLaunch) -> dict[str, str]:
    """Return the fields of the login request to the tool (LTI Core 1.3 §5.1.1)."""
    tool = state.tools[pending.client_id]
    hint = pending.id
    if state.flavour == "moodle":
        hint = f'{{"cmid":3,"launchid":"{pending.id}"}}'
    fields = {
        "iss": state.iss,
        "login_hint": pending.user,
        "target_link_uri": target_of(state, pending),
        "lti_message_hint": hint,
        "client_id": tool.client_id,
        "lti_deployment_id": pending.deployment_id or tool.deployment_id,
    }
    if pending.storage_target:
        fields["lti_storage_target"] = pending.storage_target
    return fields


@oidc.get("/.well-known/openid-configuration")
def configuration() -> Response:
    """Discovery: OpenID Connect Discovery 1.0, with LTI's part (Dynamic Registration §2.1)."""
    state = state_of(current_app)
    return jsonify(
        {
            "issuer": state.iss,
            "authorization_endpoint": state.url("/lti/authorize"),
            "token_endpoint": state.url("/lti/token"),
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "jwks_uri": state.url("/lti/keys"),
            "registration_endpoint": state.url("/lti/registrations"),
            "scopes_supported": ["openid", *lti.SCOPES],
            "response_types_supported": ["id_token"],
            "response_modes_supported": ["form_post"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": [
                "iss",
                "sub",
                "name",
                "given_name",
                "family_name",
                "email",
                "locale",
            ],
            lti.PLATFORM_CONFIGURATION: {
                "product_family_code": PRODUCTS[state.flavour],
                "version": "1",
                "messages_supported": [
                    {"type": lti.RESOURCE_LINK},
                    {"type": lti.DEEP_LINKING, "placements": ["ContentArea"]},
                    {"type": lti.SUBMISSION_REVIEW},
                    {"type": lti.DATA_PRIVACY},
                ],
                "variables": [
                    "User.id",
                    "Person.name.full",
                    "Person.email.primary",
                    "Context.id",
                    "Context.title",
                    "ResourceLink.id",
                    "ResourceLink.title",
                    "Message.locale",
                ],
            },
        }
    )


@oidc.get("/lti/keys")
def keys() -> Response:
    """The platform's public keys (RFC 7517)."""
    state = state_of(current_app)
    faults = state.faults
    with state.lock:
        faults.key_set_fetches += 1
    start = time.monotonic()
    while time.monotonic() - start < faults.key_set_delay:  # a test may reduce it meanwhile
        time.sleep(0.02)
    return Response(key_set_body(state), faults.key_set_status, content_type="application/json")


@dataclass(frozen=True, slots=True)
class AuthenticationRequest:
    """An authentication request whose client and redirect URI are valid."""

    tool: Tool
    redirect_uri: str
    state: str


@oidc.route("/lti/authorize", methods=["GET", "POST"])
def authorize() -> Response:
    """Respond to an authentication request with a form that is posted to the tool."""
    state = state_of(current_app)
    values = request.values.to_dict()
    auth_request = _check_client(state, values)
    state.log_message("authentication", "The tool asks who came", to_tool=False, detail=values)
    fields = _response_fields(state, auth_request, values) | {"state": auth_request.state}
    if "error" in fields:
        state.log_message(
            "authentication", "The platform does not say", to_tool=True, detail=fields
        )
    page = render_template("post.html", action=auth_request.redirect_uri, fields=fields, lms=state)
    response = Response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _check_client(state: PlatformState, values: dict[str, str]) -> AuthenticationRequest:
    """Check client and redirect URI. Before that, errors are shown on this page only."""
    tool = state.tools.get(values.get("client_id", ""))
    if tool is None:
        raise RequestError(400, "No tool is registered here with that client_id.")
    redirect_uri = values.get("redirect_uri", "")
    if redirect_uri not in tool.redirect_uris:
        raise RequestError(400, "The redirect_uri is not one of those that the tool registered.")
    return AuthenticationRequest(tool, redirect_uri, values.get("state", ""))


def _response_fields(
    state: PlatformState, auth_request: AuthenticationRequest, values: dict[str, str]
) -> dict[str, str]:
    """Return the fields to post: an id_token, or an OAuth error."""
    for name, required in (
        ("scope", "openid"),
        ("response_type", "id_token"),
        ("response_mode", "form_post"),
        ("prompt", "none"),
    ):
        if values.get(name) != required:
            return _error("invalid_request", f"{name} must be {required}")
    for name in ("nonce", "state", "login_hint"):
        if not values.get(name):
            return _error("invalid_request", f"{name} is missing")
    pending = _pending(state, values.get("lti_message_hint", ""))
    if pending is None:
        return _error("invalid_request", "lti_message_hint names no launch that is under way")
    if pending.client_id != auth_request.tool.client_id:
        return _error("unauthorized_client", "this launch belongs to another tool")
    user = state.users.get(values["login_hint"])
    if user is None or user.handle != pending.user:
        return _error("login_required", "login_hint is not the person who began this launch")
    return _id_token(state, pending, user, values["nonce"])


def _id_token(
    state: PlatformState, pending: PendingLaunch, user: User, nonce: str
) -> dict[str, str]:
    faults = state.faults
    claims: Any = claims_of(state, pending, nonce)
    if faults.edit_claims:
        claims = faults.edit_claims(claims) or claims
    token = mint(state, claims, **faults.token_options)
    state.log_message(
        "message",
        f"{pending.message_type} for {user.name or 'a user without a name'}",
        to_tool=True,
        detail=claims if isinstance(claims, dict) else str(claims)[:2000],
    )
    fields = {"id_token": token}
    if pending.storage_target:
        fields["lti_storage_target"] = pending.storage_target
    return fields


def _pending(state: PlatformState, hint: str) -> PendingLaunch | None:
    if state.flavour == "moodle":
        hint = hint.rpartition('"launchid":"')[2].partition('"')[0]
    pending = state.pending.get(hint)
    return pending if pending and pending.started + PENDING_SECONDS > time.time() else None


def _error(code: str, description: str) -> dict[str, str]:
    return {"error": code, "error_description": description}


def tool_origins(tool: Tool) -> list[str]:
    """Return the origins whose frames may use the platform storage."""
    urls = [tool.target_link_uri, tool.login_url, *tool.redirect_uris]
    parts = [urlsplit(url) for url in urls]
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts})
