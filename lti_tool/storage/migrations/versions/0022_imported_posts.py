"""Posts that were written elsewhere, uploads of answers, and counts of participation."""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("posts", sa.Column("origin", sa.String(12)))
    op.create_table(
        "imported_posts",
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        _to("imported_posts", "discussion_id", "discussions"),
        _to("imported_posts", "post_id", "posts"),
        sa.PrimaryKeyConstraint("discussion_id", "key", name="pk_imported_posts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_imported_posts_post_id", "imported_posts", ["post_id"])
    op.create_table(
        "answer_uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_link_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(12), nullable=False),
        sa.Column("created_at", database.Moment(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        _to("answer_uploads", "resource_link_id", "resource_links"),
        _to("answer_uploads", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_answer_uploads"),
    )
    for name in ("resource_link_id", "user_id", "created_at"):
        op.create_index(f"ix_answer_uploads_{name}", "answer_uploads", [name])
    op.create_table(
        "participation_totals",
        sa.Column("resource_link_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("module_id", sa.String(64), nullable=False),
        sa.Column("requested_at", database.Moment(timezone=True)),
        sa.Column("counted_at", database.Moment(timezone=True)),
        sa.Column("content", sa.Text(), nullable=False),
        _to("participation_totals", "resource_link_id", "resource_links"),
        sa.PrimaryKeyConstraint("resource_link_id", "module_id", name="pk_participation_totals"),
    )


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE"
    )


def downgrade() -> None:
    op.drop_table("participation_totals")
    op.drop_table("answer_uploads")
    op.drop_table("imported_posts")
    op.drop_column("posts", "origin")
