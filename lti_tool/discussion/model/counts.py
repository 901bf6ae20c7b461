"""Numbers of published posts, stored so that no page counts posts. Only ``writer`` changes them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.discussion.model.sequence import SEQUENCE
from lti_tool.storage.database import Base, Moment


class DiscussionCount(Base):
    """Numbers of published posts with a facet (``facets``), and of the threads that have one."""

    __tablename__ = "discussion_counts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    discussion_id: Mapped[int] = mapped_column(
        ForeignKey("discussions.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    value: Mapped[str] = mapped_column(String(64), primary_key=True)
    group_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    posts: Mapped[int]
    threads: Mapped[int]

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The posts of two discussions that become one."""
        return {"posts": kept.posts + removed.posts, "threads": kept.threads + removed.threads}


class AuthorCount(Base):
    """The published posts of one user in a discussion, for participation (``author_counts``).

    - ``anonymous``: the posts that participants may not connect with the user, counted apart.
    - ``question_id``: the question that the posts answer; empty for all others.
    - ``threads``: first posts. ``replies``: all others.
    - ``first_at``, ``latest_at``: when the first and the latest of them were written.
    """

    __tablename__ = "author_counts"
    __table_args__ = (
        Index("ix_author_counts_user_id", "user_id"),
        Index("ix_author_counts_latest", "discussion_id", "latest_at", "user_id"),
        {"sqlite_with_rowid": False},
    )

    discussion_id: Mapped[int] = mapped_column(
        ForeignKey("discussions.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    anonymous: Mapped[bool] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(String(64), primary_key=True, default="")
    threads: Mapped[int]
    replies: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(Moment)
    latest_at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The posts of two discussions that become one."""
        return {
            "threads": kept.threads + removed.threads,
            "replies": kept.replies + removed.replies,
            "first_at": min(kept.first_at, removed.first_at),
            "latest_at": max(kept.latest_at, removed.latest_at),
        }


class DayCount(Base):
    """The published posts that were written on one day (``author_counts``).

    ``day`` is the date in UTC, as in ISO 8601. ``staff``: those of instructors, counted apart.
    Posts of an imported archive are not counted.
    """

    __tablename__ = "day_counts"
    __table_args__ = (Index("ix_day_counts_day", "day"), {"sqlite_with_rowid": False})

    discussion_id: Mapped[int] = mapped_column(
        ForeignKey("discussions.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    staff: Mapped[bool] = mapped_column(primary_key=True)
    threads: Mapped[int]
    replies: Mapped[int]

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The posts of two discussions that become one."""
        return {
            "threads": kept.threads + removed.threads,
            "replies": kept.replies + removed.replies,
        }


class ThreadFacet(Base):
    """A facet of the published posts of a thread: lists of threads are scans of one facet's rows.

    ``posts`` is the number of published posts of the thread with this facet. ``activity`` is the
    ``sequence`` of the thread's newest published post, so that all filters give the same order; for
    the facets of authors, of whom a thread can have thousands, of the author's newest post in it.
    A thread without a published post has no rows.
    """

    __tablename__ = "thread_facets"
    __table_args__ = (
        Index(
            "ix_thread_facets_activity",
            *("discussion_id", "kind", "value", "group_id", "activity"),
        ),
        Index(
            "ix_thread_facets_thread",
            *("discussion_id", "kind", "value", "group_id", "thread_id"),
        ),
        {"sqlite_with_rowid": False},
    )

    thread_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    value: Mapped[str] = mapped_column(String(64), primary_key=True)
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id", ondelete="CASCADE"))
    group_id: Mapped[int]
    activity: Mapped[int] = mapped_column(info=SEQUENCE)
    posts: Mapped[int]
