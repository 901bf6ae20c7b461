"""Texts that are typed and not published."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


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

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """Both texts, because neither is published."""
        texts = dict.fromkeys(each.text.strip() for each in (removed, kept) if each.text.strip())
        return {"text": "\n\n".join(texts)}
