"""Helpers of all views: state, errors, content types, pagination."""

import base64
from collections.abc import Sequence
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl, urlencode

from flask import Flask, request

from demo_lms.fault_injection import Links
from demo_lms.model import Course, Tool
from demo_lms.state import PlatformState

EXTENSION = "demo_lms"
T = TypeVar("T")


class RequestError(Exception):
    """An error with an HTTP status and a message for the user."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class JsonError(RequestError):
    """An error of an LTI service, sent to the tool as JSON."""


def state_of(app: Flask) -> PlatformState:
    """Return the state that this application serves."""
    return cast(PlatformState, app.extensions[EXTENSION])


def course_of(state: PlatformState, course_id: str) -> Course:
    """Return a course by its id, or raise 404."""
    course = state.courses.get(course_id)
    if course is None:
        raise JsonError(404, "There is no such course.")
    return course


def require_accept(state: PlatformState, media_type: str) -> None:
    """Require the exact media type: Moodle rejects ``*/*`` and plain JSON with 400."""
    accepted = [
        part.partition(";")[0].strip() for part in request.headers.get("Accept", "").split(",")
    ]
    if media_type not in accepted:
        status = 400 if state.flavour == "moodle" else 406
        raise JsonError(status, f"Accept must name {media_type}")


def require_body(state: PlatformState, media_type: str) -> dict[str, Any]:
    """Return the JSON object in the request body, which must have this media type."""
    if request.mimetype != media_type:
        status = 400 if state.flavour == "moodle" else 415
        raise JsonError(status, f"Content-Type must be {media_type}")
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise JsonError(400, "The body must be a JSON object.")
    return body


def paginate(
    state: PlatformState, tool: Tool, items: Sequence[T], links: Links
) -> tuple[list[T], str]:
    """Return a page of a list by ``limit`` and ``page``, and its ``Link`` header ("" if last).

    ``page`` is opaque and case-sensitive, like bookmarks of Canvas.
    """
    offset = _offset(request.args.get("page", ""))
    limit = request.args.get("limit", state.faults.page_size, type=int) or 0
    if limit < 1:
        raise JsonError(400, "limit must be a whole number above zero")
    size = min(limit, state.faults.page_size)
    page = list(items[offset : offset + size])
    following = offset if links == "loop" else offset + size
    if following >= len(items):
        return page, ""
    query = dict(parse_qsl(request.query_string.decode(), keep_blank_values=True))
    base = state.public_url if links != "foreign" else "http://127.0.0.2:9"
    path = base + request.path

    def at(start: int) -> str:
        token = base64.urlsafe_b64encode(f"Patio:{start}".encode()).decode().rstrip("=")
        return path + "?" + urlencode(query | {"page": token})

    return page, _link(links, at(following), at(0), at(max(0, len(items) - size)))


def _offset(token: str) -> int:
    if not token:
        return 0
    try:
        name, _, start = base64.urlsafe_b64decode(token + "==").decode().partition(":")
        if name == "Patio":
            return int(start)
    except ValueError:
        pass
    raise JsonError(400, "page is not one that this platform gave out")


def _link(links: Links, following: str, first: str, last: str) -> str:
    match links:
        case "curly":  # Moodle 4.5 for line items: UTF-8 in a Latin-1 header
            text = ", ".join(
                f"<{url.replace('&', '&amp;')}>; rel=“{name}”"
                for name, url in (("first", first), ("next", following), ("last", last))
            )
            return text.encode().decode("latin-1")
        case "shouted":
            return f"<{following}>;REL=NEXT"
        case "extra":
            return (
                f'<{first}>; rel="first", <{following}>; title="more, with; rel=\\"prev\\""; '
                f'rel="next", <{last}>; rel="last"'
            )
        case _:
            return f'<{following}>; rel="next"'
