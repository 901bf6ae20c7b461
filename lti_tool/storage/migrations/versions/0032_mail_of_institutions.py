"""Whether an institution wants notices by mail."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("sends_mail", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("mail_policies", column)


def downgrade() -> None:
    with op.batch_alter_table("mail_policies") as batch_op:
        batch_op.drop_column("sends_mail")
