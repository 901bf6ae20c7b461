"""How imported posts are recognised again, and uploads that wait for a confirmation."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class ImportedPost(Base):
    """That something was imported into a discussion, so that a second import passes it over.

    ``key`` is a hash (``imports.plans.Entry``, ``imports.disqus``). The row stays when the post is
    deleted or its author is erased: then the text does not come back.
    """

    __tablename__ = "imported_posts"
    __table_args__ = (
        Index("ix_imported_posts_post_id", "post_id"),
        {"sqlite_with_rowid": False},
    )

    discussion_id: Mapped[int] = mapped_column(
        ForeignKey("discussions.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))


class AnswerUpload(Base):
    """Answers that an instructor has uploaded and not confirmed; deleted after a day.

    ``method``: how people are matched (``imports.matching``). ``content``: JSON of the answers and
    of what was chosen by hand (``imports.plans.Upload``).
    """

    __tablename__ = "answer_uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_link_id: Mapped[int] = mapped_column(
        ForeignKey("resource_links.id", ondelete="CASCADE"), index=True
    )
    module_id: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    method: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    content: Mapped[str] = mapped_column(Text)
