"""Table of the files with everything of an institution, which the worker makes."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment

WAITING, READY = "waiting", "ready"
"""States: being made, or about to be; made."""


class InstitutionExport(Base):
    """A file with everything that is stored about an institution and its people (``exports``).

    - ``deployment_id``: the institution, if several have the registration; otherwise None.
    - ``file_key``: the random name of the file. Until it is finished, all people up to
      ``last_user_id``, ``people`` in number, are in ``bytes_written`` of their data and
      ``archive_bytes`` of their files; ``missing_files`` could not be read.
    - ``size``: of the finished file, in bytes.
    """

    __tablename__ = "institution_exports"
    __table_args__ = (
        Index("ix_institution_exports_registration_id", "registration_id", "deployment_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"))
    deployment_id: Mapped[int | None] = mapped_column(
        ForeignKey("deployments.id", ondelete="CASCADE")
    )
    status: Mapped[str] = mapped_column(String(8), default=WAITING)
    file_key: Mapped[str] = mapped_column(String(32))
    last_user_id: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
    bytes_written: Mapped[int] = mapped_column(BigInteger, default=0)
    archive_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    missing_files: Mapped[int] = mapped_column(default=0, server_default="0")
    size: Mapped[int | None] = mapped_column(BigInteger)
    requested_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
