"""Receive deep-linking responses: Deep Linking 2.0 §4.5 and §5.

The signature is verified first. Then the response must match a request to this tool, and contain
only what was requested.
"""

import secrets
from typing import Any

from flask import Blueprint, current_app, render_template, request

from demo_lms import vocabulary as lti
from demo_lms.jwt_verification import SignatureError, verify_jwt
from demo_lms.model import DeepLinkingRequest, Json, ResourceLink
from demo_lms.state import PlatformState
from demo_lms.web import RequestError, state_of

deep_linking = Blueprint("deep_linking", __name__)

_LINKS = ("link", "file")
"""Types of items that are listed as links in the course; a file is downloaded from there."""


@deep_linking.post("/lti/deep-linking/<request_id>")
def receive_response(request_id: str) -> Any:
    """Check the response, create the activities, and show the result in the frame."""
    state = state_of(current_app)
    link_request = state.deep_links.get(request_id)
    if link_request is None or link_request.client_id not in state.tools:
        raise RequestError(404, "Nobody is choosing an activity here any more.")
    try:
        claims = verify(state, link_request, request.form.get("JWT", ""))
    except RequestError as error:
        state.log_message(
            "deep linking",
            "The tool's response is refused",
            to_tool=False,
            status=error.status,
            detail=error.message,
        )
        raise
    created = _create_activities(state, link_request, claims)
    state.log_message(
        "deep linking",
        f"The tool answers with {len(created)} of its activities",
        to_tool=False,
        status=200,
        detail=claims,
    )
    return render_template(
        "chosen.html",
        lms=state,
        created=created,
        link_request=link_request,
        course=state.courses[link_request.course_id],
        message=claims.get(lti.DL + "msg"),
        error=claims.get(lti.DL + "errormsg"),
    )


def verify(state: PlatformState, link_request: DeepLinkingRequest, token: str) -> Json:
    """Return the claims of a valid response; otherwise raise :class:`RequestError`."""
    tool = state.tools[link_request.client_id]
    try:
        claims = verify_jwt(state, tool, token, {state.iss})
    except SignatureError as error:
        raise RequestError(400, str(error)) from error
    expected = {
        lti.LTI + "message_type": lti.DEEP_LINKING_RESPONSE,
        lti.LTI + "version": "1.3.0",
        lti.LTI + "deployment_id": link_request.deployment_id,
    }
    if link_request.data is not None:
        expected[lti.DL + "data"] = link_request.data
    for name, value in expected.items():
        if claims.get(name) != value:
            short = name.rpartition("/")[2]
            raise RequestError(400, f"The answer's {short} is not {value}.")
    _content_items(state, link_request, claims)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise RequestError(400, "The response has no nonce.")
    with state.lock:
        if link_request.answered or not state.use_once(f"nonce {tool.client_id} {nonce}"):
            raise RequestError(400, "This response was given before.")
        link_request.answered = True
    return claims


def _content_items(state: PlatformState, link_request: DeepLinkingRequest, claims: Json) -> None:
    items = claims.get(lti.DL + "content_items", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise RequestError(400, "The answer's content_items is not a list of objects.")
    for item in items:
        if item.get("type") not in link_request.accept_types:
            raise RequestError(400, f"The type {item.get('type')} was not asked for.")
        if item["type"] in _LINKS and not item.get("url"):
            raise RequestError(400, f"A {item['type']} has no url.")
        if state.flavour == "blackboard" and not item.get("url"):
            raise RequestError(400, "Invalid Link: the item has no url.")
        column = item.get("lineItem")
        if column is not None and not _is_column(column):
            raise RequestError(400, "A lineItem has no scoreMaximum above zero.")
    if len(items) > 1 and not link_request.accept_multiple:
        raise RequestError(400, "One activity was asked for, and more were sent.")


def _is_column(column: Any) -> bool:
    maximum = column.get("scoreMaximum") if isinstance(column, dict) else None
    return isinstance(maximum, int | float) and not isinstance(maximum, bool) and maximum > 0


def _create_activities(
    state: PlatformState, link_request: DeepLinkingRequest, claims: Json
) -> list[ResourceLink]:
    with state.lock:
        created = [
            _create_activity(state, link_request, item)
            for item in claims.get(lti.DL + "content_items", [])
        ]
        state.changed()
    return created


def _create_activity(
    state: PlatformState, link_request: DeepLinkingRequest, item: Json
) -> ResourceLink:
    tool = state.tools[link_request.client_id]
    resource_link = ResourceLink(
        id="rl-" + secrets.token_hex(6),
        course_id=link_request.course_id,
        client_id=link_request.client_id,
        title=str(item.get("title") or tool.name),
        text=str(item.get("text") or ""),
        url=item.get("url"),
        custom={str(k): v for k, v in (item.get("custom") or {}).items()},
        frame_height=(item.get("iframe") or {}).get("height"),
        icon=(item.get("icon") or {}).get("url"),
        is_link=item["type"] in _LINKS,
    )
    state.resource_links[resource_link.id] = resource_link
    # Canvas ignores it unless the site has turned it on:
    # https://github.com/instructure/canvas-lms/issues/1749
    column = None if state.flavour == "canvas" else item.get("lineItem")
    if column:
        line = state.new_line_item(
            link_request.course_id,
            link_request.client_id,
            str(column.get("label") or resource_link.title),
            column["scoreMaximum"],
        )
        line.resource_id, line.tag = column.get("resourceId"), column.get("tag")
        line.grades_released = column.get("gradesReleased")
        line.submission_review = column.get("submissionReview")
        line.start = (item.get("available") or {}).get("startDateTime")
        line.end = (item.get("submission") or {}).get("endDateTime")
        line.resource_link_id = resource_link.id
        resource_link.line_item_id = line.id
    return resource_link
