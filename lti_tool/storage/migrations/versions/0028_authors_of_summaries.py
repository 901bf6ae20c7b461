"""Who wrote each text of a weekly summary."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("summary_texts", "draft_author_id"), ("summary_versions", "author_id")):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column(column, sa.Integer(), nullable=True))
            batch_op.create_foreign_key(
                op.f(f"fk_{table}_{column}"), "users", [column], ["id"], ondelete="SET NULL"
            )
            batch_op.create_index(op.f(f"ix_{table}_{column}"), [column])
    # Until now the author of the row was who had changed it last.
    op.execute("UPDATE summary_texts SET draft_author_id = author_id WHERE draft IS NOT NULL")
    op.execute("UPDATE summary_texts SET author_id = NULL WHERE published_at IS NULL")


def downgrade() -> None:
    for table, column in (("summary_versions", "author_id"), ("summary_texts", "draft_author_id")):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_constraint(op.f(f"fk_{table}_{column}"), type_="foreignkey")
            batch_op.drop_index(op.f(f"ix_{table}_{column}"))
            batch_op.drop_column(column)
