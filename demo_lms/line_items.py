"""Assignment and Grade Services 2.0, §3.2: the columns of the gradebook."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from demo_lms import urls
from demo_lms import vocabulary as lti
from demo_lms.model import Json, LineItem, Tool
from demo_lms.state import State
from demo_lms.tokens import bearer
from demo_lms.web import (
    ServiceError,
    course_of,
    one_page,
    require_accept,
    require_body,
    state_of,
)

line_items = Blueprint("line_items", __name__)
COLLECTION = "/lti/courses/<course_id>/line-items"
ITEM = COLLECTION + "/<item_id>"


def may_read(state: State) -> Tool:
    """Moodle wants ``lineitem.readonly`` named even of tools that may write."""
    if state.flavour == "moodle":
        return bearer(state, lti.SCOPE_LINE_ITEM_READ)
    return bearer(state, lti.SCOPE_LINE_ITEM, lti.SCOPE_LINE_ITEM_READ)


def item_of(state: State, tool: Tool, course_id: str, item_id: str) -> LineItem:
    """A line item of this course that belongs to this tool, or 404."""
    item = state.line_items.get(item_id)
    if item is None or (item.course_id, item.client_id) != (course_id, tool.client_id):
        raise ServiceError(404, "There is no such line item.")
    return item


def as_json(state: State, item: LineItem) -> Json:
    """A line item as the service shows it."""
    body = {
        "id": urls.line_item(state, item),
        "label": item.label,
        "scoreMaximum": item.score_maximum,
        "resourceId": item.resource_id,
        "tag": item.tag,
        "resourceLinkId": item.resource_link_id,
        "startDateTime": item.start,
        "endDateTime": item.end,
        "gradesReleased": item.grades_released,
        "submissionReview": item.submission_review,
    }
    return {name: value for name, value in body.items() if value is not None}


@line_items.get(COLLECTION)
def listed(course_id: str) -> Response:
    """All of the tool's line items, filtered and paged (AGS 2.0 §3.2.5-3.2.7)."""
    state = state_of(current_app)
    tool = may_read(state)
    require_accept(state, lti.TYPE_LINE_ITEMS)
    wanted = request.args
    with state.lock:
        course_of(state, course_id)
        found = [
            item
            for item in state.line_items.values()
            if (item.course_id, item.client_id) == (course_id, tool.client_id)
            and wanted.get("resource_link_id") in (None, item.resource_link_id)
            and wanted.get("resource_id") in (None, item.resource_id)
            and wanted.get("tag") in (None, item.tag)
        ]
        manner = state.mischief.links or ("curly" if state.flavour == "moodle" else "plain")
        page, link = one_page(state, tool, found, manner)
        body = [as_json(state, item) for item in page]
    answer = _answered(body, lti.TYPE_LINE_ITEMS)
    if link:
        answer.headers["Link"] = link
    _noted(state, "The tool reads the line items", 200, {"asked": dict(wanted), "answer": body})
    return answer


@line_items.post(COLLECTION)
def created(course_id: str) -> Response:
    """A new line item (AGS 2.0 §3.2.8)."""
    state = state_of(current_app)
    tool = bearer(state, lti.SCOPE_LINE_ITEM)
    wanted = require_body(state, lti.TYPE_LINE_ITEM)
    with state.lock:
        course_of(state, course_id)
        link = wanted.get("resourceLinkId")
        resource_link = state.placements.get(link) if isinstance(link, str) else None
        if link is not None and (
            resource_link is None
            or (resource_link.course_id, resource_link.client_id) != (course_id, tool.client_id)
        ):
            raise ServiceError(404, "resourceLinkId is not a placement of this tool here.")
        label, maximum = _required(wanted)
        item = state.new_line_item(course_id, tool.client_id, label, maximum)
        item.resource_link_id = link
        _optional(item, wanted)
        state.changed()
        body = as_json(state, item)
    _noted(state, f"The tool adds the line item {item.label}", 201, body)
    return _answered(body, lti.TYPE_LINE_ITEM, 201)


@line_items.get(ITEM)
def shown(course_id: str, item_id: str) -> Response:
    """One line item (AGS 2.0 §3.2.4)."""
    state = state_of(current_app)
    tool = may_read(state)
    require_accept(state, lti.TYPE_LINE_ITEM)
    return _answered(as_json(state, item_of(state, tool, course_id, item_id)), lti.TYPE_LINE_ITEM)


@line_items.put(ITEM)
def updated(course_id: str, item_id: str) -> Response:
    """The whole line item anew, except its id and resource link (AGS 2.0 §3.2.9)."""
    state = state_of(current_app)
    tool = bearer(state, lti.SCOPE_LINE_ITEM)
    wanted = require_body(state, lti.TYPE_LINE_ITEM)
    with state.lock:
        item = item_of(state, tool, course_id, item_id)
        item.label, item.score_maximum = _required(wanted)
        _optional(item, wanted)
        state.changed()
        body = as_json(state, item)
    _noted(state, f"The tool changes the line item {item.label}", 200, body)
    return _answered(body, lti.TYPE_LINE_ITEM)


@line_items.delete(ITEM)
def deleted(course_id: str, item_id: str) -> Response:
    """Remove a line item with its scores (AGS 2.0 §3.2.10)."""
    state = state_of(current_app)
    tool = bearer(state, lti.SCOPE_LINE_ITEM)
    with state.lock:
        item = item_of(state, tool, course_id, item_id)
        del state.line_items[item.id]
        for resource_link in state.placements.values():
            if resource_link.line_item_id == item.id:
                resource_link.line_item_id = None
        state.changed()
    _noted(state, f"The tool removes the line item {item.label}", 204, None)
    return Response(status=204)


def _required(wanted: Json) -> tuple[str, float]:
    label, maximum = wanted.get("label"), wanted.get("scoreMaximum")
    if not isinstance(label, str) or not label.strip():
        raise ServiceError(400, "label must be text, and not empty")
    if isinstance(maximum, bool) or not isinstance(maximum, int | float) or not maximum > 0:
        raise ServiceError(400, "scoreMaximum must be a number above zero")
    return label, maximum


def _optional(item: LineItem, wanted: Json) -> None:
    for name in ("resourceId", "tag", "startDateTime", "endDateTime"):
        if not isinstance(wanted.get(name, ""), str):
            raise ServiceError(400, f"{name} must be text")
    item.resource_id, item.tag = wanted.get("resourceId"), wanted.get("tag")
    item.start, item.end = wanted.get("startDateTime"), wanted.get("endDateTime")
    item.grades_released = wanted.get("gradesReleased")
    item.submission_review = wanted.get("submissionReview")


def _answered(body: Any, media_type: str, status: int = 200) -> Response:
    answer = jsonify(body)
    answer.status_code = status
    answer.content_type = media_type
    return answer


def _noted(state: State, title: str, status: int, detail: Any) -> None:
    state.note("line item", title, to_tool=False, status=status, detail=detail)
