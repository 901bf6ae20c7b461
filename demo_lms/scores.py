"""Assignment and Grade Services 2.0, §3.3 and §3.4: scores and results."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from demo_lms import urls
from demo_lms import vocabulary as lti
from demo_lms.line_items import ITEM, item_of
from demo_lms.model import Json, LineItem, Score
from demo_lms.state import PlatformState
from demo_lms.tokens import bearer
from demo_lms.web import JsonError, RequestError, paginate, require_accept, require_body, state_of

scores = Blueprint("scores", __name__)
ACTIVITY = ("Initialized", "Started", "InProgress", "Submitted", "Completed")
GRADING = ("FullyGraded", "Pending", "PendingManual", "Failed", "NotReady")


@scores.post(ITEM + "/scores")
def receive_score(course_id: str, item_id: str) -> Response:
    """Store a score, if it is newer than the stored one."""
    state = state_of(current_app)
    tool = bearer(state, lti.SCOPE_SCORE)
    body = require_body(state, lti.TYPE_SCORE)
    with state.lock:
        item = item_of(state, tool, course_id, item_id)
        try:
            score = _parse_score(state, item, body)
        except JsonError as error:
            _log(state, f"A score for {item.label} is refused", error.status, body)
            raise
        item.scores[score.user_id] = score
        state.changed()
    status = 201 if state.flavour == "openedx" else 200
    _log(state, f"The tool sends a score for {item.label}", status, body)
    return Response(status=status, content_type=lti.TYPE_SCORE)


def _parse_score(state: PlatformState, item: LineItem, body: Json) -> Score:
    user_id = body.get("userId")
    if not isinstance(user_id, str) or user_id not in _participants(state, item):
        status = 422 if state.flavour == "canvas" else 400
        raise JsonError(status, "userId is not a participant of this course")
    if body.get("activityProgress") not in ACTIVITY:
        raise JsonError(400, "activityProgress must be one of " + ", ".join(ACTIVITY))
    if body.get("gradingProgress") not in GRADING:
        raise JsonError(400, "gradingProgress must be one of " + ", ".join(GRADING))
    given, maximum = _points(body)
    if state.flavour == "brightspace" and given is not None and maximum is not None:
        # Without a word, unless exceeding is allowed for the column:
        # https://community.d2l.com/brightspace/kb/articles/23752
        given = min(given, maximum)
    if not isinstance(body.get("comment", ""), str):
        raise JsonError(400, "comment must be text")
    when = _timestamp(body.get("timestamp"))
    previous = item.scores.get(user_id)
    if previous and not _newer(state, when, previous.timestamp):
        status = 400 if state.flavour == "canvas" else 409
        raise JsonError(status, "a score with this timestamp or a later one is already known")
    return Score(
        user_id=user_id,
        given=given,
        maximum=maximum,
        activity=body["activityProgress"],
        grading=body["gradingProgress"],
        timestamp=when,
        comment=body.get("comment"),
        received=previous.received + 1 if previous else 1,
    )


def _participants(state: PlatformState, item: LineItem) -> set[str | None]:
    course = state.courses[item.course_id]
    return {p.subject for p in state.members(course) if lti.LEARNER in p.roles and p.subject}


def _points(body: Json) -> tuple[float | None, float | None]:
    """``scoreGiven`` needs ``scoreMaximum``; it may exceed it (AGS 2.0 §3.4.3-3.4.4)."""
    given, maximum = body.get("scoreGiven"), body.get("scoreMaximum")
    for name, value in (("scoreGiven", given), ("scoreMaximum", maximum)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise JsonError(400, f"{name} must be a number")
    if given is not None and given < 0:
        raise JsonError(400, "scoreGiven must not be negative")
    if maximum is not None and not maximum > 0:
        raise JsonError(400, "scoreMaximum must be above zero")
    if given is not None and maximum is None:
        raise JsonError(400, "scoreGiven needs scoreMaximum")
    return given, maximum


def _timestamp(text: Any) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise JsonError(400, "timestamp must be a date and time of ISO 8601") from error
    if when.tzinfo is None:
        raise JsonError(400, "timestamp must say its time zone")
    return when


def _newer(state: PlatformState, when: datetime, previous: datetime) -> bool:
    """Strictly later (AGS 2.0 §3.4.8); Moodle compares whole seconds."""
    if state.flavour == "moodle":
        return int(when.timestamp()) > int(previous.timestamp())
    return when > previous


@scores.get(ITEM + "/results")
def results(course_id: str, item_id: str) -> Response:
    """List the current grades (AGS 2.0 §3.3), without users who have none."""
    state = state_of(current_app)
    tool = bearer(state, lti.SCOPE_RESULT)
    require_accept(state, lti.TYPE_RESULTS)
    if state.flavour == "moodle" and "limit" in request.args:
        return Response("<!DOCTYPE html><title>Error</title>", 404, content_type="text/html")
    with state.lock:
        item = item_of(state, tool, course_id, item_id)
        user_id = request.args.get("user_id")
        found = [
            _result(state, item, score)
            for score in item.scores.values()
            if user_id in (None, score.user_id) and _is_published(state, item, score)
        ]
        found += _zeros(state, item, user_id) if state.flavour == "blackboard" else []
        if state.flavour == "blackboard" and user_id is not None:
            for result in found:
                result.pop("comment", None)
        page, link = paginate(state, tool, found, state.faults.links or "plain")
    response = jsonify(page)
    response.content_type = lti.TYPE_RESULTS
    if link:
        response.headers["Link"] = link
    _log(state, f"The tool reads the results of {item.label}", 200, page)
    return response


def grade_by_hand(item: LineItem, subject: str, points: str) -> None:
    """Store the grade that an instructor of the platform gives, or delete it. The lock is held."""
    if not points:
        item.scores.pop(subject, None)
        return
    try:
        given = float(points.replace(",", "."))
    except ValueError as error:
        raise RequestError(400, "Write a number of points.") from error
    before = item.scores.get(subject)
    item.scores[subject] = Score(
        user_id=subject,
        given=given,
        maximum=item.score_maximum,
        activity=before.activity if before else "Completed",
        grading="FullyGraded",
        timestamp=datetime.now(UTC),
        comment=before.comment if before else None,
        received=before.received if before else 0,
    )


def is_grade(score: Score) -> bool:
    """Whether a score is a grade: it has points and is fully graded."""
    return score.given is not None and score.grading == "FullyGraded"


def _is_published(state: PlatformState, item: LineItem, score: Score) -> bool:
    """Open edX takes 0, and scores of a column without points, but publishes neither.

    https://github.com/openedx/xblock-lti-consumer/pull/701
    """
    if state.flavour == "openedx" and not (score.given and item.score_maximum):
        return False
    return is_grade(score)


def _zeros(state: PlatformState, item: LineItem, user_id: str | None) -> list[Json]:
    """Blackboard: 0 for who has sent nothing when a column is due.

    https://github.com/hypothesis/product-backlog/issues/1750
    """
    if not item.end or datetime.fromisoformat(item.end) > datetime.now(UTC):
        return []
    missing = sorted(str(each) for each in _participants(state, item) - item.scores.keys())
    now = datetime.now(UTC)
    return [
        _result(state, item, Score(each, 0, item.score_maximum, "Initialized", "FullyGraded", now))
        for each in missing
        if user_id in (None, each)
    ]


def points(item: LineItem, score: Score) -> float:
    """Scale a score to the line item's maximum."""
    if score.given is None or not score.maximum:
        return 0
    return round(score.given / score.maximum * item.score_maximum, 4)


def _result(state: PlatformState, item: LineItem, score: Score) -> Json:
    url, separator, query = urls.results(state, item).partition("?")
    query = f"{query}&user_id={score.user_id}" if separator else f"user_id={score.user_id}"
    body = {
        "id": f"{url}?{query}",
        "scoreOf": urls.line_item(state, item),
        "userId": score.user_id,
        "resultScore": points(item, score),
        "resultMaximum": item.score_maximum,
        "comment": score.comment,
    }
    return {name: value for name, value in body.items() if value is not None}


def _log(state: PlatformState, title: str, status: int, detail: Any) -> None:
    state.log_message("score", title, to_tool=False, status=status, detail=detail)
