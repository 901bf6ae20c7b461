"""IDs of resource links in LTI 1.1, which the history of a copy may name."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_INDEX = "ix_resource_links_lti1p1_id"
_WAS_MIGRATED = sa.text("lti1p1_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("resource_links", sa.Column("lti1p1_id", sa.String(255)))
    op.create_index(
        _INDEX,
        "resource_links",
        ["lti1p1_id", "deployment_id"],
        sqlite_where=_WAS_MIGRATED,
        postgresql_where=_WAS_MIGRATED,
    )


def downgrade() -> None:
    op.drop_index(_INDEX, "resource_links")
    op.drop_column("resource_links", "lti1p1_id")
