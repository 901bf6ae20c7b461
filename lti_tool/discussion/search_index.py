"""Keep the words of posts, by which the search finds them.

``writer`` stores them in the transaction that changes a post. Whether a reader may see a post is
not stored here but checked by the search, so hiding, approving and moving a thread change nothing.
The worker adds what is missing: posts that were inserted in bulk, or before the search existed.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from lti_tool.discussion import search_words
from lti_tool.discussion.model import Discussion, Post, PostWords
from lti_tool.storage.database import Database

BLOCK = 1024
"""Posts of one block of a discussion, about."""
ANALYZER = "1"
"""Version of ``search_words``: after a change of the rules, the worker indexes all posts again."""
_BATCH = 200

_P = Post.__table__
_W = PostWords.__table__
_DISCUSSIONS = Discussion.__table__
DELETED = "deleted"


class IndexedFields(NamedTuple):
    """The columns of a post on which its words depend."""

    discussion_id: int
    html: str
    author_name: str | None
    author_code: str | None
    anonymous: bool
    question_id: str | None
    deleted: bool


def fields_of(post: Any) -> IndexedFields:
    """Return the fields of a post or of a row of its table."""
    return IndexedFields(
        post.discussion_id,
        post.html,
        # The index is the same for all institutions of an exchange.
        post.author_name if post.shown_as is None else None,
        post.author_code,
        bool(post.anonymous),
        post.question_id,
        post.status == DELETED,
    )


def prefix(discussion_id: int, block: int) -> str:
    """Return what each word of a block begins with in the index."""
    return f"{discussion_id}.{block}."


def question_word(question_id: str) -> str:
    """Return the word of the posts that answer a question."""
    return f"={question_id}"


def store(connection: Connection, post_id: int, fields: IndexedFields, position: int) -> None:
    """Store the words of a post; ``position``: its ``sequence``, or the latest if it has none."""
    if fields.deleted:
        connection.execute(delete(PostWords).where(_W.c.post_id == post_id))
    else:
        row = _row(post_id, fields, position)
        connection.execute(_UPSERT[connection.dialect.name], row)


def index_missing(database: Database) -> int:
    """Index the posts that are not indexed, or by older rules; return their number."""
    outdated = or_(
        _W.c.post_id.is_(None),
        _W.c.analyzer != ANALYZER,
        _W.c.discussion_id != _P.c.discussion_id,
    )
    return sum(_index(database, outdated))


def reindex(database: Database) -> Iterator[int]:
    """Index all posts again; yield how many were indexed in each transaction."""
    yield from _index(database)


def count_missing(database: Database) -> int:
    """Return the number of posts that are not indexed yet."""
    posts = select(func.count()).select_from(_P).where(_P.c.status != DELETED)
    with database.read_core() as connection:
        indexed = connection.scalar(select(func.count()).select_from(_W)) or 0
        return max((connection.scalar(posts) or 0) - indexed, 0)


def _index(database: Database, *conditions: Any) -> Iterator[int]:
    query = (
        _SELECT.outerjoin(_W, _W.c.post_id == _P.c.id)
        .where(_P.c.status != DELETED, *conditions)
        .order_by(_P.c.id)
        .limit(_BATCH)
    )
    last = 0
    while True:
        with database.read_core() as connection:
            batch = connection.execute(query.where(_P.c.id > last)).all()
        if not batch:
            return
        rows = {row.id: _row(row.id, fields_of(row), row.sequence or row.latest) for row in batch}
        with database.write_core() as connection:
            yield _store_unchanged(connection, batch, rows)
        last = batch[-1].id


def _store_unchanged(connection: Connection, batch: Any, rows: dict[int, dict[str, Any]]) -> int:
    """Store the words of the posts that did not change since they were read."""
    discussions = sorted({row.discussion_id for row in batch})
    connection.execute(
        select(_DISCUSSIONS.c.id)
        .where(_DISCUSSIONS.c.id.in_(discussions))
        .order_by(_DISCUSSIONS.c.id)
        .with_for_update(key_share=True)
    ).all()
    before = {row.id: fields_of(row) for row in batch}
    present = connection.execute(_SELECT.where(_P.c.id.in_(list(rows))))
    same = [rows[row.id] for row in present if fields_of(row) == before[row.id]]
    if same:
        connection.execute(_UPSERT[connection.dialect.name], same)
    return len(same)


def _row(post_id: int, fields: IndexedFields, position: int) -> dict[str, Any]:
    block = position // BLOCK
    begin = prefix(fields.discussion_id, block)
    return {
        "post_id": post_id,
        "discussion_id": fields.discussion_id,
        "block": block,
        "analyzer": ANALYZER,
        "words": " ".join(sorted(f"{begin}{word}" for word in words_of(fields))),
    }


def words_of(fields: IndexedFields) -> set[str]:
    """Return the words of a post: of its text, and of the name that is shown with it."""
    shown = [search_words.plain_text(fields.html)]
    if not fields.anonymous:
        shown += [fields.author_name or "", fields.author_code or ""]
    words = search_words.index_words(search_words.fold(" ".join(shown)))
    if fields.question_id is not None:
        words.add(question_word(fields.question_id))
    return words


INDEXED_COLUMNS = (
    "id", "discussion_id", "sequence", "html", "author_name", "author_code", "anonymous",
    "shown_as", "question_id", "status",
)  # fmt: skip
"""The columns of a post that ``fields_of`` and the index's rows are made of."""
_SELECT = select(
    *(_P.c[name] for name in INDEXED_COLUMNS), _DISCUSSIONS.c.latest_sequence.label("latest")
).join_from(_P, _DISCUSSIONS, _DISCUSSIONS.c.id == _P.c.discussion_id)


def _upsert(dialect_insert: Any) -> Any:
    statement = dialect_insert(_W)
    return statement.on_conflict_do_update(
        index_elements=["post_id"],
        set_={
            name: statement.excluded[name]
            for name in ("discussion_id", "block", "analyzer", "words")
        },
    )


_UPSERT = {"sqlite": _upsert(sqlite_insert), "postgresql": _upsert(postgresql_insert)}
