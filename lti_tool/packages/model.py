"""The packages that instructors asked for, each built once for all of them."""

from datetime import datetime

from sqlalchemy import BigInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment

WAITING, BUILDING, READY, FAILED = "waiting", "building", "ready", "failed"


class Package(Base):
    """A module in one format and these languages (tags separated by spaces), as it was once.

    ``content`` is the fingerprint of all that the package is made from: a changed module makes
    another row. ``path`` is relative to the folder of packages, ``size`` is in bytes, and ``error``
    says in the builder's words why there is none.
    """

    __tablename__ = "packages"
    __table_args__ = (
        UniqueConstraint("module_id", "content", "format", "languages", name="uq_packages_wish"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(String(64))
    format: Mapped[str] = mapped_column(String(32))
    languages: Mapped[str] = mapped_column(String(1000))
    status: Mapped[str] = mapped_column(String(16))
    size: Mapped[int | None] = mapped_column(BigInteger)
    path: Mapped[str | None] = mapped_column(String(300))
    error: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(Moment, index=True)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
