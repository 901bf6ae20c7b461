"""When each service of a platform last worked, and last failed: stored whenever one is called."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, ForeignKey, String, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Database, Moment, now

PRECISION = timedelta(minutes=10)
"""A use sooner after one with the same result is not stored, to save the write."""


class ServiceUse(Base):
    """The latest uses of one service (``lti.service_log.SERVICES``) of a registration."""

    __tablename__ = "service_uses"
    __table_args__ = ({"sqlite_with_rowid": False},)

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    service: Mapped[str] = mapped_column(String(16), primary_key=True)
    worked_at: Mapped[datetime | None] = mapped_column(Moment)
    failed_at: Mapped[datetime | None] = mapped_column(Moment)
    problem: Mapped[str] = mapped_column(String(64), default="")
    """Kind of the latest failure, such as ``bad_status 403``."""


@dataclass(frozen=True, slots=True)
class Use:
    """The latest uses of a service."""

    service: str
    worked_at: datetime | None
    failed_at: datetime | None
    problem: str

    @property
    def works(self) -> bool:
        """Whether the latest use succeeded."""
        return self.worked_at is not None and (
            self.failed_at is None or self.failed_at < self.worked_at
        )


class DatabaseServiceLog:
    """Stores uses for ``PlatformConnector``; implements ``lti.service_log.ServiceLog``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def worked(self, registration_id: int, service: str) -> None:
        """Store a success."""
        self._store(registration_id, service, None)

    def failed(self, registration_id: int, service: str, problem: str) -> None:
        """Store a failure."""
        self._store(registration_id, service, problem[:64])

    def _store(self, registration_id: int, service: str, problem: str | None) -> None:
        moment = now()
        with self._database.read_core() as connection:
            stored = _find(connection, registration_id, service)
        if stored is not None and stored.works is (problem is None):
            latest = stored.worked_at if problem is None else stored.failed_at
            same = problem is None or problem == stored.problem
            if same and latest is not None and moment - latest < PRECISION:
                return
        values: dict[str, datetime | str] = {"worked_at": moment}
        if problem is not None:
            values = {"failed_at": moment, "problem": problem}
        key = {"registration_id": registration_id, "service": service}
        try:
            with self._database.write_core() as connection:
                if stored is None:
                    connection.execute(insert(ServiceUse).values(**key, **{"problem": ""} | values))
                else:
                    connection.execute(update(ServiceUse).filter_by(**key).values(**values))
        except IntegrityError:
            return  # another process stored its first use, or the registration is gone


def uses_of(connection: Connection, registration_id: int) -> dict[str, Use]:
    """The latest uses of each service that was called. Takes one statement."""
    table = ServiceUse.__table__
    rows = connection.execute(select(table).where(table.c.registration_id == registration_id)).all()
    return {
        row.service: Use(row.service, row.worked_at, row.failed_at, row.problem) for row in rows
    }


def _find(connection: Connection, registration_id: int, service: str) -> Use | None:
    return uses_of(connection, registration_id).get(service)
