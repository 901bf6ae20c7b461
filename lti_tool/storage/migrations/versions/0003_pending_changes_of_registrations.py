"""Pending changes of registrations"""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registration_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("authorization_endpoint", sa.String(length=2000), nullable=False),
        sa.Column("token_endpoint", sa.String(length=2000), nullable=True),
        sa.Column("token_audience", sa.String(length=2000), nullable=True),
        sa.Column("jwks_uri", sa.String(length=2000), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=True),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.String(length=255), nullable=True),
        sa.Column("configuration_url", sa.String(length=2000), nullable=True),
        sa.Column("invitation", sa.String(length=255), nullable=True),
        sa.Column("created_at", database.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_registration_changes_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_registration_changes_registration_id"),
        "registration_changes",
        ["registration_id"],
    )
    # Without batch mode: SQLite would copy the tables, and the rows that refer to them would go.
    op.add_column(
        "registrations", sa.Column("configuration_url", sa.String(length=2000), nullable=True)
    )
    op.add_column("invitations", sa.Column("issuer_origin", sa.String(length=255), nullable=True))


def downgrade() -> None:
    op.drop_column("invitations", "issuer_origin")
    op.drop_column("registrations", "configuration_url")
    op.drop_table("registration_changes")
