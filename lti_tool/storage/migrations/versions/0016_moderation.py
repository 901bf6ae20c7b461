"""Posts and edits that wait for approval, reports, and the log of moderating acts.

Posts that were deleted before 0011 had been published: they get a sequence number like the others,
because posts without one are shown to nobody but their authors and instructors.
"""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("waiting", "reported"):
        column = sa.Column(name, sa.Integer(), nullable=False, server_default="0")
        op.add_column("discussions", column)
    op.execute(
        "UPDATE discussions SET waiting = (SELECT count(*) FROM posts "
        "WHERE posts.discussion_id = discussions.id AND status = 'held')"
    )
    op.execute(
        "UPDATE posts SET sequence = id WHERE sequence = 0 AND status IN ('deleted', 'hidden')"
    )
    op.drop_index("ix_posts_held", "posts")
    where = sa.text("status IN ('held', 'rejected')")
    op.create_index(
        "ix_posts_unapproved",
        "posts",
        ["discussion_id", "author_id", "id"],
        sqlite_where=where,
        postgresql_where=where,
    )
    _create_tables()


def _create_tables() -> None:
    moment = database.Moment(timezone=True)
    op.create_table(
        "pending_edits",
        sa.Column(
            "post_id", sa.Integer(), _to("posts", "pending_edits", "post_id"), autoincrement=False
        ),
        sa.Column(
            "discussion_id",
            sa.Integer(),
            _to("discussions", "pending_edits", "discussion_id"),
            nullable=False,
        ),
        sa.Column("author_id", sa.Integer(), _to("users", "pending_edits", "author_id")),
        sa.Column("language", sa.String(35)),
        sa.Column("language_source", sa.String(8)),
        sa.Column("rejected_reason", sa.String(500)),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        _key("pending_edits", "post_id"),
    )
    op.create_index("ix_pending_edits_author", "pending_edits", ["author_id", "discussion_id"])
    op.create_index("ix_pending_edits_discussion_id", "pending_edits", ["discussion_id", "post_id"])
    op.create_table(
        "post_reports",
        sa.Column("post_id", sa.Integer(), _to("posts", "post_reports", "post_id")),
        sa.Column("user_id", sa.Integer(), _to("users", "post_reports", "user_id")),
        sa.Column("revision", sa.Integer(), autoincrement=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("created_at", moment, nullable=False),
        _key("post_reports", "post_id", "user_id", "revision"),
    )
    op.create_index("ix_post_reports_user_id", "post_reports", ["user_id", "created_at"])
    op.create_table(
        "reported_posts",
        sa.Column(
            "post_id", sa.Integer(), _to("posts", "reported_posts", "post_id"), autoincrement=False
        ),
        sa.Column(
            "discussion_id",
            sa.Integer(),
            _to("discussions", "reported_posts", "discussion_id"),
            nullable=False,
        ),
        sa.Column("reports", sa.Integer(), nullable=False),
        _key("reported_posts", "post_id"),
    )
    op.create_index(
        "ix_reported_posts_discussion_id", "reported_posts", ["discussion_id", "reports", "post_id"]
    )
    op.create_table(
        "moderation_log",
        sa.Column("id", sa.Integer()),
        sa.Column(
            "resource_link_id",
            sa.Integer(),
            _to("resource_links", "moderation_log", "resource_link_id"),
            nullable=False,
        ),
        sa.Column("module_id", sa.String(64), nullable=False),
        sa.Column("post_id", sa.Integer(), _to("posts", "moderation_log", "post_id", "SET NULL")),
        sa.Column("user_id", sa.Integer(), _to("users", "moderation_log", "user_id", "SET NULL")),
        sa.Column("action", sa.String(24), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        _key("moderation_log", "id"),
    )
    op.create_index(
        "ix_moderation_log_link", "moderation_log", ["resource_link_id", "module_id", "id"]
    )
    op.create_index("ix_moderation_log_post_id", "moderation_log", ["post_id"])
    op.create_index("ix_moderation_log_user_id", "moderation_log", ["user_id"])


def _to(table: str, of: str, column: str, ondelete: str = "CASCADE") -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", name=op.f(f"fk_{of}_{column}"), ondelete=ondelete)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def downgrade() -> None:
    raise NotImplementedError("Posts that wait for approval have no place in older tables.")
