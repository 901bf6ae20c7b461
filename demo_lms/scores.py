"""Assignment and Grade Services 2.0, §3.3 and §3.4: scores come in, results go out."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from demo_lms import urls
from demo_lms import vocabulary as lti
from demo_lms.line_items import ITEM, item_of
from demo_lms.model import Json, LineItem, Score
from demo_lms.state import State
from demo_lms.tokens import bearer
from demo_lms.web import ServiceError, one_page, require_accept, require_body, state_of

scores = Blueprint("scores", __name__)
ACTIVITY = ("Initialized", "Started", "InProgress", "Submitted", "Completed")
GRADING = ("FullyGraded", "Pending", "PendingManual", "Failed", "NotReady")


@scores.post(ITEM + "/scores")
def score(course_id: str, item_id: str) -> Response:
    """Take a score, if it is newer than the one that is known."""
    state = state_of(current_app)
    tool = bearer(state, lti.SCOPE_SCORE)
    body = require_body(state, lti.TYPE_SCORE)
    with state.lock:
        item = item_of(state, tool, course_id, item_id)
        try:
            kept = _score(state, item, body)
        except ServiceError as error:
            _noted(state, f"A score for {item.label} is refused", error.status, body)
            raise
        item.scores[kept.user_id] = kept
        state.changed()
    _noted(state, f"The tool sends a score for {item.label}", 200, body)
    return Response(status=200, content_type=lti.TYPE_SCORE)


def _score(state: State, item: LineItem, body: Json) -> Score:
    user_id = body.get("userId")
    if not isinstance(user_id, str) or user_id not in _participants(state, item):
        status = 422 if state.flavour == "canvas" else 400
        raise ServiceError(status, "userId is not a participant of this course")
    if body.get("activityProgress") not in ACTIVITY:
        raise ServiceError(400, "activityProgress must be one of " + ", ".join(ACTIVITY))
    if body.get("gradingProgress") not in GRADING:
        raise ServiceError(400, "gradingProgress must be one of " + ", ".join(GRADING))
    given, maximum = _points(body)
    if not isinstance(body.get("comment", ""), str):
        raise ServiceError(400, "comment must be text")
    when = _timestamp(body.get("timestamp"))
    known = item.scores.get(user_id)
    if known and not _newer(state, when, known.timestamp):
        status = 400 if state.flavour == "canvas" else 409
        raise ServiceError(status, "a score with this timestamp or a later one is already known")
    return Score(
        user_id=user_id,
        given=given,
        maximum=maximum,
        activity=body["activityProgress"],
        grading=body["gradingProgress"],
        timestamp=when,
        comment=body.get("comment"),
        received=known.received + 1 if known else 1,
    )


def _participants(state: State, item: LineItem) -> set[str | None]:
    course = state.courses[item.course_id]
    return {p.subject for p in state.roster(course) if lti.LEARNER in p.roles and p.subject}


def _points(body: Json) -> tuple[float | None, float | None]:
    """``scoreGiven`` needs ``scoreMaximum``; it may exceed it (AGS 2.0 §3.4.3-3.4.4)."""
    given, maximum = body.get("scoreGiven"), body.get("scoreMaximum")
    for name, value in (("scoreGiven", given), ("scoreMaximum", maximum)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ServiceError(400, f"{name} must be a number")
    if given is not None and given < 0:
        raise ServiceError(400, "scoreGiven must not be negative")
    if maximum is not None and not maximum > 0:
        raise ServiceError(400, "scoreMaximum must be above zero")
    if given is not None and maximum is None:
        raise ServiceError(400, "scoreGiven needs scoreMaximum")
    return given, maximum


def _timestamp(text: Any) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise ServiceError(400, "timestamp must be a date and time of ISO 8601") from error
    if when.tzinfo is None:
        raise ServiceError(400, "timestamp must say its time zone")
    return when


def _newer(state: State, when: datetime, known: datetime) -> bool:
    """Strictly later (AGS 2.0 §3.4.8); Moodle compares whole seconds."""
    if state.flavour == "moodle":
        return int(when.timestamp()) > int(known.timestamp())
    return when > known


@scores.get(ITEM + "/results")
def results(course_id: str, item_id: str) -> Response:
    """The grades as they stand (AGS 2.0 §3.3). Those who have none are absent."""
    state = state_of(current_app)
    tool = bearer(state, lti.SCOPE_RESULT)
    require_accept(state, lti.TYPE_RESULTS)
    if state.flavour == "moodle" and "limit" in request.args:
        return Response("<!DOCTYPE html><title>Error</title>", 404, content_type="text/html")
    with state.lock:
        item = item_of(state, tool, course_id, item_id)
        wanted = request.args.get("user_id")
        found = [
            _result(state, item, kept)
            for kept in item.scores.values()
            if wanted in (None, kept.user_id) and counts(kept)
        ]
        page, link = one_page(state, tool, found, state.mischief.links or "plain")
    answer = jsonify(page)
    answer.content_type = lti.TYPE_RESULTS
    if link:
        answer.headers["Link"] = link
    _noted(state, f"The tool reads the results of {item.label}", 200, page)
    return answer


def counts(kept: Score) -> bool:
    """Whether a score is a grade: with points, and not waiting for somebody."""
    return kept.given is not None and kept.grading == "FullyGraded"


def points(item: LineItem, kept: Score) -> float:
    """The grade on the line item's own scale."""
    if kept.given is None or not kept.maximum:
        return 0
    return round(kept.given / kept.maximum * item.score_maximum, 4)


def _result(state: State, item: LineItem, kept: Score) -> Json:
    url, mark, query = urls.results(state, item).partition("?")
    own = f"{query}&user_id={kept.user_id}" if mark else f"user_id={kept.user_id}"
    body = {
        "id": f"{url}?{own}",
        "scoreOf": urls.line_item(state, item),
        "userId": kept.user_id,
        "resultScore": points(item, kept),
        "resultMaximum": item.score_maximum,
        "comment": kept.comment,
    }
    return {name: value for name, value in body.items() if value is not None}


def _noted(state: State, title: str, status: int, detail: Any) -> None:
    state.note("score", title, to_tool=False, status=status, detail=detail)
