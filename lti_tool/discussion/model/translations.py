"""Machine translations of posts."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class PostTranslation(Base):
    """A machine translation of a post: of one text (``revision``), into one language.

    ``writer.change`` deletes it with the text that it translates. ``source_language`` is the post's
    language, else what the service detected; None if neither is known. ``renderer`` is that of the
    HTML that was translated.
    """

    __tablename__ = "post_translations"
    __table_args__ = ({"sqlite_with_rowid": False},)

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    source_language: Mapped[str | None] = mapped_column(String(35))
    provider: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(Moment)
    renderer: Mapped[str] = mapped_column(String(16))
    html: Mapped[str] = mapped_column(Text)
