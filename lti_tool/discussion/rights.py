"""Who may read a discussion, and who may write in it.

Whoever the platform names may do both. What a guest may do is for the institution to say, and for
the module's author: the stricter of the two holds.
"""

from dataclasses import dataclass

from courseware.module import Module
from lti_tool.discussion.errors import Reason, Refused
from lti_tool.sessions.current import CurrentSession

_STRICTEST_FIRST = ("none", "read", "post")


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do in a discussion."""

    read: bool
    post: bool


def rights(launch_session: CurrentSession, module: Module) -> Rights:
    """What the person of this visit may do in the discussion of this module."""
    if launch_session.resource_link_id is None:
        return Rights(read=False, post=False)
    if not launch_session.guest:
        return Rights(read=True, post=True)
    allowed = min(launch_session.guests, module.discussion.guests, key=_STRICTEST_FIRST.index)
    return Rights(read=allowed != "none", post=allowed == "post")


def must_read(launch_session: CurrentSession, module: Module) -> None:
    """Raise :class:`Refused` unless the visit may read the discussion."""
    if not rights(launch_session, module).read:
        raise Refused(Reason.CLOSED)


def must_post(launch_session: CurrentSession, module: Module) -> None:
    """Raise :class:`Refused` unless the visit may write in the discussion."""
    must_read(launch_session, module)
    if not rights(launch_session, module).post:
        raise Refused(Reason.READ_ONLY)
