"""Check what people submit, before it is stored. Each check raises :class:`DiscussionError`."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from courseware import characters
from courseware.markdown import TooComplex, post_html
from courseware.module import Module
from lti_tool.discussion import languages, text, thread_moves
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.facets import UNAPPROVED
from lti_tool.discussion.model import AnyDiscussion, HiddenPost, Post, PostVersion
from lti_tool.discussion.permissions import Permissions, may_read_group, may_write_in_group
from lti_tool.storage.database import now

_MINUTE = timedelta(minutes=1)
_EDIT_TIMES = (
    select(PostVersion.replaced_at)
    .where(PostVersion.post_id == bindparam("post"))
    .order_by(PostVersion.id.desc())
    .limit(1)
    .offset(bindparam("offset"))
)


def checked_text(submitted: str) -> str:
    """Clean a submitted text and check it. This is the only place where a text is cleaned."""
    source = text.clean_text(submitted)
    if characters.is_blank(source):
        raise DiscussionError(Reason.BLANK)
    if len(source) > text.MAX_LENGTH:
        raise DiscussionError(Reason.TOO_LONG)
    return source


def rendered(source: str) -> str:
    """Return the HTML of a text."""
    try:
        return post_html(source)
    except TooComplex as error:
        raise DiscussionError(Reason.TOO_COMPLEX) from error


def checked_language(language: str | None) -> str | None:
    """Return the tag to store for the language that the author chose; None for no choice."""
    tag = languages.as_tag(language)
    if language and tag is None:
        raise DiscussionError(Reason.UNKNOWN_LANGUAGE)
    return tag


def check_question(module: Module, question_id: str | None) -> None:
    """Check that a question is in the module."""
    if question_id is not None and question_id not in {each.id for each in module.questions}:
        raise DiscussionError(Reason.UNKNOWN_QUESTION)


MAX_PINNED = 10
"""Threads that can be pinned in one discussion."""


def check_pinned(session: Session, discussion: AnyDiscussion, group_id: int | None = None) -> None:
    """Check that one more thread can be pinned; ``group_id``: among those of a group."""
    query = select(func.count()).where(
        Post.discussion_id == discussion.id, Post.pinned_at.is_not(None)
    )
    if group_id is not None:
        query = query.where(Post.group_id == group_id)
    pinned = session.scalar(query)
    if (pinned or 0) >= MAX_PINNED:
        raise DiscussionError(Reason.TOO_MANY_PINNED)


def checked_group(permissions: Permissions, group_id: int | None) -> int:
    """Return the group for which a thread is begun; the default for None."""
    if group_id is None:
        return permissions.group_choices[0]
    if not permissions.moderate and group_id not in permissions.group_choices:
        raise DiscussionError(Reason.OTHER_GROUP)
    return group_id


def check_edit_rate(session: Session, changed: Post, limit: int) -> None:
    """Check that the post was edited fewer than ``limit`` times within the last minute."""
    _check_rate(session, _EDIT_TIMES, {"post": changed.id, "offset": limit - 1})


class Parent(NamedTuple):
    """A post that is replied to, and the first post of the thread that the reply belongs to."""

    post: Post
    first: Post


def replied_to(
    session: Session, permissions: Permissions, discussion: AnyDiscussion, post_id: int
) -> Parent:
    """Return the post that is replied to: published, in this discussion, its thread not locked."""
    answered = thread_moves.answered_post(session, discussion.id, post_id)
    if answered is None:
        raise DiscussionError(Reason.UNKNOWN_POST)
    found = answered.post
    if not may_read_group(permissions, found.group_id) or found.status in UNAPPROVED:
        raise DiscussionError(Reason.UNKNOWN_POST)
    if not may_write_in_group(permissions, found.group_id):
        raise DiscussionError(Reason.OTHER_GROUP)
    if found.status != "published" or is_hidden_here(session, permissions, found.id):
        raise DiscussionError(Reason.DELETED_POST)
    first = thread_moves.first_post(session, answered.in_thread)
    closed = first.locked_at is not None and not permissions.moderate
    if closed or not may_write_in_group(permissions, first.group_id):
        raise DiscussionError(Reason.THREAD_LOCKED)
    return Parent(found, first)


def is_hidden_here(session: Session, permissions: Permissions, post_id: int) -> bool:
    """Whether the user's institution has hidden the post of another one from its own people."""
    own = permissions.institution_id
    return bool(own) and session.get(HiddenPost, (post_id, own)) is not None


def check_rate(
    session: Session, times: Select[datetime], limit: int, within: timedelta = _MINUTE
) -> None:
    """Raise while the ``limit``-th last of these times is less than ``within`` ago."""
    _check_rate(session, times.offset(limit - 1).limit(1), {}, within)


def _check_rate(
    session: Session,
    time: Select[datetime],
    parameters: Mapping[str, int],
    within: timedelta = _MINUTE,
) -> None:
    check_time(session.scalars(time, parameters).first(), within)


def check_time(last: datetime | None, within: timedelta = _MINUTE) -> None:
    """Raise if something was done less than ``within`` ago that can be done no more often."""
    if last is None:
        return
    wait = (last + within - now()).total_seconds()
    if wait > 0:
        raise DiscussionError(Reason.TOO_FAST, retry_after=math.ceil(wait))
