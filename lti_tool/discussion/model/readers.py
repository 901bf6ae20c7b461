"""What each reader has read in a discussion."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.discussion.model.sequence import SEQUENCE
from lti_tool.storage.database import Base, Moment


class DiscussionReader(Base):
    """What one user has read in a discussion, and how the user wants to see it.

    - ``read_up_to``: all posts up to this ``sequence`` are read. ``thread_reads`` has later ones.
    - ``visited_up_to``, ``visited_at``: the newest post and the time of the current visit;
      ``earlier_visit_up_to``: the newest post when the visit before ended.
    - ``languages``: the languages that the user reads, as in a URL; empty for all.
    """

    __tablename__ = "discussion_readers"
    __table_args__ = (
        Index("ix_discussion_readers_discussion_id", "discussion_id"),
        {"sqlite_with_rowid": False},
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    discussion_id: Mapped[int] = mapped_column(
        ForeignKey("discussions.id", ondelete="CASCADE"), primary_key=True
    )
    read_up_to: Mapped[int] = mapped_column(default=0, server_default="0", info=SEQUENCE)
    visited_up_to: Mapped[int] = mapped_column(default=0, server_default="0", info=SEQUENCE)
    visited_at: Mapped[datetime | None] = mapped_column(Moment)
    earlier_visit_up_to: Mapped[int] = mapped_column(default=0, server_default="0", info=SEQUENCE)
    languages: Mapped[str] = mapped_column(String(200), default="", server_default="")

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The newest posts that were read in either, and the languages of the kept one, if any."""
        numbers = ("read_up_to", "visited_up_to", "earlier_visit_up_to")
        newest = {each: max(getattr(kept, each), getattr(removed, each)) for each in numbers}
        return {**newest, "languages": kept.languages or removed.languages}


class ThreadRead(Base):
    """The ``sequence`` up to which a user has read a thread, if beyond ``read_up_to``."""

    __tablename__ = "thread_reads"
    __table_args__ = (
        Index("ix_thread_reads_thread_id", "thread_id"),
        Index("ix_thread_reads_discussion_id", "discussion_id"),
        {"sqlite_with_rowid": False},
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    discussion_id: Mapped[int] = mapped_column(
        ForeignKey("discussions.id", ondelete="CASCADE"), primary_key=True
    )
    thread_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    read_up_to: Mapped[int] = mapped_column(info=SEQUENCE)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The newest post that was read in either."""
        return {"read_up_to": max(kept.read_up_to, removed.read_up_to)}
