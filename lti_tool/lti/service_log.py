"""Which service a call belongs to, and where its result is recorded."""

from collections.abc import Sequence
from typing import Protocol

GRADES, ROSTER, GROUPS, NOTICES = "grades", "roster", "groups", "notices"
SERVICES = (GRADES, ROSTER, GROUPS, NOTICES)

_BY_SCOPE = (
    ("/lti-ags/", GRADES),
    ("/lti-nrps/", ROSTER),
    ("/lti-gs/", GROUPS),
    ("/noticehandlers", NOTICES),
)


class ServiceLog(Protocol):
    """Where the results of calls are recorded."""

    def worked(self, registration_id: int, service: str) -> None:
        """Record that a call succeeded."""

    def failed(self, registration_id: int, service: str, problem: str) -> None:
        """Record that a call failed, with the kind of the failure."""


def service_of(scopes: Sequence[str]) -> str | None:
    """The service for which these scopes are; None for another one."""
    for part, service in _BY_SCOPE:
        if any(part in scope for scope in scopes):
            return service
    return None
