"""Tables of the state of each course's roster, and of the groups of its members.

The members themselves are the rows of ``memberships`` (``directory.model``), which launches write
too.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class CourseRoster(Base):
    """When the roster of a course was requested and read; no row before the first request.

    - ``requested_at``: since when a read is waiting or running; None when none is.
    - ``read_at``: start of the latest read that was complete, up to which ``memberships`` is right.
    - ``tried_at``: end of the latest read, complete or not.
    - ``renewed_at``: start of the latest read that had other learners than the one before, apart
      from a tenth at most: a course that was reset for a new cohort.
    - ``problem``: why the latest read was not complete (``refresh.Problem``); None if it was.
    """

    __tablename__ = "course_rosters"

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    requested_at: Mapped[datetime | None] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    tried_at: Mapped[datetime | None] = mapped_column(Moment)
    renewed_at: Mapped[datetime | None] = mapped_column(Moment)
    problem: Mapped[str | None] = mapped_column(String(32))


class CourseGroup(Base):
    """A group of members of a course.

    ``source``: ``lms`` (LTI Course Groups; ``lti_group_id`` and ``lti_set_id`` are its ids there)
    or ``instructor`` (made here). A deleted group keeps its row (``deleted_at``), because posts and
    counts refer to its id: ids are never reused, and 0 is no group's id. After two deployments were
    joined, a course can have two rows of one LMS group, which then have the same members.
    """

    __tablename__ = "course_groups"
    __table_args__ = (
        Index("ix_course_groups_course_id", "course_id", "lti_group_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(String(12))
    lti_group_id: Mapped[str | None] = mapped_column(String(255))
    lti_set_id: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class CourseGroupMember(Base):
    """A user in a group. A user can be in several groups of a course."""

    __tablename__ = "course_group_members"
    __table_args__ = (
        Index("ix_course_group_members_user_id", "user_id"),
        {"sqlite_with_rowid": False},
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("course_groups.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
