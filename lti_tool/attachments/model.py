"""Table of the files attached to posts and drafts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class Attachment(Base):
    """A file. Until its post is published, it belongs to the form with ``draft_key``.

    - ``post_id``: None before publishing.
    - ``name``: the cleaned file name, as its author sent it.
    - ``alt``: text alternative of a picture.
    - ``size``: in bytes, as stored; ``width`` and ``height`` in pixels, of pictures.
    - ``store_key``: see ``store``.
    """

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_draft", "user_id", "draft_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int | None] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    draft_key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(150))
    media_type: Mapped[str] = mapped_column(String(100))
    alt: Mapped[str] = mapped_column(String(500), default="")
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    store_key: Mapped[str] = mapped_column(String(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
