"""A placement belongs to its course, and a visit keeps its module"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PLACEMENTS = sa.table(
    "placements", sa.column("id"), sa.column("course_id"), sa.column("module_id")
)
_VISITS = sa.table(
    "visits", sa.column("placement_id"), sa.column("course_id"), sa.column("module_id")
)
_OF_THE_VISIT = _PLACEMENTS.c.id == _VISITS.c.placement_id


def upgrade() -> None:
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.drop_constraint("uq_placements_link", type_="unique")
        batch_op.create_unique_constraint(
            "uq_placements_link", ["deployment_id", "course_id", "resource_link_id"]
        )
        batch_op.create_index(
            "uq_placements_without_course",
            ["deployment_id", "resource_link_id"],
            unique=True,
            sqlite_where=sa.text("course_id IS NULL"),
            postgresql_where=sa.text("course_id IS NULL"),
        )
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.add_column(sa.Column("module_id", sa.String(length=64), nullable=True))

    # A later launch has moved the placement of these visits to another course: end them.
    of_another_course = _PLACEMENTS.c.course_id.is_distinct_from(_VISITS.c.course_id)
    moved = sa.select(1).where(_OF_THE_VISIT, of_another_course).exists()
    op.execute(_VISITS.delete().where(moved))
    module = sa.select(_PLACEMENTS.c.module_id).where(_OF_THE_VISIT).scalar_subquery()
    op.execute(_VISITS.update().values(module_id=module))


def downgrade() -> None:
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_column("module_id")

    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.drop_index("uq_placements_without_course")
        batch_op.drop_constraint("uq_placements_link", type_="unique")
        batch_op.create_unique_constraint(
            "uq_placements_link", ["deployment_id", "resource_link_id"]
        )
