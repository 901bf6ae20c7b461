"""Posts, and their texts before edits.

A post stores its source, the HTML rendered from it, and the author's name at the time of writing: a
later change of name or of privacy settings does not change it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.discussion.model.author_facets import rename_author
from lti_tool.discussion.model.sequence import SEQUENCE
from lti_tool.storage.database import Base, Moment

OFFLINE = "offline"
ARCHIVE = "archive"
"""Values of ``Post.origin``."""

_IS_REPLY = text("reply_to_id IS NOT NULL")
_IS_PUBLISHED = text("status = 'published'")
_IS_ANSWER = text("question_id IS NOT NULL")
_IS_SHARED = text("institution_id IS NOT NULL")
_IS_UNAPPROVED = text("status IN ('held', 'rejected')")


class Post(Base):
    """A post or a reply.

    - ``thread_id``: the first post of the thread; None on that post itself.
    - ``group_id``: the group that may read the thread; 0 for everybody. A thread is in one group.
      In a shared discussion, the negative id of the discussion of one course: for this course only.
    - ``author_name``: the name at the time of writing; None if the platform sent none, and for an
      anonymous post. Then ``author_code`` is the author's pseudonym (see ``names``).
    - ``author_role``: ``participant``, ``instructor`` or ``guest``, at the time of writing.
    - ``anonymous``: participants may not learn who wrote it. Fixed at writing, never changed.
    - ``institution_id``: the author's institution, in a shared discussion. Its instructors moderate
      the post. None in a discussion of one course.
    - ``shown_as``: how the author appears to people of other institutions
      (``exchange_model.SHOWN_AS``), as it was promised at the time of writing.
    - ``status``: ``published``; ``held`` (waits for approval: only its author and instructors see
      it); ``rejected`` (was not approved: nobody else ever sees it); ``hidden`` (withdrawn by an
      instructor); ``deleted`` (has no text, but keeps its position).
    - ``hidden_reason``: shown to the author if an instructor rejected, hid or deleted the post.
    - ``sequence``: number of the publication in the discussion, larger than that of all earlier
      ones; 0 before. A held post gets it when it is approved, so that readers see it as new.
    - ``language_source``: ``author`` or ``detected``; None while the language is unknown.
    - ``mark``: ``answer`` or ``highlight``, given by an instructor, or ``announcement``.
    - ``pinned_at``, ``locked_at``, ``reply_count`` (published replies): of the thread, on its first
      post.
    - ``revision``: number of edits.
    - ``origin``: of an imported post, ``offline`` (an answer written in a package) or ``archive``
      (of another discussion); ``created_at`` is when it was written there. None for all others.

    ``status``, ``sequence``, ``group_id``, ``thread_id``, ``language``, ``question_id`` and
    ``reply_count`` are changed by ``writer`` only, which keeps the counts.

    The long texts are the last columns, so that SQLite reads the others without skipping over them.
    """

    __tablename__ = "posts"
    __table_args__ = (
        Index("ix_posts_discussion_id", "discussion_id", "id"),
        Index("ix_posts_replies", "thread_id", "id"),
        Index(
            "ix_posts_published",
            *("discussion_id", "sequence"),
            sqlite_where=_IS_PUBLISHED,
            postgresql_where=_IS_PUBLISHED,
        ),
        Index(
            "ix_posts_unapproved",
            *("discussion_id", "author_id", "id"),
            sqlite_where=_IS_UNAPPROVED,
            postgresql_where=_IS_UNAPPROVED,
        ),
        Index(
            "ix_posts_pinned",
            *("discussion_id", "pinned_at"),
            sqlite_where=text("pinned_at IS NOT NULL"),
            postgresql_where=text("pinned_at IS NOT NULL"),
        ),
        Index("ix_posts_author", "author_id", "id"),
        Index(
            "ix_posts_answers",
            *("author_id", "discussion_id", "question_id"),
            sqlite_where=_IS_ANSWER,
            postgresql_where=_IS_ANSWER,
        ),
        # For ON DELETE SET NULL, when a discussion is removed.
        Index(
            "ix_posts_answered",
            "reply_to_id",
            sqlite_where=_IS_REPLY,
            postgresql_where=_IS_REPLY,
        ),
        Index(
            "ix_posts_institution",
            *("institution_id", "discussion_id", "id"),
            sqlite_where=_IS_SHARED,
            postgresql_where=_IS_SHARED,
        ),
        UniqueConstraint("author_id", "draft_key", name="uq_posts_draft"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id", ondelete="CASCADE"))
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"))
    group_id: Mapped[int] = mapped_column(default=0, server_default="0")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    author_name: Mapped[str | None] = mapped_column(String(255))
    author_code: Mapped[str | None] = mapped_column(String(12))
    author_role: Mapped[str] = mapped_column(String(12), default="participant")
    anonymous: Mapped[bool] = mapped_column(default=False, server_default=false())
    institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id", ondelete="SET NULL")
    )
    shown_as: Mapped[str | None] = mapped_column(String(12))
    question_id: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(35))
    language_source: Mapped[str | None] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(16), default="published")
    hidden_reason: Mapped[str | None] = mapped_column(String(500))
    sequence: Mapped[int] = mapped_column(default=0, server_default="0", info=SEQUENCE)
    reply_count: Mapped[int] = mapped_column(default=0)
    mark: Mapped[str | None] = mapped_column(String(12))
    pinned_at: Mapped[datetime | None] = mapped_column(Moment)
    locked_at: Mapped[datetime | None] = mapped_column(Moment)
    revision: Mapped[int] = mapped_column(default=0)
    draft_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    edited_at: Mapped[datetime | None] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    renderer: Mapped[str] = mapped_column(String(16))
    origin: Mapped[str | None] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)

    @classmethod
    def prepare_move(cls, connection: Connection, column: str, kept: Any, removed: Any) -> None:
        """Let the counts of an author follow."""
        if column == "author_id":
            rename_author(connection, kept, removed)

    @classmethod
    def separated(cls, row: Any) -> dict[str, Any]:
        """Two texts with one key are two posts, of two users who are the same person."""
        return {"draft_key": f"joined-{row.id}"}


class PostVersion(Base):
    """The text of a post before an edit."""

    __tablename__ = "post_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    language: Mapped[str | None] = mapped_column(String(35))
    replaced_at: Mapped[datetime] = mapped_column(Moment)
    source: Mapped[str] = mapped_column(Text)
