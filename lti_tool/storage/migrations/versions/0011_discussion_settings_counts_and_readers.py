"""Settings of discussions, states of posts, counts kept while writing, and what readers have read.

The counts of existing posts are made here, in SQL: the memory that it takes does not depend on the
number of posts. A post's ``sequence`` becomes its id.
"""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage import database

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NEW_POST_COLUMNS = (
    ("reply_to_id", sa.Column("group_id", sa.Integer(), nullable=False, server_default="0")),
    (
        "author_role",
        sa.Column("anonymous", sa.Boolean(), nullable=False, server_default=sa.false()),
    ),
    ("status", sa.Column("hidden_reason", sa.String(500))),
    ("hidden_reason", sa.Column("sequence", sa.Integer(), nullable=False, server_default="0")),
    ("reply_count", sa.Column("mark", sa.String(12))),
    ("mark", sa.Column("pinned_at", database.Moment(timezone=True))),
    ("pinned_at", sa.Column("locked_at", database.Moment(timezone=True))),
)
"""The columns, each after another column."""

_NEW_DISCUSSION_COLUMNS = (
    sa.Column("settings", sa.Text(), nullable=False, server_default=""),
    sa.Column("latest_sequence", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("archived_at", database.Moment(timezone=True)),
)


def upgrade() -> None:
    sqlite = op.get_context().dialect.name == "sqlite"
    for name in ("threads", "news", "counts"):
        op.drop_index(f"ix_posts_{name}", "posts")
    if sqlite:
        # The long texts must stay the last columns: SQLite reads a row from its beginning.
        with op.batch_alter_table("posts", recreate="always") as batch:
            for after, column in _NEW_POST_COLUMNS:
                batch.add_column(column, insert_after=after)
        with op.batch_alter_table("discussions", recreate="always") as batch:
            batch.drop_constraint("uq_discussions_module", type_="unique")
            for column in _NEW_DISCUSSION_COLUMNS:
                batch.add_column(column)
    else:
        op.drop_constraint("uq_discussions_module", "discussions", type_="unique")
        for _, column in _NEW_POST_COLUMNS:
            op.add_column("posts", column)
        for column in _NEW_DISCUSSION_COLUMNS:
            op.add_column("discussions", column)
    _create_tables()
    _fill()
    _create_indexes()


def _create_tables() -> None:
    moment = database.Moment(timezone=True)
    op.create_table(
        "discussion_counts",
        sa.Column("discussion_id", sa.Integer(), _to("discussions", "discussion_counts")),
        sa.Column("kind", sa.String(12)),
        sa.Column("value", sa.String(64)),
        sa.Column("group_id", sa.Integer(), autoincrement=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("threads", sa.Integer(), nullable=False),
        _key("discussion_counts", "discussion_id", "kind", "value", "group_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "thread_facets",
        sa.Column("thread_id", sa.Integer(), _to("posts", "thread_facets", "thread_id")),
        sa.Column("kind", sa.String(12)),
        sa.Column("value", sa.String(64)),
        sa.Column(
            "discussion_id", sa.Integer(), _to("discussions", "thread_facets"), nullable=False
        ),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("activity", sa.Integer(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        _key("thread_facets", "thread_id", "kind", "value"),
        sqlite_with_rowid=False,
    )
    zero = {"nullable": False, "server_default": "0"}
    op.create_table(
        "discussion_readers",
        sa.Column("user_id", sa.Integer(), _to("users", "discussion_readers", "user_id")),
        sa.Column("discussion_id", sa.Integer(), _to("discussions", "discussion_readers")),
        sa.Column("read_up_to", sa.Integer(), **zero),
        sa.Column("visited_up_to", sa.Integer(), **zero),
        sa.Column("visited_at", moment),
        sa.Column("earlier_visit_up_to", sa.Integer(), **zero),
        sa.Column("languages", sa.String(200), nullable=False, server_default=""),
        _key("discussion_readers", "user_id", "discussion_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "thread_reads",
        sa.Column("user_id", sa.Integer(), _to("users", "thread_reads", "user_id")),
        sa.Column("discussion_id", sa.Integer(), _to("discussions", "thread_reads")),
        sa.Column("thread_id", sa.Integer(), _to("posts", "thread_reads", "thread_id")),
        sa.Column("read_up_to", sa.Integer(), nullable=False),
        _key("thread_reads", "user_id", "discussion_id", "thread_id"),
        sqlite_with_rowid=False,
    )


def _to(table: str, of: str, column: str = "discussion_id") -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", name=op.f(f"fk_{of}_{column}"), ondelete="CASCADE")


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _fill() -> None:
    op.execute("UPDATE posts SET sequence = id WHERE status = 'published'")
    op.execute(
        "UPDATE discussions SET latest_sequence = coalesce((SELECT max(id) FROM posts "
        "WHERE posts.discussion_id = discussions.id AND status = 'published'), 0)"
    )
    published = "FROM posts WHERE status = 'published'"
    thread = "coalesce(thread_id, id)"
    facets = {
        "all": ("''", ""),
        "language": ("coalesce(language, 'und')", ""),
        "question": ("question_id", "AND question_id IS NOT NULL"),
        "staff": ("''", "AND author_role = 'instructor'"),
        "author": ("CAST(author_id AS VARCHAR(64))", "AND author_id IS NOT NULL"),
        "unanswered": ("''", "AND thread_id IS NULL AND reply_count = 0"),
    }
    for kind, (value, condition) in facets.items():
        op.execute(
            "INSERT INTO thread_facets "
            "(thread_id, kind, value, discussion_id, group_id, activity, posts) "
            f"SELECT {thread}, '{kind}', {value}, discussion_id, 0, max(sequence), count(*) "
            f"{published} {condition} GROUP BY 1, 3, discussion_id"
        )
    op.execute(
        "UPDATE thread_facets SET activity = (SELECT whole.activity FROM thread_facets AS whole "
        "WHERE whole.thread_id = thread_facets.thread_id AND whole.kind = 'all' "
        "AND whole.value = '') WHERE kind NOT IN ('all', 'author')"
    )
    op.execute(
        "INSERT INTO discussion_counts (discussion_id, kind, value, group_id, posts, threads) "
        "SELECT discussion_id, kind, value, 0, sum(posts), count(*) "
        "FROM thread_facets GROUP BY discussion_id, kind, value"
    )


def _create_indexes() -> None:
    scan = ["discussion_id", "kind", "value", "group_id"]
    op.create_index("ix_thread_facets_activity", "thread_facets", [*scan, "activity"])
    op.create_index("ix_thread_facets_thread", "thread_facets", [*scan, "thread_id"])
    op.create_index("ix_discussion_readers_discussion_id", "discussion_readers", ["discussion_id"])
    op.create_index("ix_thread_reads_thread_id", "thread_reads", ["thread_id"])
    op.create_index("ix_thread_reads_discussion_id", "thread_reads", ["discussion_id"])
    op.create_index("ix_discussions_resource_link_id", "discussions", ["resource_link_id"])
    _partial(
        "uq_discussions_module",
        "discussions",
        ["resource_link_id", "module_id"],
        "archived_at IS NULL",
        unique=True,
    )
    op.create_index("ix_posts_discussion_id", "posts", ["discussion_id", "id"])
    _partial("ix_posts_published", "posts", ["discussion_id", "sequence"], "status = 'published'")
    _partial(
        "ix_posts_answers",
        "posts",
        ["author_id", "discussion_id", "question_id"],
        "question_id IS NOT NULL",
    )
    _partial("ix_posts_held", "posts", ["discussion_id", "author_id", "id"], "status = 'held'")
    _partial("ix_posts_pinned", "posts", ["discussion_id", "pinned_at"], "pinned_at IS NOT NULL")


def _partial(
    name: str, table: str, columns: list[str], condition: str, *, unique: bool = False
) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    raise NotImplementedError("Archived discussions and held posts have no place in older tables.")
