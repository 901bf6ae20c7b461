"""Institutions, exchanges, and discussions that several courses share."""

import sqlalchemy as sa
from alembic import op
from alembic.operations.base import BatchOperations

from lti_tool.storage import database

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_SHARED = sa.text("institution_id IS NOT NULL")
_TAKES_PART = sa.text("shared_id IS NOT NULL")


def _moment() -> database.Moment:
    return database.Moment(timezone=True)


def upgrade() -> None:
    _create_directory()
    with op.batch_alter_table("deployments") as batch:
        batch.add_column(sa.Column("institution_id", sa.Integer()))
        batch.create_foreign_key(
            op.f("fk_deployments_institution_id"),
            "institutions",
            ["institution_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_index("ix_deployments_institution_id", "deployments", ["institution_id"])
    _change_discussions()
    _change_posts()
    _change_reports()
    op.create_table(
        "hidden_posts",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        _to("posts", "hidden_posts", "post_id"),
        _to("institutions", "hidden_posts", "institution_id"),
        sa.PrimaryKeyConstraint("post_id", "institution_id", name=op.f("pk_hidden_posts")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_hidden_posts_institution_id", "hidden_posts", ["institution_id"])


def _create_directory() -> None:
    op.create_table(
        "institutions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("shown_as", sa.String(12), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institutions")),
    )
    op.create_table(
        "exchanges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("closed_at", _moment()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
        sa.UniqueConstraint("name", name=op.f("uq_exchanges_name")),
    )
    op.create_table(
        "exchange_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exchange_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", _moment(), nullable=False),
        sa.Column("left_at", _moment()),
        sa.Column("nameless", sa.Boolean(), nullable=False, server_default=sa.false()),
        _to("exchanges", "exchange_members", "exchange_id"),
        _to("institutions", "exchange_members", "institution_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_members")),
        sa.UniqueConstraint(
            "exchange_id",
            "institution_id",
            name=op.f("uq_exchange_members_exchange_id_institution_id"),
        ),
    )
    op.create_index("ix_exchange_members_institution_id", "exchange_members", ["institution_id"])
    op.create_table(
        "exchange_invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exchange_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("expires_at", _moment(), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        _to("exchanges", "exchange_invitations", "exchange_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_invitations")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_exchange_invitations_code_hash")),
    )
    op.create_index("ix_exchange_invitations_exchange_id", "exchange_invitations", ["exchange_id"])


def _change_discussions() -> None:
    owners = {"institution_id": "institutions", "exchange_id": "exchanges"}
    with op.batch_alter_table("discussions") as batch:
        batch.alter_column("resource_link_id", existing_type=sa.Integer(), nullable=True)
        for name, table in (*owners.items(), ("shared_id", "discussions")):
            batch.add_column(sa.Column(name, sa.Integer()))
            batch.create_foreign_key(
                op.f(f"fk_discussions_{name}"),
                table,
                [name],
                ["id"],
                ondelete="SET NULL" if name == "shared_id" else "CASCADE",
            )
    op.create_index(
        "ix_discussions_shared_id",
        "discussions",
        ["shared_id"],
        sqlite_where=_TAKES_PART,
        postgresql_where=_TAKES_PART,
    )
    for name in owners:
        where = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"uq_discussions_{name}",
            "discussions",
            [name, "module_id"],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )


def _change_posts() -> None:
    if op.get_context().dialect.name == "sqlite":
        # The long texts must stay the last columns: SQLite reads a row from its beginning.
        with op.batch_alter_table("posts", recreate="always") as batch:
            batch.add_column(sa.Column("institution_id", sa.Integer()), insert_after="anonymous")
            batch.add_column(sa.Column("shown_as", sa.String(12)), insert_after="anonymous")
            _post_key(batch)
    else:
        op.add_column("posts", sa.Column("institution_id", sa.Integer()))
        op.add_column("posts", sa.Column("shown_as", sa.String(12)))
        with op.batch_alter_table("posts") as batch:
            _post_key(batch)
    op.create_index(
        "ix_posts_institution",
        "posts",
        ["institution_id", "discussion_id", "id"],
        sqlite_where=_SHARED,
        postgresql_where=_SHARED,
    )


def _post_key(batch: BatchOperations) -> None:
    batch.create_foreign_key(
        op.f("fk_posts_institution_id"),
        "institutions",
        ["institution_id"],
        ["id"],
        ondelete="SET NULL",
    )


def _change_reports() -> None:
    """Add the institution to the primary key of the table of reported posts."""
    op.rename_table("reported_posts", "former_reported_posts")
    op.drop_index("ix_reported_posts_discussion_id", "former_reported_posts")
    if op.get_context().dialect.name == "postgresql":
        names = (
            "pk_reported_posts",
            "fk_reported_posts_post_id",
            "fk_reported_posts_discussion_id",
        )
        for name in names:
            op.drop_constraint(name, "former_reported_posts")
    op.create_table(
        "reported_posts",
        sa.Column("post_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "institution_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            server_default="0",
        ),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        _to("posts", "reported_posts", "post_id"),
        _to("discussions", "reported_posts", "discussion_id"),
        sa.PrimaryKeyConstraint("post_id", "institution_id", name=op.f("pk_reported_posts")),
    )
    op.execute(
        "INSERT INTO reported_posts (post_id, institution_id, discussion_id, reports) "
        "SELECT post_id, 0, discussion_id, reports FROM former_reported_posts"
    )
    op.drop_table("former_reported_posts")
    op.create_index(
        "ix_reported_posts_discussion_id",
        "reported_posts",
        ["discussion_id", "institution_id", "reports", "post_id"],
    )


def _to(table: str, of: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{table}.id"], name=op.f(f"fk_{of}_{column}"), ondelete="CASCADE"
    )


def downgrade() -> None:
    raise NotImplementedError("Shared discussions have no place in older tables.")
