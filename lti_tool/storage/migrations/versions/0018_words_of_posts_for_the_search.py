"""Words of posts, for the search.

The worker indexes existing posts (``search_index.index_missing``), because that takes minutes for a
million; ``lti-tool discussion reindex`` does it at once.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TO_INDEX = "INSERT INTO post_words_fts(rowid, words) VALUES (new.post_id, new.words);"
_FROM_INDEX = (
    "INSERT INTO post_words_fts(post_words_fts, rowid, words) "
    "VALUES ('delete', old.post_id, old.words);"
)
_SQLITE = (
    "CREATE VIRTUAL TABLE post_words_fts USING fts5(words, content='post_words', "
    "content_rowid='post_id', detail='none', tokenize=\"ascii tokenchars '.=-'\")",
    f"CREATE TRIGGER post_words_insert AFTER INSERT ON post_words BEGIN {_TO_INDEX} END",
    f"CREATE TRIGGER post_words_delete AFTER DELETE ON post_words BEGIN {_FROM_INDEX} END",
    f"CREATE TRIGGER post_words_update AFTER UPDATE ON post_words BEGIN {_FROM_INDEX} "
    f"{_TO_INDEX} END",
)


def upgrade() -> None:
    op.create_table(
        "post_words",
        sa.Column(
            "post_id",
            sa.Integer(),
            sa.ForeignKey("posts.id", name=op.f("fk_post_words_post_id"), ondelete="CASCADE"),
            autoincrement=False,
        ),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("analyzer", sa.String(8), nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post_words")),
    )
    if op.get_context().dialect.name == "sqlite":
        for statement in _SQLITE:
            op.execute(statement)
    else:
        op.create_index(
            "ix_post_words_words",
            "post_words",
            ["words"],
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        )


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TABLE post_words_fts")
    op.drop_table("post_words")
