"""Names by which members are sorted, and indexes of the lists of participants."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_BATCH = 1000
_LIMIT = 100
_NAMELESS = "1"


def upgrade() -> None:
    kind = sa.String(_LIMIT).with_variant(sa.String(_LIMIT, collation="C"), "postgresql")
    column = sa.Column("sort_name", kind, server_default=_NAMELESS, nullable=False)
    op.add_column("memberships", column)
    _fill(op.get_bind())
    active = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_memberships_by_name",
        "memberships",
        ["course_id", "sort_name", "user_id", "role"],
        sqlite_where=active,
        postgresql_where=active,
    )
    op.create_index(
        "ix_activity_openings_latest",
        "activity_openings",
        ["resource_link_id", "latest_at", "user_id"],
    )
    op.create_index(
        "ix_author_counts_latest", "author_counts", ["discussion_id", "latest_at", "user_id"]
    )


def _fill(connection: sa.Connection) -> None:
    named = sa.text(
        "SELECT memberships.id, users.name FROM memberships "
        "JOIN users ON users.id = memberships.user_id "
        "WHERE memberships.id > :last AND users.name IS NOT NULL "
        "ORDER BY memberships.id LIMIT :batch"
    )
    change = sa.text("UPDATE memberships SET sort_name = :key WHERE id = :id")
    last = 0
    while rows := connection.execute(named, {"last": last, "batch": _BATCH}).all():
        connection.execute(change, [{"id": row.id, "key": _sort_name(row.name)} for row in rows])
        last = rows[-1].id


def _sort_name(name: str) -> str:
    """As ``directory.sort_names`` when this was written."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(each for each in decomposed if unicodedata.category(each) != "Mn")
    words = " ".join(plain.split())
    return f"0{words}"[:_LIMIT] if words else _NAMELESS


def downgrade() -> None:
    op.drop_index("ix_author_counts_latest", "author_counts")
    op.drop_index("ix_activity_openings_latest", "activity_openings")
    op.drop_index("ix_memberships_by_name", "memberships")
    op.drop_column("memberships", "sort_name")
