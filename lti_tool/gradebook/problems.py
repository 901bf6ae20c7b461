"""Why grades were not sent, as it is stored and as an instructor reads it."""

import logging
from enum import StrEnum

from courseware.i18n.marking import N_
from lti_tool.lti.http_client import FetchErrorKind
from lti_tool.lti.service_errors import ServiceError

log = logging.getLogger(__name__)


class Problem(StrEnum):
    """Values of ``grade_columns.problem`` and ``grades.problem``."""

    # Of a whole column
    NOT_OFFERED = "not_offered"
    """No launch has named a line item or the list of them."""
    DELETED = "deleted"
    """The line item was deleted in the LMS: an instructor decides whether it is made again."""
    SCOPE = "scope"
    """The platform does not grant what is needed."""
    CREDENTIALS = "credentials"
    """The platform does not recognise the tool: ``invalid_client``."""
    UNREACHABLE = "unreachable"
    """The platform did not answer, or asked to be called later."""
    UNGRADED = "ungraded"
    """The line item has no points."""
    UNREADABLE = "unreadable"
    """The grades in the LMS could not be read, so none is written."""
    # Of one grade
    REFUSED = "refused"
    OUTDATED = "outdated"
    NOT_A_LEARNER = "not_a_learner"
    UNPUBLISHED = "unpublished"
    CONCLUDED = "concluded"
    ATTEMPTS = "attempts"


MESSAGES = {
    Problem.NOT_OFFERED: N_(
        "The LMS does not offer its gradebook for this activity. An administrator of the LMS can "
        "allow it in the settings of the tool. Then open the activity again."
    ),
    Problem.DELETED: N_("The column was deleted in the LMS. No grades are sent to it."),
    Problem.SCOPE: N_(
        "The LMS does not let this tool write and read grades. An administrator of the LMS can "
        "allow it in the settings of the tool: scores, results and line items."
    ),
    Problem.CREDENTIALS: N_(
        "The LMS does not accept the registration of this tool. An administrator of the LMS has to "
        "check that it is active."
    ),
    Problem.UNREACHABLE: N_("The LMS does not answer. The grades are sent as soon as it does."),
    Problem.UNGRADED: N_("The column in the LMS has no points, so no grades are sent."),
    Problem.UNREADABLE: N_(
        "The grades in the LMS could not be read. None is sent, so that no grade there is replaced."
    ),
    Problem.REFUSED: N_("The LMS refused the grade without a reason that this tool knows."),
    Problem.OUTDATED: N_("The LMS says that it has a newer grade. It is sent again soon."),
    Problem.NOT_A_LEARNER: N_(
        "The LMS says that the person is not a participant, or that the activity is not published."
    ),
    Problem.UNPUBLISHED: N_("The course or the activity is not published in the LMS yet."),
    Problem.CONCLUDED: N_("The course is over in the LMS."),
    Problem.ATTEMPTS: N_("The LMS says that the person has no attempts left."),
}
"""What an instructor reads, as msgids."""


class ColumnProblem(Exception):  # noqa: N818 - an outcome, not a fault
    """The line item cannot be used; an instructor or an administrator has to act."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class Pause(Exception):  # noqa: N818 - an outcome, not a fault
    """The LMS takes no scores of the column now; ``seconds``: as long as it asked for."""

    def __init__(self, problem: Problem, seconds: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.seconds = seconds


def pause_for(error: ServiceError) -> ColumnProblem | Pause:
    """What an error of a service means for the column."""
    problem = problem_of(error)
    log.warning("grades were not sent: %s", error)
    if error.kind is FetchErrorKind.SCOPE_NOT_GRANTED:
        return ColumnProblem(problem)
    return Pause(problem, error.retry_after)


def problem_of(error: ServiceError) -> Problem:
    """The problem of a column that an error of a service is."""
    if error.oauth_error == "invalid_client":
        return Problem.CREDENTIALS
    if error.kind is FetchErrorKind.SCOPE_NOT_GRANTED or error.oauth_error is not None:
        return Problem.SCOPE
    if error.status in (401, 403) and error.retry_after is None:
        return Problem.SCOPE
    if error.reason == "concluded":
        return Problem.CONCLUDED
    return Problem.UNREACHABLE
