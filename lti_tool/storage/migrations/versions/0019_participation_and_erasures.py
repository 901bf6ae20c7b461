"""Counts for participation, openings of activities, erased users, and rules of retention.

The counts and openings of existing data are made here, in SQL: the memory that it takes does not
depend on the number of rows.
"""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = database.Moment(timezone=True)
    op.add_column("discussions", sa.Column("retention", sa.String(12)))
    op.add_column("registrations", sa.Column("retention_months", sa.Integer()))
    op.add_column(
        "registrations",
        sa.Column("retention_action", sa.String(12), nullable=False, server_default="delete"),
    )
    op.add_column("courses", sa.Column("retention_months", sa.Integer()))
    op.add_column("courses", sa.Column("retention_action", sa.String(12)))
    op.create_table(
        "author_counts",
        sa.Column("discussion_id", sa.Integer(), _to("discussions", "author_counts")),
        sa.Column("user_id", sa.Integer(), _to("users", "author_counts", "user_id")),
        sa.Column("anonymous", sa.Boolean()),
        sa.Column("question_id", sa.String(64)),
        sa.Column("threads", sa.Integer(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("first_at", moment, nullable=False),
        sa.Column("latest_at", moment, nullable=False),
        _key("author_counts", "discussion_id", "user_id", "anonymous", "question_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_author_counts_user_id", "author_counts", ["user_id"])
    op.create_table(
        "day_counts",
        sa.Column("discussion_id", sa.Integer(), _to("discussions", "day_counts")),
        sa.Column("day", sa.String(10)),
        sa.Column("staff", sa.Boolean()),
        sa.Column("threads", sa.Integer(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        _key("day_counts", "discussion_id", "day", "staff"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "activity_openings",
        sa.Column(
            "resource_link_id",
            sa.Integer(),
            _to("resource_links", "activity_openings", "resource_link_id"),
        ),
        sa.Column("user_id", sa.Integer(), _to("users", "activity_openings", "user_id")),
        sa.Column("first_at", moment, nullable=False),
        sa.Column("latest_at", moment, nullable=False),
        _key("activity_openings", "resource_link_id", "user_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_activity_openings_user_id", "activity_openings", ["user_id"])
    op.create_table(
        "erasures",
        sa.Column(
            "registration_id", sa.Integer(), _to("registrations", "erasures", "registration_id")
        ),
        sa.Column("user_hash", sa.String(64)),
        sa.Column("erased_at", moment, nullable=False),
        _key("erasures", "registration_id", "user_hash"),
        sqlite_with_rowid=False,
    )
    _fill()


def _fill() -> None:
    sqlite = op.get_context().dialect.name == "sqlite"
    day = (
        "substr(created_at, 1, 10)"
        if sqlite
        else "to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
    )
    numbers = (
        "sum(CASE WHEN thread_id IS NULL THEN 1 ELSE 0 END), "
        "sum(CASE WHEN thread_id IS NULL THEN 0 ELSE 1 END)"
    )
    yes, no = ("1", "0") if sqlite else ("true", "false")
    staff = f"CASE WHEN author_role = 'instructor' THEN {yes} ELSE {no} END"
    op.execute(
        "INSERT INTO author_counts (discussion_id, user_id, anonymous, question_id, "  # noqa: S608
        "threads, replies, first_at, latest_at) "
        + f"SELECT discussion_id, author_id, anonymous, coalesce(question_id, ''), {numbers}, "
        + "min(created_at), max(created_at) FROM posts "
        + "WHERE status = 'published' AND author_id IS NOT NULL GROUP BY 1, 2, 3, 4"
    )
    op.execute(
        "INSERT INTO day_counts (discussion_id, day, staff, threads, replies) "
        + f"SELECT discussion_id, {day}, {staff}, {numbers} "
        + "FROM posts WHERE status = 'published' GROUP BY 1, 2, 3"
    )
    op.execute(
        "INSERT INTO activity_openings (resource_link_id, user_id, first_at, latest_at) "  # noqa: S608
        + "SELECT resource_link_id, user_id, min(moment), max(moment) FROM ("
        + "SELECT resource_link_id, user_id, updated_at AS moment FROM progress UNION ALL "
        + "SELECT resource_link_id, user_id, created_at FROM launch_sessions "
        + f"WHERE own_record = {yes} AND user_id IS NOT NULL AND resource_link_id IS NOT NULL "
        + "UNION ALL SELECT discussions.resource_link_id, posts.author_id, posts.created_at "
        + "FROM posts JOIN discussions ON discussions.id = posts.discussion_id "
        + "WHERE posts.author_id IS NOT NULL) AS seen "
        + "JOIN users ON users.id = user_id WHERE users.kind = 'person' GROUP BY 1, 2"
    )


def _to(table: str, of: str, column: str = "discussion_id") -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", name=op.f(f"fk_{of}_{column}"), ondelete="CASCADE")


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def downgrade() -> None:
    for table in ("erasures", "activity_openings", "day_counts", "author_counts"):
        op.drop_table(table)
    for table in ("courses", "registrations"):
        for name in ("retention_action", "retention_months"):
            op.drop_column(table, name)
    op.drop_column("discussions", "retention")
