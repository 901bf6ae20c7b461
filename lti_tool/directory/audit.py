"""The audit log: every administrative and moderating act, in one table that only grows.

Who did what, when, and on what. An entry names people by ID only; the name is looked up when the
log is read, so that it is gone after an erasure. Nothing here changes or deletes an entry; entries
go with their registration.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, ForeignKey, Index, String, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_tool.directory.model import Course, ResourceLink, User
from lti_tool.storage.database import Base, Moment, now

Actor = Literal["person", "operator", "platform", "worker"]
"""``operator``: a command of ``lti-tool``; ``platform``: a message of the LMS."""

PER_PAGE = 50
DETAIL_LIMIT = 500


class AuditEntry(Base):
    """One act. ``action`` is ``<feature>.<act>``, such as ``discussion.hide``.

    - ``deployment_id`` is None for an act on the whole registration.
    - ``user_id``: who acted, if ``actor`` is ``person``; None after an erasure.
    - ``object_id``: the row that the act was on (a post, a user, a course), as the action says. It
      is no foreign key, because the entry outlives the row.
    - ``detail``: what was changed, or the reason that was given; no personal data.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_registration", "registration_id", "id"),
        Index("ix_audit_entries_deployment", "deployment_id", "id"),
        Index("ix_audit_entries_link", "resource_link_id", "module_id", "id"),
        Index("ix_audit_entries_user_id", "user_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"))
    deployment_id: Mapped[int | None] = mapped_column(
        ForeignKey("deployments.id", ondelete="CASCADE")
    )
    resource_link_id: Mapped[int | None] = mapped_column(
        ForeignKey("resource_links.id", ondelete="SET NULL")
    )
    module_id: Mapped[str | None] = mapped_column(String(64))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    actor: Mapped[str] = mapped_column(String(8))
    action: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int | None]
    detail: Mapped[str] = mapped_column(String(DETAIL_LIMIT), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an act took place."""

    registration_id: int
    deployment_id: int | None = None
    resource_link_id: int | None = None
    module_id: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is shown. ``activity`` and ``course`` are titles, where the LMS sent them."""

    id: int
    action: str
    actor: Actor
    user_id: int | None
    name: str | None
    object_id: int | None
    detail: str
    activity: str | None
    course: str | None
    created_at: datetime


def record(
    connection: Connection | Session,
    place: Place,
    action: str,
    *,
    actor: Actor = "person",
    user_id: int | None = None,
    object_id: int | None = None,
    detail: str = "",
) -> None:
    """Add an entry, in the transaction of the act."""
    connection.execute(
        insert(AuditEntry).values(
            registration_id=place.registration_id,
            deployment_id=place.deployment_id,
            resource_link_id=place.resource_link_id,
            module_id=place.module_id,
            user_id=user_id,
            actor=actor,
            action=action,
            object_id=object_id,
            detail=detail[:DETAIL_LIMIT],
            created_at=now(),
        )
    )


def entries(
    connection: Connection,
    registration_id: int,
    *,
    deployment_id: int | None = None,
    before: int | None = None,
    limit: int = PER_PAGE + 1,
) -> list[Entry]:
    """Entries of a registration, or of one deployment, the latest first. Takes one statement."""
    query = (
        select(
            AuditEntry.id,
            AuditEntry.action,
            AuditEntry.actor,
            AuditEntry.user_id,
            User.name,
            AuditEntry.object_id,
            AuditEntry.detail,
            ResourceLink.title.label("activity"),
            Course.title.label("course"),
            AuditEntry.created_at,
        )
        .outerjoin(User, User.id == AuditEntry.user_id)
        .outerjoin(ResourceLink, ResourceLink.id == AuditEntry.resource_link_id)
        .outerjoin(Course, Course.id == ResourceLink.course_id)
        .where(AuditEntry.registration_id == registration_id)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    if deployment_id is not None:
        query = query.where(AuditEntry.deployment_id == deployment_id)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    rows: list[Any] = list(connection.execute(query).all())
    return [Entry(*row) for row in rows]
