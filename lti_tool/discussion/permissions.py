"""Who may read a discussion, and who may write in it.

Identified users may do both. For guests the institution and the module's author each set a limit;
the stricter one applies.
"""

from dataclasses import dataclass

from courseware.module import Module
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.sessions.current import CurrentSession

_STRICTEST_FIRST = ("none", "read", "post")


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a user may do in a discussion. Computed once for each request.

    ``read_only`` is the reason why a user who may read may not post.
    """

    read: bool
    post: bool
    read_only: Reason = Reason.READ_ONLY


def permissions_of(launch_session: CurrentSession, module: Module) -> Permissions:
    """Return what the session's user may do in the discussion of this module."""
    if launch_session.resource_link_id is None:
        return Permissions(read=False, post=False)
    if not launch_session.own_record:
        return Permissions(read=True, post=False, read_only=Reason.PREVIEW)
    if not launch_session.guest:
        return Permissions(read=True, post=True)
    limit = min(launch_session.guests, module.discussion.guests, key=_STRICTEST_FIRST.index)
    return Permissions(read=limit != "none", post=limit == "post")


def must_read(permissions: Permissions) -> None:
    """Raise :class:`DiscussionError` unless reading is permitted."""
    if not permissions.read:
        raise DiscussionError(Reason.CLOSED)


def must_post(permissions: Permissions) -> None:
    """Raise :class:`DiscussionError` unless reading and writing are permitted."""
    must_read(permissions)
    if not permissions.post:
        raise DiscussionError(permissions.read_only)
