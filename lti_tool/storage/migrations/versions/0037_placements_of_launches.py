"""The placement of a launch, which Canvas needs to launch the activity in the whole window."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("launch_sessions", sa.Column("placement", sa.String(60)))


def downgrade() -> None:
    op.drop_column("launch_sessions", "placement")
