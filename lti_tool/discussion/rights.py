"""Who may read a discussion, and who may write in it.

Whoever the platform names may do both. What a guest may do is for the institution to say, and for
the module's author: the stricter of the two holds.
"""

from dataclasses import dataclass

from courseware.module import Module
from lti_tool.discussion.refusal import Reason, Refused
from lti_tool.launches.visit import CurrentVisit

_STRICTEST_FIRST = ("none", "read", "post")


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do in a discussion."""

    read: bool
    post: bool


def rights(visit: CurrentVisit, module: Module) -> Rights:
    """What the person of this visit may do in the discussion of this module."""
    if visit.placement_id is None:
        return Rights(read=False, post=False)
    if not visit.guest:
        return Rights(read=True, post=True)
    allowed = min(visit.guests, module.discussion.guests, key=_STRICTEST_FIRST.index)
    return Rights(read=allowed != "none", post=allowed == "post")


def must_read(visit: CurrentVisit, module: Module) -> None:
    """Raise :class:`Refused` unless the visit may read the discussion."""
    if not rights(visit, module).read:
        raise Refused(Reason.CLOSED)


def must_post(visit: CurrentVisit, module: Module) -> None:
    """Raise :class:`Refused` unless the visit may write in the discussion."""
    must_read(visit, module)
    if not rights(visit, module).post:
        raise Refused(Reason.READ_ONLY)
