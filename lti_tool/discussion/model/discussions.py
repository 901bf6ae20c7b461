"""A discussion: the posts of one module in one resource link, or in several that share it.

If an instructor selects another module, the first discussion stays and is shown again when its
module is selected again. So it does when an instructor lets the activity take part in a discussion
that is shared by the courses of the institution or of an exchange: the course's own row points at
the shared one, and its posts are shown again when it no longer does.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    ForeignKey,
    Index,
    String,
    Text,
    and_,
    column,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.directory.row_merge import decided_later
from lti_tool.discussion.settings import keeping_anonymity
from lti_tool.storage.database import Base, Moment

_NOT_ARCHIVED = column("archived_at").is_(None)
_TAKES_PART = text("shared_id IS NOT NULL")


class Discussion(Base):
    """The discussion of one module in one resource link, or a shared one.

    - ``resource_link_id``: None for a shared discussion, which has ``institution_id`` or
      ``exchange_id`` instead: those whose courses share it.
    - ``shared_id``: the shared discussion in which the activity takes part instead of this one.
      Then ``settings`` are those of the course in it, and the weekly summaries stay here.
    - ``settings``: JSON of the settings that differ from the module's proposals (``settings``).
      ``settings_at``: when they were chosen last, here or with the link of the activity.
    - ``latest_sequence``: ``sequence`` of the post that was published last; 0 before the first.
    - ``waiting``: number of posts and edits that wait for approval; ``reported``: number of posts
      with reports that no instructor has dealt with.
    - ``archived_at``: when an instructor started afresh. One discussion for each resource link and
      module is not archived.
    - ``retention``: what the hourly purge has begun to do, because nobody has used the discussion
      for as long as the institution's rule says: ``delete`` or ``anonymise``.

    The row may exist before the first post, for its settings and for what a reader prefers.
    """

    __tablename__ = "discussions"
    __table_args__ = (
        Index(
            "uq_discussions_module",
            *("resource_link_id", "module_id"),
            unique=True,
            sqlite_where=_NOT_ARCHIVED,
            postgresql_where=_NOT_ARCHIVED,
        ),
        # For ON DELETE CASCADE, and for the archived discussions of a resource link.
        Index("ix_discussions_resource_link_id", "resource_link_id"),
        Index(
            "ix_discussions_shared_id",
            "shared_id",
            sqlite_where=_TAKES_PART,
            postgresql_where=_TAKES_PART,
        ),
        *(
            Index(
                f"uq_discussions_{owner}",
                *(owner, "module_id"),
                unique=True,
                sqlite_where=text(f"{owner} IS NOT NULL"),
                postgresql_where=text(f"{owner} IS NOT NULL"),
            )
            for owner in ("institution_id", "exchange_id")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_link_id: Mapped[int | None] = mapped_column(
        ForeignKey("resource_links.id", ondelete="CASCADE")
    )
    institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id", ondelete="CASCADE")
    )
    exchange_id: Mapped[int | None] = mapped_column(ForeignKey("exchanges.id", ondelete="CASCADE"))
    shared_id: Mapped[int | None] = mapped_column(ForeignKey("discussions.id", ondelete="SET NULL"))
    module_id: Mapped[str] = mapped_column(String(64))
    settings: Mapped[str] = mapped_column(Text, default="", server_default="")
    settings_at: Mapped[datetime | None] = mapped_column(Moment)
    latest_sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    waiting: Mapped[int] = mapped_column(default=0, server_default="0")
    reported: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(Moment)
    archived_at: Mapped[datetime | None] = mapped_column(Moment)
    retention: Mapped[str | None] = mapped_column(String(12))

    @property
    def is_shared(self) -> bool:
        """Whether this is a discussion that several courses share."""
        return self.resource_link_id is None

    @classmethod
    def prepare_merge(cls, connection: Connection, kept: Any, removed: Any) -> None:
        """Number the posts of the kept discussion after those of the removed one."""
        # Without any there, no row is written: the discussion may be large.
        for table in Base.metadata.sorted_tables if removed.latest_sequence else ():
            for number in table.columns:
                if number.info.get("is_sequence"):
                    connection.execute(
                        update(table)
                        .where(table.c.discussion_id == kept.id, number > 0)
                        .values({number.name: number + removed.latest_sequence})
                    )
        _move_course_group(connection, removed.id, kept.id)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The posts of both, and the later settings, if the kept one has any.

        What was promised to people who wrote under pseudonyms stays.
        """
        chosen, other = kept, removed
        if not kept.settings or decided_later(removed, kept):
            chosen, other = removed, kept
        return {
            "latest_sequence": kept.latest_sequence + removed.latest_sequence,
            "waiting": kept.waiting + removed.waiting,
            "reported": kept.reported + removed.reported,
            "settings": keeping_anonymity(chosen.settings, other.settings),
            "settings_at": chosen.settings_at,
            "shared_id": kept.shared_id if kept.settings else kept.shared_id or removed.shared_id,
        }


@dataclass(slots=True)
class LockedDiscussion:
    """What a new post needs of a locked row. ``writer.add`` counts the post here and in the row."""

    id: int
    resource_link_id: int | None
    exchange_id: int | None
    settings: str
    latest_sequence: int
    waiting: int

    @property
    def is_shared(self) -> bool:
        """As ``Discussion.is_shared``."""
        return self.resource_link_id is None


AnyDiscussion = Discussion | LockedDiscussion


def _move_course_group(connection: Connection, old: int, new: int) -> None:
    """Let the threads that are for one course of a shared discussion follow the course's row."""
    tables = Base.metadata.tables
    for name in ("posts", "thread_facets"):
        table = tables[name]
        connection.execute(update(table).where(table.c.group_id == -old).values(group_id=-new))
    counts = tables["discussion_counts"]
    for row in connection.execute(select(counts).where(counts.c.group_id == -old)).all():
        key = {name: getattr(row, name) for name in ("discussion_id", "kind", "value")}
        same = and_(*(counts.c[name] == value for name, value in key.items()))
        added = connection.execute(
            update(counts)
            .where(same, counts.c.group_id == -new)
            .values(posts=counts.c.posts + row.posts, threads=counts.c.threads + row.threads)
        )
        moved = and_(same, counts.c.group_id == -old)
        if added.rowcount:
            connection.execute(delete(counts).where(moved))
        else:
            connection.execute(update(counts).where(moved).values(group_id=-new))
