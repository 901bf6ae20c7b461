"""The module that a resource link named before, and sessions of test users and impersonators.

``linked_module`` is empty where an instructor has chosen and what the link names is not known: the first launch after
the upgrade only records it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("resource_links", sa.Column("linked_module", sa.String(64)))
    op.add_column(
        "launch_sessions",
        sa.Column("own_record", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.add_column(
        "launch_sessions",
        sa.Column("content_developer", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute("UPDATE resource_links SET linked_module = module_id WHERE module_source = 'link'")
    op.execute("UPDATE resource_links SET linked_module = '' WHERE module_source = 'instructor'")


def downgrade() -> None:
    with op.batch_alter_table("launch_sessions") as batch_op:
        batch_op.drop_column("own_record")
        batch_op.drop_column("content_developer")
    with op.batch_alter_table("resource_links") as batch_op:
        batch_op.drop_column("linked_module")
