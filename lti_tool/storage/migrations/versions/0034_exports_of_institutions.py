"""Files with everything of an institution, which the worker makes."""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_TABLE = "institution_exports"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer()),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("file_key", sa.String(32), nullable=False),
        sa.Column("last_user_id", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("bytes_written", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger()),
        sa.Column("requested_at", database.Moment(timezone=True), nullable=False),
        sa.Column("finished_at", database.Moment(timezone=True)),
        *(
            sa.ForeignKeyConstraint(
                [f"{each}_id"],
                [f"{each}s.id"],
                name=op.f(f"fk_{_TABLE}_{each}_id"),
                ondelete="CASCADE",
            )
            for each in ("registration", "deployment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
    )
    op.create_index(
        op.f(f"ix_{_TABLE}_registration_id"), _TABLE, ["registration_id", "deployment_id"]
    )


def downgrade() -> None:
    op.drop_index(op.f(f"ix_{_TABLE}_registration_id"), _TABLE)
    op.drop_table(_TABLE)
