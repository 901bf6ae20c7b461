"""Threads that the worker is moving."""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "thread_moves",
        sa.Column("thread_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("created_at", database.Moment(timezone=True), nullable=False),
        _to("thread_id", "posts"),
        _to("into_id", "posts"),
        _to("discussion_id", "discussions"),
        sa.PrimaryKeyConstraint("thread_id", name="pk_thread_moves"),
    )
    for name in ("into_id", "discussion_id"):
        op.create_index(f"ix_thread_moves_{name}", "thread_moves", [name])


def _to(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=f"fk_thread_moves_{column}", ondelete="CASCADE"
    )


def downgrade() -> None:
    op.drop_table("thread_moves")
