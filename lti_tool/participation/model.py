"""Table of the numbers of participation in large courses, which the worker counts."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class ParticipationTotals(Base):
    """The numbers of people in one activity and module, as they were at ``counted_at``.

    ``requested_at``: since when a count is waiting; None when none is. ``content``: JSON of
    ``totals.Numbers``.
    """

    __tablename__ = "participation_totals"

    resource_link_id: Mapped[int] = mapped_column(
        ForeignKey("resource_links.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    module_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    requested_at: Mapped[datetime | None] = mapped_column(Moment)
    counted_at: Mapped[datetime | None] = mapped_column(Moment)
    content: Mapped[str] = mapped_column(Text, default="")
