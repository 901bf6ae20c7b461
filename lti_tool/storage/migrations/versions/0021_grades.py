"""Grades: what counts in an activity, its columns in the LMS's gradebook, each person's grade."""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def moment() -> database.Moment:
    return database.Moment(timezone=True)


def upgrade() -> None:
    op.create_table(
        "grade_rules",
        sa.Column("resource_link_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        _to("resource_links", "grade_rules", "resource_link_id"),
        sa.PrimaryKeyConstraint("resource_link_id", name="pk_grade_rules"),
    )
    op.create_table(
        "grade_columns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_link_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("label", sa.String(255), nullable=False),
        sa.Column("maximum", sa.Double()),
        sa.Column("due_at", moment()),
        sa.Column("released", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("line_item_url", sa.String(2000)),
        sa.Column("gone_url", sa.String(2000)),
        sa.Column("line_item_maximum", sa.Double()),
        sa.Column("changed", sa.String(64), nullable=False, server_default=""),
        sa.Column("problem", sa.String(32)),
        sa.Column("problem_at", moment()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("paused_until", moment()),
        sa.Column("queued", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("results_requested_at", moment()),
        sa.Column("results_read_at", moment()),
        _to("resource_links", "grade_columns", "resource_link_id"),
        sa.PrimaryKeyConstraint("id", name="pk_grade_columns"),
        sa.UniqueConstraint("resource_link_id", "kind", name="uq_grade_columns_kind"),
    )
    op.create_table(
        "grades",
        sa.Column("column_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Double()),
        sa.Column("maximum", sa.Double()),
        sa.Column("complete", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("comment", sa.Text()),
        sa.Column("submitted_at", moment()),
        sa.Column("graded_at", moment()),
        sa.Column("graded_by_id", sa.Integer()),
        sa.Column("state", sa.String(8), nullable=False, server_default="none"),
        sa.Column("problem", sa.String(32)),
        sa.Column("due_at", moment()),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("sent_points", sa.Double()),
        sa.Column("sent_maximum", sa.Double()),
        sa.Column("sent_comment", sa.Text()),
        sa.Column("sent_at", moment()),
        sa.Column("tried_points", sa.Double()),
        sa.Column("tried_maximum", sa.Double()),
        sa.Column("tried_at", moment()),
        sa.Column("announced_at", moment()),
        sa.Column("held_points", sa.Double()),
        sa.Column("held_maximum", sa.Double()),
        sa.Column("result_points", sa.Double()),
        sa.Column("result_maximum", sa.Double()),
        sa.Column("result_read_at", moment()),
        _to("grade_columns", "grades", "column_id"),
        _to("users", "grades", "user_id"),
        sa.ForeignKeyConstraint(
            ["graded_by_id"], ["users.id"], name="fk_grades_graded_by_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("column_id", "user_id", name="pk_grades"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_grades_user_id", "grades", ["user_id"])
    op.create_index("ix_grades_graded_by_id", "grades", ["graded_by_id"])
    op.create_index(
        "ix_grades_due",
        "grades",
        ["column_id", "due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "grade_updates",
        sa.Column("resource_link_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("changed_at", moment(), nullable=False),
        _to("resource_links", "grade_updates", "resource_link_id"),
        _to("users", "grade_updates", "user_id"),
        sa.PrimaryKeyConstraint("resource_link_id", "user_id", name="pk_grade_updates"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_grade_updates_user_id", "grade_updates", ["user_id"])


def _to(table: str, of: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{table}.id"], name=op.f(f"fk_{of}_{column}"), ondelete="CASCADE"
    )


def downgrade() -> None:
    for table in ("grade_updates", "grades", "grade_columns", "grade_rules"):
        op.drop_table(table)
