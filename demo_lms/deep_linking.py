"""Takes the answer to a deep-linking request: Deep Linking 2.0 §4.5 and §5.

Nothing is believed before the tool's signature is checked; then the answer must be to a question
that was asked, of this tool, and hold only what was asked for.
"""

import secrets
from typing import Any

from flask import Blueprint, current_app, render_template, request

from demo_lms import vocabulary as lti
from demo_lms.model import DeepLink, Json, ResourceLink
from demo_lms.signed import SignatureError, verified
from demo_lms.state import State
from demo_lms.web import RequestError, state_of

deep_linking = Blueprint("deep_linking", __name__)


@deep_linking.post("/lti/deep-linking/<request_id>")
def answered(request_id: str) -> Any:
    """Check the answer, make the activities, and tell the person, inside the frame."""
    state = state_of(current_app)
    asked = state.deep_links.get(request_id)
    if asked is None or asked.client_id not in state.tools:
        raise RequestError(404, "Nobody is choosing an activity here any more.")
    try:
        claims = verify(state, asked, request.form.get("JWT", ""))
    except RequestError as error:
        state.note(
            "deep linking",
            "The tool's answer is refused",
            to_tool=False,
            status=error.status,
            detail=error.message,
        )
        raise
    made = _made(state, asked, claims)
    state.note(
        "deep linking",
        f"The tool answers with {len(made)} of its activities",
        to_tool=False,
        status=200,
        detail=claims,
    )
    return render_template(
        "chosen.html",
        lms=state,
        made=made,
        asked=asked,
        course=state.courses[asked.course_id],
        message=claims.get(lti.DL + "msg"),
        error=claims.get(lti.DL + "errormsg"),
    )


def verify(state: State, asked: DeepLink, token: str) -> Json:
    """The claims of a good answer; else :class:`RequestError` with what is wrong."""
    tool = state.tools[asked.client_id]
    try:
        claims = verified(state, tool, token, {state.iss})
    except SignatureError as error:
        raise RequestError(400, str(error)) from error
    expected = {
        lti.LTI + "message_type": lti.DEEP_LINKING_ANSWER,
        lti.LTI + "version": "1.3.0",
        lti.LTI + "deployment_id": tool.deployment_id,
    }
    if asked.data is not None:
        expected[lti.DL + "data"] = asked.data
    for name, value in expected.items():
        if claims.get(name) != value:
            short = name.rpartition("/")[2]
            raise RequestError(400, f"The answer's {short} is not {value}.")
    _content_items(asked, claims)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise RequestError(400, "The answer has no nonce.")
    with state.lock:
        if asked.answered or not state.first_time(f"nonce {tool.client_id} {nonce}"):
            raise RequestError(400, "This answer was given before.")
        asked.answered = True
    return claims


def _content_items(asked: DeepLink, claims: Json) -> None:
    items = claims.get(lti.DL + "content_items", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise RequestError(400, "The answer's content_items is not a list of objects.")
    for item in items:
        if item.get("type") not in asked.accept_types:
            raise RequestError(400, f"The type {item.get('type')} was not asked for.")
        if item["type"] == "link" and not item.get("url"):
            raise RequestError(400, "A link has no url.")
        column = item.get("lineItem")
        if column is not None and not _is_column(column):
            raise RequestError(400, "A lineItem has no scoreMaximum above zero.")
    if len(items) > 1 and not asked.accept_multiple:
        raise RequestError(400, "One activity was asked for, and more were sent.")


def _is_column(column: Any) -> bool:
    maximum = column.get("scoreMaximum") if isinstance(column, dict) else None
    return isinstance(maximum, int | float) and not isinstance(maximum, bool) and maximum > 0


def _made(state: State, asked: DeepLink, claims: Json) -> list[ResourceLink]:
    with state.lock:
        made = [_placed(state, asked, item) for item in claims.get(lti.DL + "content_items", [])]
        state.changed()
    return made


def _placed(state: State, asked: DeepLink, item: Json) -> ResourceLink:
    tool = state.tools[asked.client_id]
    resource_link = ResourceLink(
        id="rl-" + secrets.token_hex(6),
        course_id=asked.course_id,
        client_id=asked.client_id,
        title=str(item.get("title") or tool.name),
        text=str(item.get("text") or ""),
        url=item.get("url"),
        custom={str(k): v for k, v in (item.get("custom") or {}).items()},
        frame_height=(item.get("iframe") or {}).get("height"),
        icon=(item.get("icon") or {}).get("url"),
        is_link=item["type"] == "link",
    )
    state.placements[resource_link.id] = resource_link
    column = item.get("lineItem")
    if column:
        line = state.new_line_item(
            asked.course_id,
            asked.client_id,
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
