"""Files in the exports of institutions."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_TABLE = "institution_exports"
_COLUMNS = {"archive_bytes": sa.BigInteger, "missing_files": sa.Integer}


def upgrade() -> None:
    for name, kind in _COLUMNS.items():
        op.add_column(_TABLE, sa.Column(name, kind(), nullable=False, server_default="0"))
    # The people who are written already are without their files.
    op.execute(
        "UPDATE institution_exports SET last_user_id = 0, people = 0, bytes_written = 0"
        " WHERE status = 'waiting'"
    )


def downgrade() -> None:
    for name in _COLUMNS:
        op.drop_column(_TABLE, name)
