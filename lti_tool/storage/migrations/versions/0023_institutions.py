"""The audit log, uses of services, usage by day, policies of institutions, and copied courses.

The log of moderating acts becomes a part of the audit log.
"""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def moment() -> database.Moment:
    return database.Moment(timezone=True)


def upgrade() -> None:
    for name in ("store_names", "store_emails"):
        op.add_column(
            "registrations", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true())
        )
    op.add_column(
        "registrations",
        sa.Column("observers", sa.String(8), nullable=False, server_default="post"),
    )
    op.create_index("ix_day_counts_day", "day_counts", ["day"])
    op.add_column("launch_sessions", sa.Column("token_age", sa.Integer()))
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer()),
        sa.Column(
            "registration_id",
            sa.Integer(),
            _to("registrations", "audit_entries", "registration_id"),
            nullable=False,
        ),
        sa.Column(
            "deployment_id", sa.Integer(), _to("deployments", "audit_entries", "deployment_id")
        ),
        sa.Column(
            "resource_link_id",
            sa.Integer(),
            _to("resource_links", "audit_entries", "resource_link_id", "SET NULL"),
        ),
        sa.Column("module_id", sa.String(64)),
        sa.Column("user_id", sa.Integer(), _to("users", "audit_entries", "user_id", "SET NULL")),
        sa.Column("actor", sa.String(8), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("object_id", sa.Integer()),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        _key("audit_entries", "id"),
        sqlite_autoincrement=True,
    )
    for name, columns in _AUDIT_INDEXES.items():
        op.create_index(name, "audit_entries", columns)
    op.execute(
        "INSERT INTO audit_entries (registration_id, deployment_id, resource_link_id, module_id, "
        "user_id, actor, action, object_id, detail, created_at) "
        "SELECT deployments.registration_id, deployments.id, resource_link_id, "
        "moderation_log.module_id, user_id, 'person', 'discussion.' || action, post_id, detail, "
        "moderation_log.created_at FROM moderation_log "
        "JOIN resource_links ON resource_links.id = moderation_log.resource_link_id "
        "JOIN deployments ON deployments.id = resource_links.deployment_id "
        "ORDER BY moderation_log.id"
    )
    op.drop_table("moderation_log")
    op.create_table(
        "service_uses",
        sa.Column(
            "registration_id",
            sa.Integer(),
            _to("registrations", "service_uses", "registration_id"),
            autoincrement=False,
        ),
        sa.Column("service", sa.String(16)),
        sa.Column("worked_at", moment()),
        sa.Column("failed_at", moment()),
        sa.Column("problem", sa.String(64), nullable=False),
        _key("service_uses", "registration_id", "service"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_days",
        sa.Column(
            "deployment_id",
            sa.Integer(),
            _to("deployments", "usage_days", "deployment_id"),
            autoincrement=False,
        ),
        sa.Column("day", sa.String(10)),
        sa.Column("launches", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        _key("usage_days", "deployment_id", "day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notice_handlers",
        sa.Column(
            "deployment_id",
            sa.Integer(),
            _to("deployments", "notice_handlers", "deployment_id"),
            autoincrement=False,
        ),
        sa.Column("service_url", sa.String(2000), nullable=False),
        sa.Column("notice_types", sa.Text(), nullable=False),
        sa.Column("requested_at", moment(), nullable=False),
        sa.Column("registered_at", moment()),
        sa.Column("noticed_at", moment()),
        sa.Column("problem", sa.String(64), nullable=False),
        _key("notice_handlers", "deployment_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "course_copies",
        sa.Column(
            "deployment_id",
            sa.Integer(),
            _to("deployments", "course_copies", "deployment_id"),
            autoincrement=False,
        ),
        sa.Column("context_id", sa.String(255)),
        sa.Column("origin_context_id", sa.String(255)),
        sa.Column("announced_at", moment(), nullable=False),
        _key("course_copies", "deployment_id", "context_id", "origin_context_id"),
        sqlite_with_rowid=False,
    )


_AUDIT_INDEXES = {
    "ix_audit_entries_registration": ["registration_id", "id"],
    "ix_audit_entries_deployment": ["deployment_id", "id"],
    "ix_audit_entries_link": ["resource_link_id", "module_id", "id"],
    "ix_audit_entries_user_id": ["user_id"],
}


def _to(table: str, of: str, column: str, ondelete: str = "CASCADE") -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", name=op.f(f"fk_{of}_{column}"), ondelete=ondelete)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def downgrade() -> None:
    raise NotImplementedError("The acts of administrators have no place in older tables.")
