"""Which registrations were joined to another one."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("former_ids", sa.Text(), nullable=False, server_default="")
    op.add_column("registrations", column)


def downgrade() -> None:
    op.drop_column("registrations", "former_ids")
