"""Machine translations of posts, with the institution's consent; weekly summaries."""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def moment() -> database.Moment:
    return database.Moment(timezone=True)


def upgrade() -> None:
    op.add_column(
        "registrations",
        sa.Column("translation", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "post_translations",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("source_language", sa.String(35)),
        sa.Column("provider", sa.String(255), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("renderer", sa.String(16), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name="fk_post_translations_post_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "revision", "language", name="pk_post_translations"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "summary_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("author_id", sa.Integer()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("published_at", moment()),
        sa.Column("changed_at", moment(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text()),
        sa.ForeignKeyConstraint(
            ["discussion_id"],
            ["discussions.id"],
            name="fk_summary_texts_discussion_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name="fk_summary_texts_author_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_summary_texts"),
        sa.UniqueConstraint("discussion_id", "week", "language", name="uq_summary_texts"),
    )
    op.create_index("ix_summary_texts_author_id", "summary_texts", ["author_id"])
    op.create_table(
        "summary_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("replaced_at", moment(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["summary_id"],
            ["summary_texts.id"],
            name="fk_summary_versions_summary_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_summary_versions"),
    )
    op.create_index("ix_summary_versions_summary_id", "summary_versions", ["summary_id"])


def downgrade() -> None:
    op.drop_table("summary_versions")
    op.drop_table("summary_texts")
    op.drop_table("post_translations")
    with op.batch_alter_table("registrations") as batch_op:
        batch_op.drop_column("translation")
