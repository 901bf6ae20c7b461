"""What a resource link was copied from, and the modules that several links of one ID name."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_IS_COPY = sa.text("copied_from_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("resource_links") as batch_op:
        batch_op.add_column(sa.Column("copied_from_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("linked_before", sa.Text(), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("linked_again", sa.Text(), nullable=False, server_default=""))
        batch_op.create_foreign_key(
            "fk_resource_links_copied_from_id",
            "resource_links",
            ["copied_from_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_index("ix_resource_links_lti_id", ["lti_resource_link_id", "deployment_id"])
        batch_op.create_index(
            "ix_resource_links_copies",
            ["copied_from_id"],
            sqlite_where=_IS_COPY,
            postgresql_where=_IS_COPY,
        )


def downgrade() -> None:
    with op.batch_alter_table("resource_links") as batch_op:
        batch_op.drop_index("ix_resource_links_copies")
        batch_op.drop_index("ix_resource_links_lti_id")
        batch_op.drop_constraint("fk_resource_links_copied_from_id", type_="foreignkey")
        batch_op.drop_column("linked_again")
        batch_op.drop_column("linked_before")
        batch_op.drop_column("copied_from_id")
