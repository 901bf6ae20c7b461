"""The page that a user wants to see at the next launch of an activity."""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wanted_pages",
        sa.Column("resource_link_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(100), nullable=False),
        sa.Column("expires_at", database.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_link_id"],
            ["resource_links.id"],
            name=op.f("fk_wanted_pages_resource_link_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_wanted_pages_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_link_id", "user_id", name=op.f("pk_wanted_pages")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_wanted_pages_user_id", "wanted_pages", ["user_id"])


def downgrade() -> None:
    op.drop_table("wanted_pages")
