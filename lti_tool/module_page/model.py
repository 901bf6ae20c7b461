"""Where each person has got to in a module."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class Progress(Base):
    """The sections of a module that a person has seen in a placement (ids separated by spaces)."""

    __tablename__ = "progress"
    __table_args__ = (
        UniqueConstraint("placement_id", "person_id", "module_id", name="uq_progress_person"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placements.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    module_id: Mapped[str] = mapped_column(String(64))
    seen: Mapped[str] = mapped_column(Text, default="")
    last_section: Mapped[str | None] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(Moment)
