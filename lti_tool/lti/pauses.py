"""Pauses in the calls to a platform, which all processes share.

A platform asks for one with ``Retry-After`` (or in its own way, see the profile), for the whole
registration: its limits hold for the tool, not for one course
(https://community.d2l.com/brightspace/kb/articles/23661). The tool makes one itself where the token
endpoint answers ``invalid_client``: the tool was switched off there, and only an administrator of
the platform can change that.
"""

from dataclasses import dataclass
from typing import Protocol

INVALID_CLIENT = "invalid_client"
"""Reason of a pause: the platform does not accept the tool's registration."""
THROTTLED = "throttled"
"""Reason of a pause: the platform asked for it."""
INVALID_CLIENT_SECONDS = 15 * 60
THROTTLED_SECONDS = 30
"""After a status 429 that names no time."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause until ``until``, in seconds since 1970."""

    until: float
    reason: str


class PauseStorage(Protocol):
    """Where pauses are stored, at most one for each registration."""

    def load(self, registration_id: int) -> Pause | None:
        """The latest pause of a registration, over or not."""

    def save(self, registration_id: int, pause: Pause) -> None:
        """Store a pause; one that lasts longer stays."""

    def clear(self, registration_id: int, reason: str) -> None:
        """Delete the pause if it has this reason."""
