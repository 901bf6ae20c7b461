"""Leases with a token, ordering keys and given-up rows in the outbox; heartbeats of the workers.

A row that was tried 12 times, the limit until now, becomes a given-up row.
"""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("order_key", sa.String(200)))
    op.add_column(
        "outbox", sa.Column("lease_token", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("outbox", sa.Column("leased_until", database.Moment(timezone=True)))
    op.add_column("outbox", sa.Column("given_up_at", database.Moment(timezone=True)))
    op.execute("UPDATE outbox SET given_up_at = due_at WHERE done_at IS NULL AND attempts >= 12")
    undone = sa.text("done_at IS NULL")
    op.create_index(
        "ix_outbox_order",
        "outbox",
        ["kind", "order_key"],
        sqlite_where=undone,
        postgresql_where=undone,
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", database.Moment(timezone=True), nullable=False),
        sa.Column("seen_at", database.Moment(timezone=True), nullable=False),
        sa.Column("current_kind", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )


def downgrade() -> None:
    op.drop_table("workers")
    op.drop_index("ix_outbox_order", "outbox")
    with op.batch_alter_table("outbox") as batch_op:
        for name in ("given_up_at", "leased_until", "lease_token", "order_key"):
            batch_op.drop_column(name)
