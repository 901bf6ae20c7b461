"""Complete discussions whose posts were inserted in bulk: counts, search, and statistics."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from lti_tool.discussion import recount, search_index
from lti_tool.discussion.model import Discussion, DiscussionReader, Post, PostWords
from lti_tool.storage.database import Database, now

_BATCH = 5000
UNREAD = 50
"""Posts that are new to each reader."""


def complete(database: Database, discussion_id: int, readers: Iterable[int] = ()) -> None:
    """Count the posts, index their words, and let users have read all but the newest posts."""
    analyze(database)
    with database.write() as session:
        recount.recount(session.connection(), discussion_id)
        latest = session.get_one(Discussion, discussion_id).latest_sequence
        read = max(latest - UNREAD, 0)
        marks = {"read_up_to": read, "visited_up_to": read, "earlier_visit_up_to": read}
        rows = [
            {"user_id": user, "discussion_id": discussion_id, "visited_at": now(), **marks}
            for user in readers
        ]
        if rows:
            session.execute(insert(DiscussionReader), rows)
    last = 0
    while True:
        with database.write() as session:
            indexed = _index(session, discussion_id, last)
        if indexed is None:
            return
        last = indexed


def _index(session: Session, discussion_id: int, after: int) -> int | None:
    """Index the words of the next posts; return the id of the last, None if there is none."""
    posts = session.execute(
        select(*(Post.__table__.c[name] for name in search_index.INDEXED_COLUMNS))
        .where(Post.discussion_id == discussion_id, Post.id > after)
        .order_by(Post.id)
        .limit(_BATCH)
    ).all()
    if not posts:
        return None
    session.execute(insert(PostWords), [_row(post) for post in posts])
    return int(posts[-1].id)


def _row(post: Any) -> dict[str, Any]:
    block = post.sequence // search_index.BLOCK
    begin = search_index.prefix(post.discussion_id, block)
    words = _words(search_index.fields_of(post))
    return {
        "post_id": post.id,
        "discussion_id": post.discussion_id,
        "block": block,
        "analyzer": search_index.ANALYZER,
        "words": " ".join(f"{begin}{word}" for word in words),
    }


@lru_cache(maxsize=20_000)
def _words(fields: search_index.IndexedFields) -> list[str]:
    # A few texts and authors repeat, so that a million posts are indexed in minutes.
    return sorted(search_index.words_of(fields))


def analyze(database: Database) -> None:
    """Give PostgreSQL the statistics that its autovacuum collects in operation."""
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("VACUUM ANALYZE"))
