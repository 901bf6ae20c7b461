"""Reactions to posts, and their numbers."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, update
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class PostReaction(Base):
    """A reaction (``reactions.KINDS``) of a user to a post. ``ReactionCount`` has the numbers."""

    __tablename__ = "post_reactions"
    __table_args__ = (
        Index("ix_post_reactions_user_id", "user_id"),
        {"sqlite_with_rowid": False},
    )

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def prepare_merge(cls, connection: Connection, kept: Any, removed: Any) -> None:
        """Count one reaction less: both users had it, and become one."""
        counts = ReactionCount.__table__.c
        connection.execute(
            update(ReactionCount)
            .where(counts.post_id == removed.post_id, counts.kind == removed.kind)
            .values(count=counts.count - 1)
        )


class ReactionCount(Base):
    """The number of users who have a reaction to a post. Only ``reactions`` changes it."""

    __tablename__ = "reaction_counts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    count: Mapped[int]
