"""Parts of modules that activities show, and times of the options that are chosen with a link.

Grades that were decided before are as old as this migration: links that were made before it do not
change them.
"""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, database.Moment(timezone=True))


def upgrade() -> None:
    for table in ("resource_links", "launch_sessions"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("part", sa.String(80), nullable=False, server_default=""))
            batch.add_column(sa.Column("module_language", sa.String(35)))
    with op.batch_alter_table("resource_links") as batch:
        batch.add_column(_moment("options_at"))
    with op.batch_alter_table("discussions") as batch:
        batch.add_column(_moment("settings_at"))
    with op.batch_alter_table("grade_rules") as batch:
        batch.add_column(_moment("settings_at"))
    op.execute("UPDATE grade_rules SET settings_at = CURRENT_TIMESTAMP")


def downgrade() -> None:
    for table in ("grade_rules", "discussions"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("settings_at")
    with op.batch_alter_table("resource_links") as batch:
        batch.drop_column("options_at")
    for table in ("launch_sessions", "resource_links"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("module_language")
            batch.drop_column("part")
