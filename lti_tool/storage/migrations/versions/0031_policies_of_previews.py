"""What institutions decide about test users and about people who act as another person."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_COLUMNS = ("test_users", "impersonation")


def upgrade() -> None:
    for name in _COLUMNS:
        column = sa.Column(name, sa.String(8), nullable=False, server_default="read")
        op.add_column("registrations", column)


def downgrade() -> None:
    for name in _COLUMNS:
        op.drop_column("registrations", name)
