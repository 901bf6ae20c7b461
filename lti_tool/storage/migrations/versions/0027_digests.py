"""Digests of several discussions, instead of one for each.

Mails that wait as digests of one discussion join these when they are due.
"""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("due_at", database.Moment(timezone=True)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_digests_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("user_id", "kind", name="uq_digests_pair"),
    )


def downgrade() -> None:
    op.drop_table("digests")
