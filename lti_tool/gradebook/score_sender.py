"""Send the grade of one person: read what the LMS holds, decide, send, and store the outcome."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, update

from lti_tool.gradebook.column_line_item import ColumnLineItem
from lti_tool.gradebook.model import Grade
from lti_tool.gradebook.problems import ColumnProblem, Pause, Problem, pause_for
from lti_tool.lti.ags.scores import Result, Score, ScoreOutcome, list_results, put_score
from lti_tool.lti.service_connector import PlatformConnector
from lti_tool.lti.service_errors import ServiceError
from lti_tool.lti.timestamps import later_than
from lti_tool.storage.database import Database, now

log = logging.getLogger(__name__)

FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(hours=24)
"""Of a grade that the LMS refuses."""
SOON, LATEST = timedelta(seconds=2), timedelta(hours=1)
"""After which a score that the LMS calls outdated is sent with a later time: it may compare whole
seconds, and its clock may be ahead."""
SAME_SHARE, SAME_POINTS = 0.001, 0.0051
"""A grade in the LMS that differs by less, as a share or in points, is the same, rounded."""

_OF_PERSONS = {Problem.REFUSED, Problem.NOT_A_LEARNER, Problem.ATTEMPTS}
"""Problems because of which the LMS does not take a person's grade."""


@dataclass(frozen=True, slots=True)
class DueGrade:
    """A grade that is due, with its user's LTI subject and first opening of the activity."""

    grade: Grade
    subject: str
    started_at: datetime | None


class ScoreSender:
    """Sends grades of one column, one after another."""

    def __init__(
        self, database: Database, connector: PlatformConnector, line_item: ColumnLineItem
    ) -> None:
        self._database = database
        self._connector = connector
        self._profile = connector.registration.profile
        self._line_item = line_item

    def send(self, url: str, item: DueGrade) -> Problem | None:
        """Send one grade; return why it was refused. Raises ColumnProblem and Pause."""
        grade = item.grade
        current = self._read(url, item)
        if current is not None and not self._is_own(current, grade):
            self._settle(grade, state="kept", problem=None, **_result(current, now()))
            return None
        if grade.points is None:
            return self._announce(url, item, current)
        same = current is not None and self._matches(current, grade.points, grade.maximum)
        if same and (grade.comment or None) == grade.sent_comment:
            self._accepted(grade, current)
            return None
        self._mark(grade, confirmed=current)
        comment = grade.comment
        if self._profile.comments_accumulate and comment == grade.sent_comment:
            comment = None
        started_at, submitted_at = self._submission(item)
        score = Score(
            subject=item.subject,
            moment=grade.tried_at or now(),
            # Some platforms refuse more than the maximum, others cut it off without a word.
            given=min(grade.points, grade.maximum or grade.points),
            maximum=grade.maximum,
            activity="Completed" if grade.complete else "InProgress",
            comment=comment,
            started_at=started_at,
            submitted_at=submitted_at,
        )
        problem = self._put(url, item, score)
        if problem is None:
            self._accepted(grade, self._read_after(url, item))
        return problem

    def _announce(self, url: str, item: DueGrade, current: Result | None) -> Problem | None:
        """Tell the LMS once that there is something to grade, where that erases nothing."""
        grade = item.grade
        if not self._profile.announces_submissions or current is not None or grade.sent_at:
            self._settle(grade, state="none")
            return None
        self._mark(grade, confirmed=None)
        started_at, submitted_at = self._submission(item)
        score = Score(
            subject=item.subject,
            moment=grade.tried_at or now(),
            given=None,
            maximum=None,
            activity="Submitted",
            grading="PendingManual",
            started_at=started_at,
            submitted_at=submitted_at,
        )
        problem = self._put(url, item, score)
        if problem is None:
            self._settle(grade, state="none", announced_at=now())
        return problem

    def _submission(self, item: DueGrade) -> tuple[datetime | None, datetime | None]:
        """When the person began and contributed at last; never later than the platform's clock."""
        latest = item.grade.submitted_at
        if latest is None:
            return None, None
        latest = min(latest, self._connector.clock.now())
        return (min(item.started_at, latest) if item.started_at else None), latest

    def _put(self, url: str, item: DueGrade, score: Score) -> Problem | None:
        """Send a score; return why it was refused. Raises ColumnProblem and Pause."""
        try:
            outcome = put_score(self._connector, self._line_item.service, url, score)
        except ServiceError as error:
            if error.status is None or error.status in (401, 408, 429) or error.retry_after:
                raise pause_for(error) from error
            if error.status < 500:
                return self._postpone(item.grade, Problem.REFUSED)
            self._postpone(item.grade, Problem.UNREACHABLE)
            raise pause_for(error) from error  # perhaps for one person: then the others come first
        if outcome is ScoreOutcome.GONE:
            self._line_item.check_exists(url)
            return self._postpone(item.grade, Problem.REFUSED)
        if outcome in (ScoreOutcome.UNPUBLISHED, ScoreOutcome.CONCLUDED):
            raise Pause(Problem(outcome.value))
        if outcome is ScoreOutcome.OUTDATED:
            return self._postpone(item.grade, Problem.OUTDATED)
        if outcome is ScoreOutcome.RECORDED:
            return None
        known = outcome in (ScoreOutcome.NOT_A_LEARNER, ScoreOutcome.ATTEMPTS)
        if known and self._line_item.column.problem is not None:
            # The LMS let this tool send it, so what stopped the column before is over.
            self._line_item.store(problem=None, problem_at=None, failures=0, paused_until=None)
        return self._postpone(item.grade, Problem(outcome.value) if known else Problem.REFUSED)

    # The grades in the LMS

    def _read(self, url: str, item: DueGrade) -> Result | None:
        """The grade in the LMS; None if there is none. Raises ColumnProblem and Pause."""
        try:
            return self._read_result(url, item)
        except ServiceError as error:
            if error.status in (404, 410):
                self._line_item.check_exists(url)
                return None
            if error.status is not None and error.status >= 500:
                self._postpone(item.grade, Problem.UNREADABLE)
            raise pause_for(error) from error

    def _read_after(self, url: str, item: DueGrade) -> Result | None:
        """The grade in the LMS after a score, without points if there is none; None if it cannot
        be read.

        Moodle accepts a score for a grade that was emptied there, and shows none.
        """
        try:
            return self._read_result(url, item) or Result(item.subject, None, None, None)
        except (ServiceError, ColumnProblem) as error:
            log.info("a grade was not read back: %s", error)
            return None

    def _read_result(self, url: str, item: DueGrade) -> Result | None:
        found = list_results(self._connector, self._line_item.service, url, subject=item.subject)
        own = [each for each in found.results if each.subject == item.subject]
        if not own and not found.complete:
            raise ColumnProblem(Problem.UNREADABLE)
        return own[0] if own and own[0].score is not None else None

    def _is_own(self, current: Result, grade: Grade) -> bool:
        """Whether the grade in the LMS came from here."""
        return (
            self._matches(current, grade.sent_points, grade.sent_maximum)
            or self._matches(current, grade.tried_points, grade.tried_maximum)
            or self._matches(current, grade.held_points, grade.held_maximum)
        )

    def _matches(self, current: Result, points: float | None, maximum: float | None) -> bool:
        """Whether the LMS holds this grade, but for the rounding of an LMS."""
        if points is None or not maximum or current.score is None:
            return False
        whole = current.maximum or self._line_item.column.line_item_maximum or 1.0
        rounding = max(SAME_SHARE, SAME_POINTS / whole)
        return abs(current.score / whole - min(points / maximum, 1.0)) <= rounding

    # What is stored about a grade

    def _mark(self, grade: Grade, *, confirmed: Result | None) -> None:
        """Store what is about to be sent and its timestamp, before it is sent.

        ``confirmed``: the grade in the LMS, which came from here; it may be one whose acceptance
        was not heard of.
        """
        values: dict[str, Any] = {
            "tried_at": later_than(self._connector.clock.now(), grade.tried_at),
            "tried_points": grade.points,
            "tried_maximum": grade.maximum,
        }
        if confirmed is not None:
            values["held_points"] = confirmed.score
            values["held_maximum"] = (
                confirmed.maximum or self._line_item.column.line_item_maximum or 1.0
            )
        self._write(grade, values)
        for name, value in values.items():
            setattr(grade, name, value)

    def _accepted(self, grade: Grade, held: Result | None) -> None:
        """Store that the LMS has accepted the grade, and as what it holds it."""
        moment = now()
        values = _result(held, moment) if held is not None else {}
        self._settle(
            grade,
            state="sent",
            problem=None,
            attempts=0,
            sent_points=grade.points,
            sent_maximum=grade.maximum,
            sent_comment=grade.comment or None,
            sent_at=moment,
            held_points=values.get("result_points"),
            held_maximum=values.get("result_maximum"),
            **values,
        )
        self._succeeded()

    def _settle(self, grade: Grade, *, state: str, **values: Any) -> None:
        """Store an outcome. A grade that was changed meanwhile stays due."""
        unchanged = Grade.revision == grade.revision
        values["state"] = case((unchanged, state), else_=Grade.state)
        values["due_at"] = case((unchanged, None), else_=Grade.due_at)
        self._write(grade, values)

    def _postpone(self, grade: Grade, problem: Problem) -> Problem:
        """Try a grade again later, and return the problem. A new grade is not delayed."""
        if problem is Problem.OUTDATED:
            wait = min(SOON * 2 ** min(grade.attempts, 20), LATEST)
        else:
            wait = min(FIRST_RETRY * 2 ** min(grade.attempts, 20), LONGEST_RETRY)
        unchanged = Grade.revision == grade.revision
        state = "refused" if problem in _OF_PERSONS else "waiting"
        self._write(
            grade,
            {
                "state": case((unchanged, state), else_=Grade.state),
                "problem": case((unchanged, problem.value), else_=Grade.problem),
                "attempts": case((unchanged, grade.attempts + 1), else_=Grade.attempts),
                "due_at": case((unchanged, now() + wait), else_=Grade.due_at),
            },
        )
        return problem

    def _write(self, grade: Grade, values: Mapping[str, Any]) -> None:
        with self._database.write() as session:
            session.execute(
                update(Grade)
                .where(Grade.column_id == grade.column_id, Grade.user_id == grade.user_id)
                .values(**values)
            )

    def _succeeded(self) -> None:
        """Forget the problem of the column; what was refused because of it is tried again."""
        column = self._line_item.column
        if column.problem is None and not column.failures:
            return
        self._line_item.store(problem=None, problem_at=None, failures=0, paused_until=None)
        with self._database.write() as session:
            session.execute(
                update(Grade)
                .where(Grade.column_id == column.id, Grade.state == "refused")
                .values(due_at=now())
            )


def _result(result: Result, moment: datetime) -> dict[str, Any]:
    return {
        "result_points": result.score,
        "result_maximum": result.maximum,
        "result_read_at": moment,
    }
