"""Why a roster could not be read, as it is stored and as an instructor reads it."""

from enum import StrEnum

from courseware.i18n.marking import N_
from lti_tool.lti.http_client import FetchErrorKind
from lti_tool.lti.service_errors import ServiceError


class Problem(StrEnum):
    """Why the latest read was not complete: the values of ``course_rosters.problem``."""

    NOT_OFFERED = "not_offered"
    """The platform offers no roster to the tool, or is not active here."""
    REFUSED = "refused"
    """The platform does not grant the roster, or this roster."""
    CREDENTIALS = "credentials"
    """The platform does not recognise the tool: ``invalid_client``."""
    UNREACHABLE = "unreachable"
    """The platform did not answer, or asked to be called later."""
    INVALID = "invalid"
    """What the platform sent could not be read, in part or as a whole."""
    EMPTY = "empty"
    """The platform listed nobody."""


MESSAGES = {
    Problem.NOT_OFFERED: N_(
        "The LMS does not offer its list of participants to this tool. An administrator of the LMS "
        "can allow it in the settings of the tool."
    ),
    Problem.REFUSED: N_(
        "The LMS refused to send its list of participants. An administrator of the LMS can allow "
        "it in the settings of the tool."
    ),
    Problem.CREDENTIALS: N_(
        "The LMS does not accept the registration of this tool. An administrator of the LMS has to "
        "check that it is active."
    ),
    Problem.UNREACHABLE: N_("The LMS did not answer. The list will be requested again."),
    Problem.INVALID: N_(
        "The list that the LMS sent could not be read completely. Nobody was removed."
    ),
    Problem.EMPTY: N_("The list that the LMS sent is empty. Nobody was removed."),
}
"""What an instructor reads, as msgids."""

_INVALID = {
    FetchErrorKind.INVALID_RESPONSE,
    FetchErrorKind.TOO_LARGE,
    FetchErrorKind.FOREIGN_PAGE,
    FetchErrorKind.ENDLESS,
}


def problem_of(error: ServiceError) -> Problem:
    """The problem that an error of a service is."""
    if error.oauth_error == "invalid_client":
        return Problem.CREDENTIALS
    if error.kind in _INVALID:
        return Problem.INVALID
    if error.kind is FetchErrorKind.SCOPE_NOT_GRANTED or error.oauth_error is not None:
        return Problem.REFUSED
    if error.kind is FetchErrorKind.BAD_STATUS and not error.is_retriable:
        return Problem.REFUSED
    return Problem.UNREACHABLE
