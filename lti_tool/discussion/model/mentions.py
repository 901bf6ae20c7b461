"""Names that are mentioned in posts."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base


class PostMention(Base):
    """A person whose name stands in a post after an ``@``.

    - ``name``: as it stands in the text, without the ``@``.
    - ``shown``: False if the post was edited and the name stands only in an earlier text.
    """

    __tablename__ = "post_mentions"
    __table_args__ = (Index("ix_post_mentions_user_id", "user_id"),)

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    shown: Mapped[bool] = mapped_column(default=True)
