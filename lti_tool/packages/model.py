"""Table of the packages that instructors requested; each is built once for all instructors."""

from datetime import datetime

from sqlalchemy import BigInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment

WAITING, BUILDING, READY, FAILED = "waiting", "building", "ready", "failed"


class PackageBuild(Base):
    """The package of one version of a module, in one format and set of languages.

    - ``source_digest``: SHA-256 (hexadecimal) of everything that the package is made from. A
    changed
      module has another digest, and so another row.
    - ``languages``: language tags separated by spaces.
    - ``size``: in bytes.
    - ``path``: relative to the packages folder.
    - ``error``: the builder's message, if the build failed.
    """

    __tablename__ = "packages"
    __table_args__ = (
        UniqueConstraint("module_id", "content", "format", "languages", name="uq_packages_wish"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[str] = mapped_column(String(64))
    source_digest: Mapped[str] = mapped_column("content", String(64))
    format: Mapped[str] = mapped_column(String(32))
    languages: Mapped[str] = mapped_column(String(1000))
    status: Mapped[str] = mapped_column(String(16))
    size: Mapped[int | None] = mapped_column(BigInteger)
    path: Mapped[str | None] = mapped_column(String(300))
    error: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(Moment, index=True)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def is_ready(self) -> bool:
        """Whether the package can be downloaded."""
        return self.status == READY

    @property
    def has_failed(self) -> bool:
        """Whether the package could not be built."""
        return self.status == FAILED
