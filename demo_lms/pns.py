"""Platform Notification Service 1.0 (https://www.imsglobal.org/spec/lti-pns/v1p0/main/).

The only notice type is the context copy notice. As on Canvas, a notice is sent once, without
retries.
"""

import secrets
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests
from flask import Blueprint, Response, current_app, jsonify

from demo_lms import vocabulary as lti
from demo_lms.id_tokens import mint
from demo_lms.model import Course, Json, Tool
from demo_lms.state import PlatformState
from demo_lms.tokens import bearer
from demo_lms.web import JsonError, require_body, state_of

notices = Blueprint("notices", __name__)
TIMEOUT = (3, 10)


@notices.put("/lti/notice-handlers")
def handler() -> Response:
    """Set the tool's handler for a notice type; an empty one removes it."""
    state = state_of(current_app)
    tool = bearer(state, lti.SCOPE_NOTICES)
    body = require_body(state, "application/json")
    kind, url = body.get("notice_type"), body.get("handler")
    if kind != lti.COPY_NOTICE:
        raise JsonError(400, f"The only notice_type is {lti.COPY_NOTICE}")
    if not isinstance(url, str):
        raise JsonError(400, "handler must be a URL, or empty")
    if url and urlsplit(url).hostname != urlsplit(tool.target_link_uri).hostname:
        raise JsonError(400, "handler must be on the tool's own domain")
    with state.lock:
        tool.notice_handlers.pop(kind, None)
        if url:
            tool.notice_handlers[kind] = url
        state.changed()
    state.log_message(
        "notice", "The tool subscribes to notices", to_tool=False, status=200, detail=body
    )
    return jsonify(notice_type=kind, handler=url)


@notices.get("/lti/notice-handlers")
def handlers() -> Response:
    """List the tool's handlers."""
    tool = bearer(state_of(current_app), lti.SCOPE_NOTICES)
    named = [{"notice_type": kind, "handler": url} for kind, url in tool.notice_handlers.items()]
    return jsonify(client_id=tool.client_id, notice_handlers=named)


def send_copy_notices(state: PlatformState, origin: Course, copied: Course) -> None:
    """Send the notice of a copied course to every tool with a handler."""
    for tool in list(state.tools.values()):
        url = tool.notice_handlers.get(lti.COPY_NOTICE)
        if url:
            _send(state, url, _copy_claims(state, tool, origin, copied))


def _copy_claims(state: PlatformState, tool: Tool, origin: Course, copied: Course) -> Json:
    now = int(time.time())
    return {
        "iss": state.iss,
        "aud": tool.client_id,
        "azp": tool.client_id,
        "iat": now,
        "exp": now + 300,
        "nonce": secrets.token_urlsafe(12),
        lti.LTI + "version": "1.3.0",
        lti.LTI + "deployment_id": tool.deployment_id,
        lti.LTI + "notice": {
            "id": secrets.token_hex(8),
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "type": lti.COPY_NOTICE,
        },
        lti.LTI + "context": {"id": copied.id, "label": copied.label, "title": copied.title},
        lti.LTI + "origin_contexts": [origin.id],
    }


def _send(state: PlatformState, url: str, claims: Json) -> None:
    body = {"notices": [{"jwt": mint(state, claims)}]}
    try:
        status = requests.post(url, json=body, timeout=TIMEOUT).status_code
    except requests.RequestException:
        status = 0
    title = "The platform tells the tool that a course was copied"
    state.log_message("notice", title, to_tool=True, status=status or None, detail=claims)
