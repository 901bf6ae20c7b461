"""Weekly summaries."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, String, Text, UniqueConstraint, insert
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class SummaryText(Base):
    """An instructor's summary of one week of a discussion, in one language.

    - ``week``: the Monday.
    - ``published_at``: when the ``source`` that participants see was published; None if none is.
    - ``draft``: a text that is not published; None if there is none.
    - ``author_id``, ``draft_author_id``: who wrote ``source`` and ``draft``.
    - ``revision``: number of changes, so that one instructor does not overwrite another's text.
    """

    __tablename__ = "summary_texts"
    __table_args__ = (
        UniqueConstraint("discussion_id", "week", "language", name="uq_summary_texts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id", ondelete="CASCADE"))
    week: Mapped[date]
    language: Mapped[str] = mapped_column(String(35))
    author_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    revision: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    source: Mapped[str] = mapped_column(Text, default="")
    draft: Mapped[str | None] = mapped_column(Text)
    draft_author_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )

    @classmethod
    def prepare_merge(cls, connection: Connection, kept: Any, removed: Any) -> None:
        """Store the published text of the removed one as an earlier text of the kept one."""
        if kept.published_at and removed.published_at and kept.source != removed.source:
            connection.execute(
                insert(SummaryVersion).values(
                    summary_id=kept.id,
                    author_id=removed.author_id,
                    replaced_at=kept.published_at,
                    source=removed.source,
                )
            )

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The published text of the kept one, if it has any; both drafts."""
        shown = kept if kept.published_at else removed
        drafts = dict.fromkeys(each.draft for each in (removed, kept) if each.draft)
        return {
            "published_at": shown.published_at,
            "source": shown.source,
            "author_id": shown.author_id,
            "draft": "\n\n".join(drafts) or None,
            "draft_author_id": kept.draft_author_id or removed.draft_author_id,
        }


class SummaryVersion(Base):
    """A published text of a summary before it was replaced or withdrawn.

    ``author_id``: who wrote it; None after an erasure, and for texts of earlier releases.
    """

    __tablename__ = "summary_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    summary_id: Mapped[int] = mapped_column(
        ForeignKey("summary_texts.id", ondelete="CASCADE"), index=True
    )
    author_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    replaced_at: Mapped[datetime] = mapped_column(Moment)
    source: Mapped[str] = mapped_column(Text)
