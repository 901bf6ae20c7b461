"""State and role of each membership, rosters, course groups, and pauses of platforms.

The role of existing memberships is taken from their role URIs; the next launch or roster corrects
what these patterns do not recognise.
"""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
_TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"


def _has(*patterns: str) -> str:
    return " OR ".join(f"' ' || roles || ' ' LIKE '% {pattern} %'" for pattern in patterns)


def _role(name: str) -> str:
    return _has(name, f"{_MEMBERSHIP}#{name}", f"{_MEMBERSHIP}/{name}#%")


_ROLE = f"""
UPDATE memberships SET role = CASE
  WHEN {_has(_TEST_USER)} OR user_id IN (SELECT id FROM users WHERE kind = 'test') THEN 'test'
  WHEN {_role("Instructor")} THEN 'instructor'
  WHEN {_role("Learner")} THEN 'learner'
  ELSE 'other' END
"""  # noqa: S608 - there is no input
_LEARNERS = """
UPDATE courses SET learner_count = (
  SELECT count(*) FROM memberships
  WHERE memberships.course_id = courses.id AND role = 'learner' AND ended_at IS NULL
)
"""


def _moment() -> database.Moment:
    return database.Moment(timezone=True)


def upgrade() -> None:
    op.add_column("courses", sa.Column("groups_url", sa.String(2000)))
    op.add_column(
        "courses", sa.Column("learner_count", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "memberships", sa.Column("role", sa.String(12), nullable=False, server_default="other")
    )
    op.add_column("memberships", sa.Column("roster_read_at", _moment()))
    op.execute(_ROLE)
    op.execute(_LEARNERS)
    op.create_index(
        "ix_memberships_active",
        "memberships",
        ["course_id", "role", "user_id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "course_rosters",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("requested_at", _moment()),
        sa.Column("read_at", _moment()),
        sa.Column("tried_at", _moment()),
        sa.Column("renewed_at", _moment()),
        sa.Column("problem", sa.String(32)),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_course_rosters_course_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_course_rosters")),
    )
    op.create_table(
        "course_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("lti_group_id", sa.String(255)),
        sa.Column("lti_set_id", sa.String(255)),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("deleted_at", _moment()),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_course_groups_course_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_groups")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_course_groups_course_id", "course_groups", ["course_id", "lti_group_id"])
    op.create_table(
        "course_group_members",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["course_groups.id"],
            name=op.f("fk_course_group_members_group_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_course_group_members_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_course_group_members")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_course_group_members_user_id", "course_group_members", ["user_id"])
    op.create_table(
        "service_pauses",
        sa.Column("registration_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_service_pauses_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_service_pauses")),
    )


def downgrade() -> None:
    op.drop_table("service_pauses")
    op.drop_table("course_group_members")
    op.drop_table("course_groups")
    op.drop_table("course_rosters")
    op.drop_index("ix_memberships_active", "memberships")
    with op.batch_alter_table("memberships") as batch_op:
        for name in ("role", "roster_read_at"):
            batch_op.drop_column(name)
    with op.batch_alter_table("courses") as batch_op:
        for name in ("groups_url", "learner_count"):
            batch_op.drop_column(name)
