"""Who may read a discussion, and who may write in it: the only place that decides it.

Three things decide: the launch session, the module and the discussion's settings, and what the user
has written. Instructors are exempt from the settings. For guests the institution and the module's
author each set a limit; the stricter one applies.

In a discussion that courses share, the settings are those of the reader's course, groups are those
of the reader's course, and instructors moderate the posts of their own institution only.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from courseware.module import Module
from lti_tool.discussion.discussions import DiscussionState
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.facets import UNAPPROVED
from lti_tool.discussion.settings import DiscussionSettings
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import now

HIDDEN_HERE = "hidden_here"
"""The shown status of another institution's post that is hidden from the reader's institution."""
_STRICTEST_FIRST = ("none", "read", "post")
EVERYBODY = 0
"""The group of threads that everybody may read."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a user may do in a discussion. Computed once for each request.

    - ``read``: may open the discussion; ``closed`` is the reason why not.
    - ``others``: may see the posts of others. A reader who may not (``must_post_first``) may write.
    - ``post``: may write; ``read_only`` is the reason why a user who may read may not.
    - ``held``: what the user writes waits for approval, regardless of the settings: that of guests.
    - ``moderate``: is an instructor: sees held and hidden posts, and the settings do not apply.
    - ``institution_id``: in a shared discussion, the institution whose posts an instructor
      moderates; else 0.
    - ``own_course``: in a shared discussion, the group of the threads of this course alone.
    - ``groups``: the groups whose threads the user may read; None for all.
    - ``writes_in``: the groups in whose threads the user may reply; None for all.
    - ``group_choices``: the groups for which the user may begin threads, the default first.
    - ``report``: is a participant who may tell the instructors of a post.
    - ``moment``: when the discussion opens or closed, in its time zone.
    """

    read: bool
    post: bool
    read_only: Reason = Reason.READ_ONLY
    closed: Reason = Reason.CLOSED
    others: bool = True
    held: bool = False
    moderate: bool = False
    institution_id: int = 0
    own_course: int = EVERYBODY
    groups: tuple[int, ...] | None = (EVERYBODY,)
    writes_in: tuple[int, ...] | None = (EVERYBODY,)
    group_choices: tuple[int, ...] = (EVERYBODY,)
    report: bool = False
    moment: datetime | None = None


def permissions_of(
    launch_session: CurrentSession, module: Module, state: DiscussionState | None = None
) -> Permissions:
    """Return what the session's user may do in the discussion of this module.

    Without ``state``, as in a discussion that nobody has written in.
    """
    state = state or DiscussionState()
    permissions = _permissions(launch_session, module, state)
    if launch_session.own_record and not (launch_session.guest or permissions.moderate):
        permissions = replace(permissions, report=permissions.others)
    if state.shared_id:
        return _in_shared(permissions, state)
    mode = state.settings.reading_of_groups
    if mode == "none" or permissions.moderate:
        return permissions
    readable = (EVERYBODY, *state.own_groups)
    begins = state.own_groups if state.settings.groups != "none" else ()
    return replace(
        permissions,
        groups=readable if mode == "separate" else None,
        writes_in=readable,
        group_choices=begins or (EVERYBODY,),
    )


def _in_shared(permissions: Permissions, state: DiscussionState) -> Permissions:
    """Restrict what is read and written to what is for everybody, and for the reader's course."""
    own_course = -(state.own_id or 0)
    base = (EVERYBODY, own_course)
    mode, own, every = state.settings.reading_of_groups, state.own_groups, state.course_groups
    readable = base + (every if permissions.moderate or mode == "visible" else own)
    begins = own if state.settings.groups != "none" and not permissions.moderate else ()
    if state.exchange_closed:
        permissions = replace(permissions, post=False, read_only=Reason.EXCHANGE_CLOSED)
    return replace(
        permissions,
        institution_id=state.institution_id,
        own_course=own_course,
        groups=readable,
        writes_in=readable if permissions.moderate else base + own,
        group_choices=begins or (EVERYBODY,),
    )


def _permissions(
    launch_session: CurrentSession, module: Module, state: DiscussionState
) -> Permissions:
    if launch_session.resource_link_id is None:
        return Permissions(read=False, post=False, others=False)
    own_record = launch_session.own_record
    if launch_session.instructor and not launch_session.guest:
        return Permissions(
            read=True,
            post=own_record,
            read_only=Reason.PREVIEW,
            moderate=True,
            groups=None,
            writes_in=None,
        )
    if launch_session.guest:
        limit = min(launch_session.guests, module.discussion.guests, key=_STRICTEST_FIRST.index)
    else:
        limit = "post"
    if limit == "none":
        return Permissions(read=False, post=False, others=False)
    settings = state.settings
    opens_at, closes_at = settings.opens_at, settings.closes_at
    if opens_at is not None and now() < opens_at:
        moment = in_time_zone(opens_at, settings)
        return Permissions(
            read=False, post=False, others=False, closed=Reason.NOT_OPEN_YET, moment=moment
        )
    others = not settings.must_post_first or state.own_posts > 0 or state.own_held
    if not own_record:
        return Permissions(read=True, post=False, read_only=Reason.PREVIEW, others=others)
    if limit == "read" or launch_session.observer:
        return Permissions(read=True, post=False, others=others)
    if settings.locked:
        return Permissions(read=True, post=False, read_only=Reason.LOCKED, others=others)
    if closes_at is not None and now() >= closes_at:
        moment = in_time_zone(closes_at, settings)
        return Permissions(
            read=True, post=False, read_only=Reason.ENDED, others=others, moment=moment
        )
    return Permissions(read=True, post=True, others=others, held=launch_session.guest)


def must_read(permissions: Permissions) -> None:
    """Raise :class:`DiscussionError` unless opening the discussion is permitted."""
    if not permissions.read:
        raise DiscussionError(permissions.closed, moment=permissions.moment)


def must_see_others(permissions: Permissions) -> None:
    """Raise :class:`DiscussionError` unless reading the posts of others is permitted."""
    must_read(permissions)
    if not permissions.others:
        raise DiscussionError(Reason.POST_FIRST)


def must_post(permissions: Permissions) -> None:
    """Raise :class:`DiscussionError` unless reading and writing are permitted."""
    must_read(permissions)
    if not permissions.post:
        raise DiscussionError(permissions.read_only, moment=permissions.moment)


def may_edit(permissions: Permissions, settings: DiscussionSettings, created_at: datetime) -> bool:
    """Whether the author of a post may still change its text."""
    if permissions.moderate or settings.edit_minutes is None:
        return permissions.post
    return permissions.post and now() < created_at + timedelta(minutes=settings.edit_minutes)


def may_report(permissions: Permissions, settings: DiscussionSettings) -> bool:
    """Whether the user may report posts of others: who may write, except instructors and guests."""
    return permissions.report and settings.moderation != "none"


def may_read_group(permissions: Permissions, group_id: int) -> bool:
    """Whether the user may read the threads of a group."""
    return permissions.groups is None or group_id in permissions.groups


def may_write_in_group(permissions: Permissions, group_id: int) -> bool:
    """Whether the user may reply in the threads of a group."""
    return permissions.writes_in is None or group_id in permissions.writes_in


def may_moderate(permissions: Permissions, institution_id: int | None) -> bool:
    """Whether the user moderates a post: in a shared discussion, of the own institution only."""
    return permissions.moderate and (institution_id or 0) == permissions.institution_id


def may_see(
    permissions: Permissions, status: str, *, mine: bool, institution_id: int | None = None
) -> bool:
    """Whether the text of a post is shown.

    Only its author and those who moderate it see the text of a held, rejected or hidden post; a
    post that is hidden from one institution (``HIDDEN_HERE``), the instructors of this one.
    """
    if status == HIDDEN_HERE:
        return permissions.moderate
    if status in (*UNAPPROVED, "hidden"):
        return mine or may_moderate(permissions, institution_id)
    return status == "published" and (mine or permissions.others)


def in_time_zone(moment: datetime, settings: DiscussionSettings) -> datetime:
    """Return a moment in the time zone of the discussion."""
    try:
        return moment.astimezone(ZoneInfo(settings.time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        return moment
