"""Tables of discussions, posts, earlier versions of posts, and drafts.

A discussion belongs to a resource link and a module. If an instructor selects another module, the
first discussion stays and is shown again when its module is selected again. A post stores its
source, the HTML rendered from it, and the author's name at the time of writing: a later change of
name or of privacy settings does not change it.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class Discussion(Base):
    """The discussion of one module in one resource link."""

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


_IS_REPLY = text("reply_to_id IS NOT NULL")
_IS_FIRST_POST = text("thread_id IS NULL")


class Post(Base):
    """A post or a reply.

    - ``thread_id``: the first post of the thread; None on that post itself.
    - ``author_name``: the name at the time of writing; None if the platform sent none, and then
      ``author_code`` is the author's pseudonym (see ``names``).
    - ``author_role``: ``participant``, ``instructor`` or ``guest``, at the time of writing.
    - ``status``: ``published`` or ``deleted``. A deleted post has no text, but keeps its position.
    - ``language_source``: ``author`` or ``detected``; None while the language is unknown.
    - ``reply_count``: published replies in the thread, on its first post.
    - ``revision``: number of edits.

    The long texts are the last columns, so that SQLite reads the others without skipping over them.
    """

    __tablename__ = "posts"
    __table_args__ = (
        # Partial: PostgreSQL does not treat IS NULL as an equality, and would sort all threads.
        Index(
            "ix_posts_threads",
            *("discussion_id", "id"),
            sqlite_where=_IS_FIRST_POST,
            postgresql_where=_IS_FIRST_POST,
        ),
        Index("ix_posts_replies", "thread_id", "id"),
        Index("ix_posts_news", "discussion_id", "id"),
        # Covering index for the counts by language and by question.
        Index(
            "ix_posts_counts",
            *("discussion_id", "status", "language", "question_id", "author_id", "id"),
        ),
        Index("ix_posts_author", "author_id", "id"),
        # For ON DELETE SET NULL, when a discussion is removed.
        Index(
            "ix_posts_answered",
            "reply_to_id",
            sqlite_where=_IS_REPLY,
            postgresql_where=_IS_REPLY,
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
    """The text of a post before an edit."""

    __tablename__ = "post_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    language: Mapped[str | None] = mapped_column(String(35))
    replaced_at: Mapped[datetime] = mapped_column(Moment)
    source: Mapped[str] = mapped_column(Text)


class SavedDraft(Base):
    """A text that a user typed and has not published: one for each form.

    - ``place``: the form, as ``drafts.Place`` writes it. The module's discussion may not exist yet.
    - ``draft_key``: the idempotency key of the form, which the post will have.
    - ``revision``: of the edited post, when the edit began; None for other forms.
    """

    __tablename__ = "drafts"
    __table_args__ = (
        UniqueConstraint(
            *("user_id", "resource_link_id", "module_id", "place"), name="uq_drafts_place"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    resource_link_id: Mapped[int] = mapped_column(
        ForeignKey("resource_links.id", ondelete="CASCADE"), index=True
    )
    module_id: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(80))
    language: Mapped[str | None] = mapped_column(String(35))
    draft_key: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(Moment)
    text: Mapped[str] = mapped_column(Text)
