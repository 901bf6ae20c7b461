"""The moderating acts in the audit log: who did what, when, to which post, and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from courseware.i18n.marking import N_
from lti_tool.directory.audit import AuditEntry
from lti_tool.directory.model import User
from lti_tool.discussion.model import Post
from lti_tool.sessions.audit import record_act
from lti_tool.sessions.current import CurrentSession

PER_PAGE = 50
PREFIX = "discussion."


class Action(StrEnum):
    """Values of ``AuditEntry.action``, without the prefix. Stored in databases: keep them."""

    PIN = "pin"
    UNPIN = "unpin"
    CLOSE = "close"
    REOPEN = "reopen"
    HIDE = "hide"
    SHOW = "show"
    HIDE_HERE = "hide_here"
    SHOW_HERE = "show_here"
    AUDIENCE = "audience"
    DELETE = "delete"
    MARK = "mark"
    QUESTION = "question"
    GROUP = "group"
    MOVE = "move"
    APPROVE = "approve"
    REJECT = "reject"
    APPROVE_EDIT = "approve_edit"
    REJECT_EDIT = "reject_edit"
    KEEP = "keep"
    ANNOUNCE = "announce"
    SETTINGS = "settings"
    GROUPS = "groups"
    ARCHIVE = "archive"
    EMPTY = "empty"
    GRADE_SETTINGS = "grade_settings"
    GRADE = "grade"
    GRADES_SENT = "grades_sent"
    IMPORT = "import"
    TAKE_OVER = "take_over"


LABELS = {
    Action.PIN: N_("Pinned the thread"),
    Action.UNPIN: N_("Unpinned the thread"),
    Action.CLOSE: N_("Closed the thread"),
    Action.REOPEN: N_("Reopened the thread"),
    Action.HIDE: N_("Hid the post"),
    Action.SHOW: N_("Showed the post again"),
    Action.HIDE_HERE: N_("Hid the post from the people of the institution"),
    Action.SHOW_HERE: N_("Showed the post again"),
    Action.AUDIENCE: N_("Changed who reads the discussion"),
    Action.DELETE: N_("Deleted the post"),
    Action.MARK: N_("Changed the mark of the post"),
    Action.QUESTION: N_("Changed the question of the thread"),
    Action.GROUP: N_("Changed the group of the thread"),
    Action.MOVE: N_("Moved the post"),
    Action.APPROVE: N_("Approved the post"),
    Action.REJECT: N_("Rejected the post"),
    Action.APPROVE_EDIT: N_("Approved the new text"),
    Action.REJECT_EDIT: N_("Rejected the new text"),
    Action.KEEP: N_("Left the reported post visible"),
    Action.ANNOUNCE: N_("Published an announcement"),
    Action.SETTINGS: N_("Changed the settings"),
    Action.GROUPS: N_("Changed the groups"),
    Action.ARCHIVE: N_("Archived the discussion"),
    Action.EMPTY: N_("Emptied the discussion"),
    Action.IMPORT: N_("Imported answers that were written offline"),
    Action.TAKE_OVER: N_("Continued the discussion of a former activity"),
    Action.GRADE_SETTINGS: N_("Changed what counts for the grade"),
    Action.GRADE: N_("Graded a person manually"),
    Action.GRADES_SENT: N_("Sent grades to the LMS again"),
}
ACTS = {f"{PREFIX}{action.value}": label for action, label in LABELS.items()}
"""The labels for the audit log."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the log. ``post_id`` is None if the act concerned no post, or the post is gone."""

    id: int
    action: Action
    detail: str
    post_id: int | None
    discussion_id: int | None
    name: str | None
    user_id: int | None
    created_at: datetime


def record(
    session: Session,
    launch_session: CurrentSession,
    module_id: str,
    action: Action,
    *,
    post_id: int | None = None,
    detail: str = "",
) -> None:
    """Add a row, in the transaction of the act."""
    record_act(
        session,
        launch_session,
        f"{PREFIX}{action.value}",
        module_id=module_id,
        object_id=post_id,
        detail=detail,
    )


def entries(
    connection: Connection, resource_link_id: int, module_id: str, before: int | None
) -> list[Entry]:
    """Return a page of the log and one row more, the latest first. Takes one statement."""
    log, users, posts = AuditEntry.__table__, User.__table__, Post.__table__
    query = (
        select(
            log.c.id,
            log.c.action,
            log.c.detail,
            posts.c.id.label("post_id"),
            posts.c.discussion_id,
            users.c.name,
            log.c.user_id,
            log.c.created_at,
        )
        .select_from(
            log.outerjoin(users, users.c.id == log.c.user_id).outerjoin(
                posts, posts.c.id == log.c.object_id
            )
        )
        .where(
            log.c.resource_link_id == resource_link_id,
            log.c.module_id == module_id,
            log.c.action.startswith(PREFIX),
        )
        .order_by(log.c.id.desc())
        .limit(PER_PAGE + 1)
    )
    if before is not None:
        query = query.where(log.c.id < before)
    return [
        Entry(row.id, Action(row.action.removeprefix(PREFIX)), *row[2:])
        for row in connection.execute(query).all()
    ]
