"""The launch: OpenID Connect third-party-initiated login, as LTI uses it.

1EdTech Security Framework 1.0 §5.1 and LTI Core 1.3 §5.1: the platform posts a login request to
the tool, the tool answers with an authentication request to :func:`authorize`, and the platform
posts the signed message (or an error) to the tool's redirect address.
"""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from demo_lms import vocabulary as lti
from demo_lms.key_set import key_set_body
from demo_lms.messages import claims_of, target_of
from demo_lms.mischief import mint
from demo_lms.model import Pending, Tool, User
from demo_lms.state import PENDING_SECONDS, State
from demo_lms.web import RequestError, state_of

oidc = Blueprint("oidc", __name__)


def login_fields(state: State, pending: Pending) -> dict[str, str]:
    """What the login request to the tool carries (LTI Core 1.3 §5.1.1)."""
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
        "lti_deployment_id": tool.deployment_id,
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
                "product_family_code": "patio" if state.flavour == "plain" else state.flavour,
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
    tricks = state.mischief
    with state.lock:
        tricks.key_set_fetches += 1
    asked = time.monotonic()
    while time.monotonic() - asked < tricks.key_set_delay:  # which may be lifted meanwhile
        time.sleep(0.02)
    return Response(key_set_body(state), tricks.key_set_status, content_type="application/json")


@dataclass(frozen=True, slots=True)
class Asked:
    """An authentication request that may be answered: to whom, and how."""

    tool: Tool
    redirect_uri: str
    state: str


@oidc.route("/lti/authorize", methods=["GET", "POST"])
def authorize() -> Response:
    """Answer an authentication request with a form that posts itself to the tool."""
    state = state_of(current_app)
    values = request.values.to_dict()
    asked = _asked(state, values)
    state.note("authentication", "The tool asks who came", to_tool=False, detail=values)
    fields = _answer(state, asked, values) | {"state": asked.state}
    if "error" in fields:
        state.note("authentication", "The platform does not say", to_tool=True, detail=fields)
    page = render_template("post.html", action=asked.redirect_uri, fields=fields, lms=state)
    answer = Response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _asked(state: State, values: dict[str, str]) -> Asked:
    """Check whom to answer. Until that is certain nothing may be sent anywhere but to this page."""
    tool = state.tools.get(values.get("client_id", ""))
    if tool is None:
        raise RequestError(400, "No tool is registered here with that client_id.")
    redirect_uri = values.get("redirect_uri", "")
    if redirect_uri not in tool.redirect_uris:
        raise RequestError(400, "The redirect_uri is not one of those that the tool registered.")
    return Asked(tool, redirect_uri, values.get("state", ""))


def _answer(state: State, asked: Asked, values: dict[str, str]) -> dict[str, str]:
    """The fields to post: an id_token, or an OAuth error."""
    for name, only in (
        ("scope", "openid"),
        ("response_type", "id_token"),
        ("response_mode", "form_post"),
        ("prompt", "none"),
    ):
        if values.get(name) != only:
            return _error("invalid_request", f"{name} must be {only}")
    for name in ("nonce", "state", "login_hint"):
        if not values.get(name):
            return _error("invalid_request", f"{name} is missing")
    pending = _pending(state, values.get("lti_message_hint", ""))
    if pending is None:
        return _error("invalid_request", "lti_message_hint names no launch that is under way")
    if pending.client_id != asked.tool.client_id:
        return _error("unauthorized_client", "this launch belongs to another tool")
    user = state.people.get(values["login_hint"])
    if user is None or user.handle != pending.user:
        return _error("login_required", "login_hint is not the person who began this launch")
    return _id_token(state, pending, user, values["nonce"])


def _id_token(state: State, pending: Pending, user: User, nonce: str) -> dict[str, str]:
    tricks = state.mischief
    claims: Any = claims_of(state, pending, nonce)
    if tricks.edit_claims:
        claims = tricks.edit_claims(claims) or claims
    token = mint(state, claims, **tricks.minted)
    state.note(
        "message",
        f"{pending.message_type} for {user.name or 'somebody without a name'}",
        to_tool=True,
        detail=claims if isinstance(claims, dict) else str(claims)[:2000],
    )
    fields = {"id_token": token}
    if pending.storage_target:
        fields["lti_storage_target"] = pending.storage_target
    return fields


def _pending(state: State, hint: str) -> Pending | None:
    if state.flavour == "moodle":
        hint = hint.rpartition('"launchid":"')[2].partition('"')[0]
    pending = state.pending.get(hint)
    return pending if pending and pending.begun + PENDING_SECONDS > time.time() else None


def _error(code: str, description: str) -> dict[str, str]:
    return {"error": code, "error_description": description}


def tool_origins(tool: Tool) -> list[str]:
    """The origins that a tool's frame may speak from, for the platform's storage."""
    urls = [tool.target_link_uri, tool.login_url, *tool.redirect_uris]
    parts = [urlsplit(url) for url in urls]
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts})
