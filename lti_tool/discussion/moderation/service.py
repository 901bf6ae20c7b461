"""Moderating acts. Each function is one transaction that also writes the log.

The caller has checked that the user is an instructor (``Permissions.moderate``).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import delete as sql_delete
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from courseware.characters import is_blank
from courseware.module import Module
from lti_tool.discussion import (
    checks,
    discussions,
    events,
    exchange_mentions,
    languages,
    mentions,
    post_texts,
    thread_moves,
    writer,
)
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.facets import PUBLISHED, UNAPPROVED
from lti_tool.discussion.mentions import Mention
from lti_tool.discussion.model import (
    Discussion,
    HiddenPost,
    PendingEdit,
    Post,
    ReportedPost,
)
from lti_tool.discussion.moderation import log
from lti_tool.discussion.moderation.log import Action
from lti_tool.discussion.page_query import parse_post_id
from lti_tool.discussion.permissions import (
    EVERYBODY,
)
from lti_tool.discussion.text import clean_text, render_stored
from lti_tool.roster.groups import groups_of
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database, now

REASON_LIMIT = 500
"""Characters of a reason."""

Mark = Literal["answer", "highlight"]


@dataclass(frozen=True, slots=True)
class Moderator:
    """The instructor who acts, and where."""

    database: Database
    launch_session: CurrentSession
    module: Module

    @contextmanager
    def acting_on(
        self, post_id: int, action: Action, detail: str = "", *, foreign: bool = False
    ) -> Iterator["Act"]:
        """A transaction in which the discussion is locked; logs the act when the block ends.

        ``foreign``: the act is also possible with posts of other institutions.
        """
        with self.database.write() as session:
            discussion, post = locked_post(session, self.launch_session, self.module, post_id)
            if post.status == "deleted":
                raise DiscussionError(Reason.DELETED_POST)
            act = Act(session, discussion, post, detail, self.institution_in(discussion))
            if not foreign and act.is_foreign:
                raise DiscussionError(Reason.OTHER_INSTITUTION)
            yield act
            log.record(
                session,
                self.launch_session,
                self.module.id,
                action,
                post_id=post.id,
                detail=act.detail,
            )

    def _mentions(self, post_id: int, source: str) -> list[Mention]:
        """The people whom a text of the post's author mentions."""
        return exchange_mentions.find_in_text_of_author(
            self.database, self.launch_session, self.module, post_id, source
        )

    def institution_in(self, discussion: Discussion) -> int:
        """The institution whose posts the instructor moderates; 0 where there is one course."""
        return (self.launch_session.institution_id or 0) if discussion.is_shared else 0

    def pin(self, post_id: int) -> None:
        """Show a thread above the others; in an exchange, only one that its own course reads."""
        with self.acting_on(post_id, Action.PIN) as act:
            act.must_be_first()
            if act.discussion.exchange_id is not None and act.post.group_id == EVERYBODY:
                raise DiscussionError(Reason.SHARED)
            if act.post.pinned_at is None:
                checks.check_pinned(act.session, act.discussion)
                act.post.pinned_at = now()

    def unpin(self, post_id: int) -> None:
        """Show a thread in its place again."""
        with self.acting_on(post_id, Action.UNPIN) as act:
            act.post.pinned_at = None

    def close(self, post_id: int) -> None:
        """Let participants no longer reply in a thread."""
        with self.acting_on(post_id, Action.CLOSE) as act:
            act.must_be_first()
            act.post.locked_at = now()

    def reopen(self, post_id: int) -> None:
        """Let participants reply in a thread again."""
        with self.acting_on(post_id, Action.REOPEN) as act:
            act.post.locked_at = None

    def mark(self, post_id: int, mark: Mark | None) -> None:
        """Mark a post as an answer or highlight it; None removes the mark."""
        with self.acting_on(post_id, Action.MARK, mark or "") as act:
            act.post.mark = mark

    def hide(self, post_id: int, reason: str) -> None:
        """Withdraw a published post; its author sees the reason."""
        reason = checked_reason(reason)
        with self.acting_on(post_id, Action.HIDE, reason) as act:
            if act.post.status != PUBLISHED:
                raise DiscussionError(Reason.DONE_ALREADY)
            act.change(status="hidden", hidden_reason=reason, pinned_at=None)
            act.tell("hidden", reason)

    def show(self, post_id: int) -> None:
        """Publish a hidden post again."""
        with self.acting_on(post_id, Action.SHOW) as act:
            if act.post.status != "hidden":
                raise DiscussionError(Reason.DONE_ALREADY)
            act.change(status=PUBLISHED, hidden_reason=None)
            act.tell("shown")

    def hide_here(self, post_id: int, reason: str) -> None:
        """Hide a post of another institution from one's own people; all others still see it."""
        reason = checked_reason(reason)
        with self.acting_on(post_id, Action.HIDE_HERE, reason, foreign=True) as act:
            if not act.is_foreign or act.post.status != PUBLISHED:
                raise DiscussionError(Reason.DONE_ALREADY)
            key = {"post_id": act.post.id, "institution_id": act.institution_id}
            act.session.merge(HiddenPost(**key, reason=reason, created_at=now()))
            writer.settle_reports(act.session, act.discussion, post_id, act.institution_id)

    def show_here(self, post_id: int) -> None:
        """Show a post of another institution to one's own people again."""
        with self.acting_on(post_id, Action.SHOW_HERE, foreign=True) as act:
            hidden = act.session.get(HiddenPost, (post_id, act.institution_id))
            if hidden is None:
                raise DiscussionError(Reason.DONE_ALREADY)
            act.session.delete(hidden)

    def delete(self, post_id: int, reason: str) -> None:
        """Delete a post with its earlier texts; its author sees the reason."""
        reason = checked_reason(reason)
        with self.acting_on(post_id, Action.DELETE, reason) as act:
            post_texts.erase_texts(act.session, act.discussion, act.post)
            act.post.hidden_reason = reason
            act.tell("deleted", reason)

    def set_question(self, post_id: int, question_id: str | None) -> None:
        """Say which question a thread answers."""
        checks.check_question(self.module, question_id)
        with self.acting_on(post_id, Action.QUESTION, question_id or "") as act:
            act.must_be_first()
            act.change(question_id=question_id)

    def set_group(self, post_id: int, group_id: int) -> None:
        """Say which group a thread belongs to; 0 for everybody."""
        with self.acting_on(post_id, Action.GROUP) as act:
            act.must_be_first()
            # Other courses may have replied, or would read what was not written for them.
            if act.discussion.is_shared:
                raise DiscussionError(Reason.SHARED)
            thread_moves.must_stay(act.session, act.post.id)
            course = self.launch_session.course_id
            groups = groups_of(act.session, course) if course is not None else []
            names = {0: "", **{group.id: group.name for group in groups}}
            if group_id not in names:
                raise DiscussionError(Reason.OTHER_GROUP)
            writer.move_to_group(act.session, act.discussion, act.post, group_id)
            act.detail = names[group_id]

    def move(self, post_id: int, target: str) -> None:
        """Move a reply, or a thread with its replies, into another thread.

        ``target`` is the id of a post of that thread, or its link. The worker moves a long thread.
        """
        target_id = parse_target(target)
        with self.acting_on(post_id, Action.MOVE) as act:
            into = act.thread_of(target_id)
            if into.id == (act.post.thread_id or act.post.id):
                raise DiscussionError(Reason.WRONG_THREAD)
            if act.discussion.is_shared and into.group_id != act.post.group_id:
                raise DiscussionError(Reason.SHARED)
            if act.post.thread_id is None and act.has_replies_of_others():
                raise DiscussionError(Reason.OTHER_INSTITUTION)
            thread_moves.must_stay(act.session, act.post.id, into.id)
            thread_moves.move(act.session, act.discussion, act.post, into)
            act.detail = f"#{into.id}"

    def split(self, post_id: int) -> None:
        """Make a reply the first post of a thread of its own."""
        with self.acting_on(post_id, Action.MOVE) as act:
            if act.post.thread_id is None:
                raise DiscussionError(Reason.WRONG_THREAD)
            act.change(thread_id=None, reply_to_id=None)
            act.tell("moved")

    def approve(self, post_id: int, seen: int | None, new_text: str | None = None) -> None:
        """Publish a post that waits, with another text if one is given.

        ``seen`` is the post's revision that the instructor read: the author may edit meanwhile.
        """
        source = None if new_text is None else checks.checked_text(new_text)
        html = None if source is None else checks.rendered(source)
        named = self._mentions(post_id, source or "")
        with self.acting_on(post_id, Action.APPROVE) as act:
            if act.post.status not in UNAPPROVED:
                raise DiscussionError(Reason.DONE_ALREADY)
            if seen != act.post.revision:
                raise DiscussionError(Reason.CHANGED_MEANWHILE)
            values = {"status": PUBLISHED, "hidden_reason": None}
            if source is None or html is None or source == act.post.source:
                act.change(**values)
            else:
                post = act.post
                new = _new_text(source, html, named, post.language, post.language_source)
                act.replace_text(new, self.module, **values)
            act.tell("approved")

    def reject(self, post_id: int, reason: str) -> None:
        """Do not publish a post that waits; its author sees the reason."""
        reason = checked_reason(reason)
        with self.acting_on(post_id, Action.REJECT, reason) as act:
            if act.post.status != "held":
                raise DiscussionError(Reason.DONE_ALREADY)
            act.change(status="rejected", hidden_reason=reason)
            act.tell("rejected", reason)

    def approve_edit(self, post_id: int, seen: str) -> None:
        """Publish the new text of a post. ``seen`` is the version that the instructor read."""
        with self.database.read() as session:
            edit = session.get(PendingEdit, post_id)
            source = edit.source if edit else ""
        html, named = render_stored(source), self._mentions(post_id, source)
        with self.acting_on(post_id, Action.APPROVE_EDIT) as act:
            edit = act.pending_edit()
            if version_of(edit) != seen or edit.source != source:
                raise DiscussionError(Reason.CHANGED_MEANWHILE)
            new = _new_text(source, html, named, edit.language, edit.language_source)
            writer.drop_pending_edit(act.session, act.discussion, act.post.id)
            act.replace_text(new, self.module)
            act.tell("edit_approved")

    def reject_edit(self, post_id: int, reason: str) -> None:
        """Do not publish the new text of a post; its author sees the reason."""
        reason = checked_reason(reason)
        with self.acting_on(post_id, Action.REJECT_EDIT, reason) as act:
            writer.reject_pending_edit(act.session, act.discussion, act.pending_edit(), reason)
            act.tell("edit_rejected", reason)

    def keep(self, post_id: int) -> None:
        """Leave a reported post as it is, and remove it from the list."""
        with self.acting_on(post_id, Action.KEEP, foreign=True) as act:
            if act.session.get(ReportedPost, (post_id, act.institution_id)) is None:
                raise DiscussionError(Reason.DONE_ALREADY)
            writer.settle_reports(act.session, act.discussion, post_id, act.institution_id)

    def start_afresh(self, *, empty: bool) -> None:
        """Archive the discussion, or delete all its posts; an empty one takes its place."""
        with self.database.write() as session:
            old, _new = discussions.start_afresh(session, self.launch_session, self.module)
            posts = session.scalar(
                select(func.count()).where(Post.discussion_id == old.id, Post.status == PUBLISHED)
            )
            action = Action.EMPTY if empty else Action.ARCHIVE
            log.record(session, self.launch_session, self.module.id, action, detail=str(posts or 0))
            if empty:
                session.flush()
                session.execute(sql_delete(Discussion).where(Discussion.id == old.id))


@dataclass(slots=True)
class Act:
    """A moderating act in its transaction. ``detail`` is written to the log.

    ``institution_id``: whose posts the instructor moderates; 0 in a discussion of one course.
    """

    session: Session
    discussion: Discussion
    post: Post
    detail: str
    institution_id: int = 0

    @property
    def is_foreign(self) -> bool:
        """Whether the post is by somebody of another institution."""
        return (self.post.institution_id or 0) != self.institution_id

    def change(self, **values: object) -> None:
        """Change the post, and the counts."""
        writer.change(self.session, self.discussion, self.post, **values)

    def replace_text(self, new: post_texts.NewText, module: Module, **values: object) -> None:
        """Set another text, and keep the present one as an earlier version."""
        offered = languages.offered_languages(module)
        post_texts.replace_text(self.session, self.discussion, self.post, new, offered, **values)

    def tell(self, kind: events.Kind, reason: str = "") -> None:
        """Let other features tell the author."""
        events.publish(self.session, events.Event(kind, self.post.id, reason))

    def must_be_first(self) -> None:
        """Check that the post begins a thread."""
        if self.post.thread_id is not None:
            raise DiscussionError(Reason.WRONG_THREAD)

    def thread_of(self, post_id: int | None) -> Post:
        """Return the first post of the thread that a post of this discussion is in."""
        found = self.session.get(Post, post_id) if post_id is not None else None
        if found is not None and found.thread_id is not None:
            found = self.session.get(Post, found.thread_id)
        if found is None or found.discussion_id != self.discussion.id:
            raise DiscussionError(Reason.WRONG_THREAD)
        if found.status in UNAPPROVED:
            raise DiscussionError(Reason.WRONG_THREAD)
        return found

    def has_replies_of_others(self) -> bool:
        """Whether somebody of another institution has replied in the thread."""
        own = func.coalesce(Post.institution_id, 0) == self.institution_id
        others = exists().where(Post.thread_id == self.post.id, ~own)
        return self.discussion.is_shared and bool(self.session.scalar(select(others)))

    def pending_edit(self) -> PendingEdit:
        """Return the new text of the post that waits for approval."""
        edit = self.session.get(PendingEdit, self.post.id)
        if edit is None or edit.rejected_reason is not None:
            raise DiscussionError(Reason.DONE_ALREADY)
        return edit


def _new_text(
    source: str,
    html: str,
    named: list[Mention],
    language: str | None,
    language_source: str | None,
) -> post_texts.NewText:
    """Return a text with its mentions highlighted."""
    html = mentions.highlight(html, [each.name for each in named])
    return post_texts.NewText(source, html, language, language_source, tuple(named))


def checked_reason(reason: str) -> str:
    """Return a reason, cleaned and not longer than its limit. It must not be blank."""
    reason = clean_text(reason)
    if is_blank(reason):
        raise DiscussionError(Reason.NO_REASON)
    if len(reason) > REASON_LIMIT:
        raise DiscussionError(Reason.REASON_TOO_LONG)
    return reason


def version_of(edit: PendingEdit) -> str:
    """Return what identifies the text of a pending edit in a form."""
    return edit.created_at.isoformat()


_TARGET = re.compile(
    r"^\s*(\d{1,9})\s*$|#p(\d{1,9})\s*$"
    r"|/(?:post|thread|d/\d+/p)/(\d{1,9})(?!\d)(?![^#]*#p\d)"
)
"""A number, the anchor of a post, or the path of a post or of its lasting URL."""


def parse_target(target: str) -> int | None:
    """Return the post that a number or a link names; None if it names none."""
    found = _TARGET.search(target[:2000])
    number = next((each for each in found.groups() if each), None) if found else None
    return parse_post_id(number)


def locked_post(
    session: Session, launch_session: CurrentSession, module: Module, post_id: int
) -> tuple[Discussion, Post]:
    """Return a post and its discussion, locked. Raises :class:`DiscussionError`."""
    link = launch_session.resource_link_id
    discussion = discussions.find_row(session, link, module.id, lock=True)
    post = session.get(Post, post_id)
    if discussion is None or post is None or post.discussion_id != discussion.id:
        raise DiscussionError(Reason.UNKNOWN_POST)
    return discussion, post
