"""Drafts"""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("resource_link_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("draft_key", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("updated_at", database.Moment(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_link_id"],
            ["resource_links.id"],
            name=op.f("fk_drafts_resource_link_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_drafts_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint(
            "user_id", "resource_link_id", "module_id", "place", name="uq_drafts_place"
        ),
    )
    op.create_index(op.f("ix_drafts_resource_link_id"), "drafts", ["resource_link_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_drafts_resource_link_id"), table_name="drafts")
    op.drop_table("drafts")
