"""Table of the progress of each user in a module."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class Progress(Base):
    """The sections of a module that a user has seen in a resource link.

    ``seen``: section ids separated by spaces. ``last_section``: the id of the section where the
    user was at last.
    """

    __tablename__ = "progress"
    __table_args__ = (
        UniqueConstraint("resource_link_id", "user_id", "module_id", name="uq_progress_user"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_link_id: Mapped[int] = mapped_column(
        ForeignKey("resource_links.id", ondelete="CASCADE")
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    module_id: Mapped[str] = mapped_column(String(64))
    seen: Mapped[str] = mapped_column(Text, default="")
    last_section: Mapped[str | None] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The sections that were seen in either."""
        seen = dict.fromkeys([*removed.seen.split(), *kept.seen.split()])
        return {"seen": " ".join(seen), "last_section": kept.last_section or removed.last_section}
