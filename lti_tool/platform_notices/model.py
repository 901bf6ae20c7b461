"""The table of the platforms that send notices."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class NoticeHandler(Base):
    """The notification service of a deployment, as the latest launch described it.

    - ``notice_types``: the types that it supports, separated by spaces.
    - ``requested_at``: when the registration of our handler was last requested;
      ``registered_at``: when the platform last accepted it; ``problem``: why it did not.
    - ``noticed_at``: when the latest notice arrived.
    """

    __tablename__ = "notice_handlers"
    __table_args__ = ({"sqlite_with_rowid": False},)

    deployment_id: Mapped[int] = mapped_column(
        ForeignKey("deployments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    service_url: Mapped[str] = mapped_column(String(2000))
    notice_types: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(Moment)
    registered_at: Mapped[datetime | None] = mapped_column(Moment)
    noticed_at: Mapped[datetime | None] = mapped_column(Moment)
    problem: Mapped[str] = mapped_column(String(64), default="")
