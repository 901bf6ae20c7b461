"""Publish scores and read results: AGS 2.0 §3.3 and §3.4.

https://www.imsglobal.org/spec/lti-ags/v2p0/#score-publish-service
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem as LibraryLineItem

from lti_tool.lti import claim_names
from lti_tool.lti.ags.line_items import collect, library_service
from lti_tool.lti.launch import GradeService
from lti_tool.lti.platform_profile import PlatformProfile
from lti_tool.lti.sanitize import clean
from lti_tool.lti.service_connector import PlatformConnector
from lti_tool.lti.service_errors import ServiceError
from lti_tool.lti.timestamps import iso_time
from lti_tool.lti.urls import with_query

COMMENT_LIMIT = 10_000

ActivityProgress = Literal["Initialized", "Started", "InProgress", "Submitted", "Completed"]
GradingProgress = Literal["FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"]


@dataclass(frozen=True, slots=True)
class Score:
    """A user's score (AGS 2.0 §3.4). ``given`` None reports progress without points.

    ``moment`` must be later than that of the user's last score: see ``timestamps.later_than``.
    """

    subject: str
    moment: datetime
    given: float | None
    maximum: float | None
    activity: ActivityProgress = "Completed"
    grading: GradingProgress = "FullyGraded"
    comment: str | None = None
    started_at: datetime | None = None
    """When the user began the activity (``submission.startedAt``, §3.4.9)."""
    submitted_at: datetime | None = None
    """When the user submitted it (``submission.submittedAt``)."""


class ScoreOutcome(StrEnum):
    """What the platform did with a score."""

    RECORDED = "recorded"
    OUTDATED = "outdated"
    """The platform has a score with the same or a later timestamp."""
    NOT_GRADABLE = "not_gradable"
    """The platform rejects this score: the user is not a learner, or the line item has changed.

    Some platforms also reject an outdated score with this status (400).
    """
    NOT_A_LEARNER = "not_a_learner"
    """The platform says that the user is no learner of the course."""
    UNPUBLISHED = "unpublished"
    """The course or the activity is not published yet."""
    CONCLUDED = "concluded"
    """The course is over, and the platform takes no scores for it."""
    ATTEMPTS = "attempts"
    """The platform says that the user has no attempts left."""
    GONE = "gone"
    """The line item does not exist any more."""
    WITHHELD = "withheld"
    """Not sent, because this platform would erase the grade."""


_OUTCOMES = {
    409: ScoreOutcome.OUTDATED,
    400: ScoreOutcome.NOT_GRADABLE,
    422: ScoreOutcome.NOT_GRADABLE,
    404: ScoreOutcome.GONE,
    410: ScoreOutcome.GONE,
}


@dataclass(frozen=True, slots=True)
class Result:
    """A user's grade in the platform's gradebook (§3.3); ``score`` None means no grade."""

    subject: str
    score: float | None
    maximum: float | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class Results:
    """Results; ``complete`` is False where there are more."""

    results: tuple[Result, ...]
    complete: bool


def put_score(
    connector: PlatformConnector, grades: GradeService, line_item: str, score: Score
) -> ScoreOutcome:
    """Publish a score to a line item (POST). Raises ServiceError for any other failure."""
    profile = connector.registration.profile
    if _erases(profile, score):
        return ScoreOutcome.WITHHELD
    service = library_service(connector, grades, claim_names.SCORE_SCOPE)
    grade = library_grade(score, dict(profile.score_extensions))
    try:
        service.put_grade(grade, LibraryLineItem({"id": line_item}))
    except ServiceError as error:
        if error.status is None or error.status not in _OUTCOMES:
            raise
        return ScoreOutcome(error.reason) if error.reason else _OUTCOMES[error.status]
    return ScoreOutcome.RECORDED


def _erases(profile: PlatformProfile, score: Score) -> bool:
    """Whether the platform would erase the user's grade for this score."""
    if not profile.progress_clears_grade:
        return False
    if score.grading == "FullyGraded":
        return score.given is None
    return not (score.grading == "PendingManual" and profile.announces_submissions)


def library_grade(score: Score, extras: dict[str, object]) -> Grade:
    """A score as pylti1p3 has it."""
    grade = (
        Grade()
        .set_user_id(score.subject)
        .set_activity_progress(score.activity)
        .set_grading_progress(score.grading)
        .set_timestamp(iso_time(score.moment))
        .set_extra_claims(extras)
    )
    if score.given is not None:
        if score.maximum is None or not score.maximum > 0:
            raise ValueError("points need a maximum above zero (AGS 2.0 §3.4.4)")
        grade.set_score_given(score.given).set_score_maximum(score.maximum)
    if score.started_at:
        grade.set_started_at(iso_time(score.started_at))
    if score.submitted_at:
        grade.set_submitted_at(iso_time(score.submitted_at))
    if score.comment:
        grade.set_comment(clean_comment(score.comment))
    return grade


def clean_comment(comment: str) -> str:
    """A comment without control characters; line breaks remain."""
    lines = (clean(line, COMMENT_LIMIT) for line in comment.splitlines())
    return "\n".join(lines)[:COMMENT_LIMIT]


def list_results(
    connector: PlatformConnector,
    grades: GradeService,
    line_item: str,
    *,
    subject: str | None = None,
) -> Results:
    """The results of a line item, or those of the user ``subject``. Raises ServiceError.

    The optional ``limit`` is not sent: Moodle answers 404 to it.
    """
    url = line_item if subject is None else with_query(line_item, {"user_id": subject})
    service = library_service(connector, grades, claim_names.RESULT_SCOPE)
    entries, complete = collect(service.get_grades(LibraryLineItem({"id": url})))
    results = tuple(result for entry in entries if (result := _read(entry)) is not None)
    return Results(results, complete)


def _read(entry: object) -> Result | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("userId"), str):
        return None
    comment = entry.get("comment")
    return Result(
        subject=entry["userId"],
        score=_number(entry.get("resultScore")),
        maximum=_number(entry.get("resultMaximum")),
        comment=clean_comment(comment) if isinstance(comment, str) else None,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
