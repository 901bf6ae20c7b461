"""Edits that wait for approval, reports of posts, hidden posts, and threads that are moved."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, Text, false, update
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class PendingEdit(Base):
    """The new text of a published post that waits for approval; meanwhile the old one is shown.

    ``rejected_reason``: reason shown to the author if it was not approved; None while it waits.
    """

    __tablename__ = "pending_edits"
    __table_args__ = (
        Index("ix_pending_edits_author", "author_id", "discussion_id"),
        Index("ix_pending_edits_discussion_id", "discussion_id", "post_id"),
    )

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    language: Mapped[str | None] = mapped_column(String(35))
    language_source: Mapped[str | None] = mapped_column(String(8))
    rejected_reason: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(Moment)
    source: Mapped[str] = mapped_column(Text)


class PostReport(Base):
    """A report of a post by one user; ``settled``: an instructor has dealt with it.

    ``revision`` is that of the post: a user can report a post again only after an edit.
    """

    __tablename__ = "post_reports"
    __table_args__ = (Index("ix_post_reports_user_id", "user_id", "created_at"),)

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(String(500), default="")
    settled: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def prepare_merge(cls, connection: Connection, kept: Any, removed: Any) -> None:
        """Count one report less: both users reported the post, and become one."""
        counts = ReportedPost.__table__.c
        if not kept.settled and not removed.settled:
            connection.execute(
                update(ReportedPost)
                .where(counts.post_id == removed.post_id, counts.reports > 1)
                .values(reports=counts.reports - 1)
            )


class ReportedPost(Base):
    """A post with reports that are not settled; ``reports`` is the number of users.

    ``institution_id``: whose instructors deal with it; 0 in a discussion of one course. A post of a
    shared discussion has a row for its author's institution, and one for each institution whose
    people have reported it.
    """

    __tablename__ = "reported_posts"
    __table_args__ = (
        Index(
            "ix_reported_posts_discussion_id",
            *("discussion_id", "institution_id", "reports", "post_id"),
        ),
    )

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    institution_id: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, default=0, server_default="0"
    )
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id", ondelete="CASCADE"))
    reports: Mapped[int]


class HiddenPost(Base):
    """A post of another institution that an institution has hidden from its own people."""

    __tablename__ = "hidden_posts"
    __table_args__ = (
        Index("ix_hidden_posts_institution_id", "institution_id"),
        {"sqlite_with_rowid": False},
    )

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    institution_id: Mapped[int] = mapped_column(
        ForeignKey("institutions.id", ondelete="CASCADE"), primary_key=True
    )
    reason: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(Moment)


class ThreadMove(Base):
    """A long thread whose replies the worker is moving into another one (``moderation.moving``).

    Each reply is in one of the two threads. The first post follows when no reply is left, and the
    row is deleted. ``into_id``: the first post of the other thread; a reply, if that thread itself
    has been moved meanwhile.
    """

    __tablename__ = "thread_moves"
    __table_args__ = (
        Index("ix_thread_moves_into_id", "into_id"),
        Index("ix_thread_moves_discussion_id", "discussion_id"),
    )

    thread_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    into_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(Moment)
