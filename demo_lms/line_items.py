"""Assignment and Grade Services 2.0, §3.2: line items."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from demo_lms import links, urls
from demo_lms import vocabulary as lti
from demo_lms.model import Json, LineItem, Tool
from demo_lms.state import PlatformState
from demo_lms.tokens import bearer
from demo_lms.web import (
    JsonError,
    course_of,
    paginate,
    require_accept,
    require_body,
    state_of,
)

line_items = Blueprint("line_items", __name__)
COLLECTION = "/lti/courses/<course_id>/line-items"
ITEM = COLLECTION + "/<item_id>"


def require_read_scope(state: PlatformState) -> Tool:
    """Return the tool. Moodle requires ``lineitem.readonly`` even with the write scope."""
    if state.flavour == "moodle":
        return bearer(state, lti.SCOPE_LINE_ITEM_READ)
    return bearer(state, lti.SCOPE_LINE_ITEM, lti.SCOPE_LINE_ITEM_READ)


def item_of(state: PlatformState, tool: Tool, course_id: str, item_id: str) -> LineItem:
    """Return a line item of this course and tool, or raise 404."""
    item = state.line_items.get(item_id)
    if item is None or (item.course_id, item.client_id) != (course_id, tool.client_id):
        raise JsonError(404, "There is no such line item.")
    return item


def as_json(state: PlatformState, item: LineItem) -> Json:
    """Return the JSON representation of a line item."""
    body = {
        "id": urls.line_item(state, item),
        "label": item.label,
        "scoreMaximum": item.score_maximum,
        "resourceId": item.resource_id,
        "tag": item.tag,
        "resourceLinkId": _lti_id(state, item),
        "startDateTime": item.start,
        "endDateTime": item.end,
        "gradesReleased": item.grades_released,
        "submissionReview": item.submission_review,
    }
    return {name: value for name, value in body.items() if value is not None}


@line_items.get(COLLECTION)
def list_all(course_id: str) -> Response:
    """List the tool's line items, with filters and pages (AGS 2.0 §3.2.5-3.2.7)."""
    state = state_of(current_app)
    tool = require_read_scope(state)
    require_accept(state, lti.TYPE_LINE_ITEMS)
    filters = request.args
    with state.lock:
        course_of(state, course_id)
        found = [
            item
            for item in state.line_items.values()
            if (item.course_id, item.client_id) == (course_id, tool.client_id)
            and filters.get("resource_link_id") in (None, _lti_id(state, item))
            and filters.get("resource_id") in (None, item.resource_id)
            and filters.get("tag") in (None, item.tag)
        ]
        style = state.faults.links or ("curly" if state.flavour == "moodle" else "plain")
        page, link = paginate(state, tool, found, style)
        body = [as_json(state, item) for item in page]
    response = _response(body, lti.TYPE_LINE_ITEMS)
    if link:
        response.headers["Link"] = link
    _log(state, "The tool reads the line items", 200, {"asked": dict(filters), "answer": body})
    return response


@line_items.post(COLLECTION)
def create(course_id: str) -> Response:
    """Create a line item (AGS 2.0 §3.2.8)."""
    state = state_of(current_app)
    tool = bearer(state, lti.SCOPE_LINE_ITEM)
    body = require_body(state, lti.TYPE_LINE_ITEM)
    with state.lock:
        course_of(state, course_id)
        link = body.get("resourceLinkId")
        resource_link = links.find(state, course_id, link) if isinstance(link, str) else None
        if link is not None and (
            resource_link is None or resource_link.client_id != tool.client_id
        ):
            raise JsonError(404, "resourceLinkId is not a placement of this tool here.")
        label, maximum = _required_fields(state, body)
        item = state.new_line_item(course_id, tool.client_id, label, maximum)
        item.resource_link_id = resource_link.id if resource_link else None
        _set_optional_fields(item, body)
        state.changed()
        body = as_json(state, item)
    _log(state, f"The tool adds the line item {item.label}", 201, body)
    return _response(body, lti.TYPE_LINE_ITEM, 201)


@line_items.get(ITEM)
def get(course_id: str, item_id: str) -> Response:
    """Return a line item (AGS 2.0 §3.2.4)."""
    state = state_of(current_app)
    tool = require_read_scope(state)
    require_accept(state, lti.TYPE_LINE_ITEM)
    return _response(as_json(state, item_of(state, tool, course_id, item_id)), lti.TYPE_LINE_ITEM)


@line_items.put(ITEM)
def update(course_id: str, item_id: str) -> Response:
    """Replace a line item, except its id and resource link (AGS 2.0 §3.2.9)."""
    state = state_of(current_app)
    tool = bearer(state, lti.SCOPE_LINE_ITEM)
    body = require_body(state, lti.TYPE_LINE_ITEM)
    with state.lock:
        item = item_of(state, tool, course_id, item_id)
        item.label, item.score_maximum = _required_fields(state, body)
        _set_optional_fields(item, body)
        state.changed()
        body = as_json(state, item)
    _log(state, f"The tool changes the line item {item.label}", 200, body)
    return _response(body, lti.TYPE_LINE_ITEM)


@line_items.delete(ITEM)
def delete(course_id: str, item_id: str) -> Response:
    """Remove a line item with its scores (AGS 2.0 §3.2.10)."""
    state = state_of(current_app)
    tool = bearer(state, lti.SCOPE_LINE_ITEM)
    with state.lock:
        item = item_of(state, tool, course_id, item_id)
        delete_line_item(state, item)
        state.changed()
    _log(state, f"The tool removes the line item {item.label}", 204, None)
    return Response(status=204)


def delete_line_item(state: PlatformState, item: LineItem) -> None:
    """Remove a line item with its scores. The lock is held."""
    del state.line_items[item.id]
    for resource_link in state.resource_links.values():
        if resource_link.line_item_id == item.id:
            resource_link.line_item_id = None


def _lti_id(state: PlatformState, item: LineItem) -> str | None:
    link = state.resource_links.get(item.resource_link_id or "")
    return links.lti_id(state, link) if link else item.resource_link_id


def _required_fields(state: PlatformState, body: Json) -> tuple[str, float]:
    label, maximum = body.get("label"), body.get("scoreMaximum")
    if not isinstance(label, str) or not label.strip():
        raise JsonError(400, "label must be text, and not empty")
    if state.flavour == "openedx" and maximum == 0:  # taken, and never published
        return label, 0
    if isinstance(maximum, bool) or not isinstance(maximum, int | float) or not maximum > 0:
        raise JsonError(400, "scoreMaximum must be a number above zero")
    return label, maximum


def _set_optional_fields(item: LineItem, body: Json) -> None:
    for name in ("resourceId", "tag", "startDateTime", "endDateTime"):
        if not isinstance(body.get(name, ""), str):
            raise JsonError(400, f"{name} must be text")
    item.resource_id, item.tag = body.get("resourceId"), body.get("tag")
    item.start, item.end = body.get("startDateTime"), body.get("endDateTime")
    item.grades_released = body.get("gradesReleased")
    item.submission_review = body.get("submissionReview")


def _response(body: Any, media_type: str, status: int = 200) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.content_type = media_type
    return response


def _log(state: PlatformState, title: str, status: int, detail: Any) -> None:
    state.log_message("line item", title, to_tool=False, status=status, detail=detail)
