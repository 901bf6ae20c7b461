"""The table of usage by day."""

from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base


class UsageDay(Base):
    """What happened through a deployment on one day (UTC, ``2026-11-30``).

    ``launches``: sessions that were opened; ``people``: different users who opened them, without
    guests; ``posts``: published posts. Counted by the worker (``usage``).
    """

    __tablename__ = "usage_days"
    __table_args__ = ({"sqlite_with_rowid": False},)

    deployment_id: Mapped[int] = mapped_column(
        ForeignKey("deployments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    launches: Mapped[int]
    people: Mapped[int]
    posts: Mapped[int]

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The sums; somebody who used both on one day counts twice."""
        return {
            name: getattr(kept, name) + getattr(removed, name)
            for name in ("launches", "people", "posts")
        }
