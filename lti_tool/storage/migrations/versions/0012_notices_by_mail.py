"""Notices by mail: subscriptions, recipients, what waits to be sent, and what links in mail need."""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def moment() -> database.Moment:
    return database.Moment(timezone=True)


def upgrade() -> None:
    op.add_column("users", sa.Column("locale", sa.String(35)))
    op.add_column("memberships", sa.Column("seen_at", moment()))
    op.add_column("memberships", sa.Column("ended_at", moment()))
    op.add_column("resource_links", sa.Column("activity_url", sa.String(2000)))
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer()),
        sa.Column("course_id", sa.Integer()),
        sa.Column("choice", sa.String(8), nullable=False),
        sa.Column("changed_at", moment(), nullable=False),
        _key("subscriptions", "user_id", "users"),
        _key("subscriptions", "discussion_id", "discussions"),
        _key("subscriptions", "course_id", "courses"),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint("discussion_id", "user_id", name="uq_subscriptions_discussion"),
        sa.UniqueConstraint("course_id", "user_id", name="uq_subscriptions_course"),
    )
    op.create_index("ix_subscriptions_user_id", "subscriptions", ["user_id"])
    op.create_table(
        "mail_recipients",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("link_key", sa.String(32), nullable=False),
        sa.Column("feed_key", sa.String(32)),
        sa.Column("own_address", sa.String(254)),
        sa.Column("asked_at", moment()),
        sa.Column("confirmed_at", moment()),
        sa.Column("time_zone", sa.String(64)),
        sa.Column("digest_hour", sa.Integer()),
        sa.Column("stopped_address", sa.String(254)),
        sa.Column("stopped_status", sa.String(16)),
        sa.Column("stopped_at", moment()),
        sa.Column("soft_failures", sa.Integer(), nullable=False, server_default="0"),
        _key("mail_recipients", "user_id", "users"),
        sa.PrimaryKeyConstraint("user_id", name="pk_mail_recipients"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_mail_recipients_own_address", "mail_recipients", ["own_address"])
    op.create_table(
        "mailings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer()),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("done_up_to", sa.Integer(), nullable=False),
        sa.Column("due_at", moment()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("mailed_at", moment()),
        _key("mailings", "user_id", "users"),
        _key("mailings", "discussion_id", "discussions"),
        sa.PrimaryKeyConstraint("id", name="pk_mailings"),
        sa.UniqueConstraint("user_id", "discussion_id", name="uq_mailings_pair"),
    )
    op.create_index("ix_mailings_discussion_id", "mailings", ["discussion_id"])
    op.create_table(
        "mail_server_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", moment()),
        sa.Column("failed", sa.String(100)),
        sa.Column("failed_at", moment()),
        sa.Column("refused", sa.String(100)),
        sa.Column("refused_at", moment()),
        sa.Column("refusals", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_mail_server_state"),
    )
    op.create_table(
        "mail_policies",
        sa.Column("registration_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("own_addresses", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("time_zone", sa.String(64)),
        _key("mail_policies", "registration_id", "registrations"),
        sa.PrimaryKeyConstraint("registration_id", name="pk_mail_policies"),
        sqlite_with_rowid=False,
    )
    # For reports about failed delivery, which name only the address.
    op.create_index("ix_users_email", "users", ["email"])


def downgrade() -> None:
    op.drop_index("ix_users_email", "users")
    for table in (
        "mail_policies",
        "mail_server_state",
        "mailings",
        "mail_recipients",
        "subscriptions",
    ):
        op.drop_table(table)
    with op.batch_alter_table("resource_links") as batch_op:
        batch_op.drop_column("activity_url")
    with op.batch_alter_table("memberships") as batch_op:
        batch_op.drop_column("ended_at")
        batch_op.drop_column("seen_at")
    with op.batch_alter_table("users") as batch_op:
        batch_op.drop_column("locale")


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE")
