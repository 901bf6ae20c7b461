"""Discussions and posts.

A discussion belongs to a placement and a module: if an instructor puts another module there, the
first discussion waits until its module comes back. A post keeps its source beside what was rendered
from it, and the name under which it was written: a later change of name or of privacy settings
must not rename what was said. Edits keep what stood before.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class Discussion(Base):
    """The discussion of one module in one placement."""

    __tablename__ = "discussions"
    __table_args__ = (
        UniqueConstraint("resource_link_id", "module_id", name="uq_discussions_module"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_link_id: Mapped[int] = mapped_column(
        ForeignKey("resource_links.id", ondelete="CASCADE")
    )
    module_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)


_IS_ANSWERING = text("reply_to_id IS NOT NULL")
_OPENS_A_THREAD = text("thread_id IS NULL")


class Post(Base):
    """A post or a reply. ``thread_id`` is the first post of the thread, None on that post itself.

    ``author_name`` is the name at the time of writing; where the platform gave none, it is None and
    ``author_code`` tells nameless people apart. ``author_role``: ``participant``, ``instructor`` or
    ``guest``, at the time of writing. ``status``: ``published`` or ``deleted`` (its place in the
    thread stays, its text does not). ``language_source``: ``author`` chose it, or it was
    ``detected``; None while it is not known. ``reply_count`` counts the published replies of a
    thread, on its first post. ``revision`` counts the edits. The long texts stand last, so that
    SQLite need not read through them to reach the rest.
    """

    __tablename__ = "posts"
    __table_args__ = (
        # Partial: PostgreSQL does not take IS NULL for an equality, and would sort all threads.
        Index(
            "ix_posts_threads",
            *("discussion_id", "id"),
            sqlite_where=_OPENS_A_THREAD,
            postgresql_where=_OPENS_A_THREAD,
        ),
        Index("ix_posts_replies", "thread_id", "id"),
        Index("ix_posts_news", "discussion_id", "id"),
        # Covers the counts by language and by question: they read no row of the table.
        Index(
            "ix_posts_counts",
            *("discussion_id", "status", "language", "question_id", "author_id", "id"),
        ),
        Index("ix_posts_author", "author_id", "id"),
        # Found when a post is removed for good, with its discussion.
        Index(
            "ix_posts_answered",
            "reply_to_id",
            sqlite_where=_IS_ANSWERING,
            postgresql_where=_IS_ANSWERING,
        ),
        UniqueConstraint("author_id", "draft_key", name="uq_posts_draft"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id", ondelete="CASCADE"))
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    author_name: Mapped[str | None] = mapped_column(String(255))
    author_code: Mapped[str | None] = mapped_column(String(12))
    author_role: Mapped[str] = mapped_column(String(12), default="participant")
    question_id: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(35))
    language_source: Mapped[str | None] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(16), default="published")
    reply_count: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)
    draft_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    edited_at: Mapped[datetime | None] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    renderer: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)


class PostVersion(Base):
    """What a post said before it was edited."""

    __tablename__ = "post_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    language: Mapped[str | None] = mapped_column(String(35))
    replaced_at: Mapped[datetime] = mapped_column(Moment)
    source: Mapped[str] = mapped_column(Text)
