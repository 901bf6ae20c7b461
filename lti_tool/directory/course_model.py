"""Persons, courses, placements and memberships as launches tell of them, and the visits they open.

A person is known by what the platform calls them (``subject``), never by a name or an e-mail
address. A visit is a session for one placement in one tab. It is found by its public id; nothing
that opens it is kept here.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class User(Base):
    """Somebody the platform vouches for; ``subject`` is None for a guest (an anonymous launch).

    ``kind``: ``person``, ``guest``, or ``test`` (a platform's preview of a participant).
    """

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("registration_id", "subject", name="uq_users_subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"))
    subject: Mapped[str | None] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(8), default="person")
    name: Mapped[str | None] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(320))
    language: Mapped[str | None] = mapped_column(String(35))
    """The module language that this person chose, where they did."""
    created_at: Mapped[datetime] = mapped_column(Moment)


class Course(Base):
    """A course of a platform (the LTI context)."""

    __tablename__ = "courses"
    __table_args__ = (UniqueConstraint("deployment_id", "context_id", name="uq_courses_context"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id", ondelete="CASCADE"))
    context_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str | None] = mapped_column(String(500))
    label: Mapped[str | None] = mapped_column(String(255))
    memberships_url: Mapped[str | None] = mapped_column(String(2000))
    created_at: Mapped[datetime] = mapped_column(Moment)


class Membership(Base):
    """A person in a course, with the roles of the latest launch (terms separated by spaces).

    All open sessions of this person in this course have the rights of these roles.
    """

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("course_id", "user_id", name="uq_memberships_pair"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    roles: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)


_HAS_NO_COURSE = text("course_id IS NULL")


class ResourceLink(Base):
    """A place in a course where the tool was put (the LTI resource link), and its module.

    A resource link belongs to its context: some platforms keep its id when a course is copied or
    run again, so the same id in another course is another placement.

    ``module_source`` says who chose the module: ``link`` (the placement's own address or custom
    parameter) or ``instructor`` (whose choice a later launch does not undo).
    """

    __tablename__ = "resource_links"
    __table_args__ = (
        UniqueConstraint(
            "deployment_id", "course_id", "lti_resource_link_id", name="uq_resource_links_link"
        ),
        # NULLs are distinct in a unique constraint: links without a course need their own index.
        Index(
            "uq_resource_links_without_course",
            *("deployment_id", "lti_resource_link_id"),
            unique=True,
            sqlite_where=_HAS_NO_COURSE,
            postgresql_where=_HAS_NO_COURSE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id", ondelete="CASCADE"))
    lti_resource_link_id: Mapped[str] = mapped_column(String(255))
    course_id: Mapped[int | None] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str | None] = mapped_column(String(500))
    module_id: Mapped[str | None] = mapped_column(String(64))
    module_source: Mapped[str | None] = mapped_column(String(16))
    line_items_url: Mapped[str | None] = mapped_column(String(2000))
    line_item_url: Mapped[str | None] = mapped_column(String(2000))
    created_at: Mapped[datetime] = mapped_column(Moment)


class LaunchSession(Base):
    """One launch, open in one tab. ``id`` stands in addresses and is not secret.

    It is made from the launch's nonce: while the row is there, the nonce cannot be used again. A
    visit stays open for an hour at least, and a login can be finished within ten minutes.

    ``module_id`` is the module that the visit was opened with; one that an instructor chose in the
    placement takes precedence. ``instructor`` and ``administrator`` are what the launch said; they
    count where there is no membership to read: without a course, and for guests.
    """

    __tablename__ = "launch_sessions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    resource_link_id: Mapped[int | None] = mapped_column(
        ForeignKey("resource_links.id", ondelete="CASCADE")
    )
    module_id: Mapped[str | None] = mapped_column(String(64))
    message_type: Mapped[str] = mapped_column(String(40))
    instructor: Mapped[bool] = mapped_column(default=False)
    administrator: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str | None] = mapped_column(String(35))
    return_url: Mapped[str | None] = mapped_column(Text)
    frame_ancestors: Mapped[str] = mapped_column(Text, default="")
    deep_linking: Mapped[str | None] = mapped_column(Text)
    """The settings of a deep-linking request, as JSON."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
