"""A temporary database in which the posts of an export are put in order before the import.

An export can be larger than memory, and can name a post before its parent. The file is deleted with
the folder when the import ends.
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from lti_tool.discussion.imports.disqus_xml import DisqusPost, DisqusThread, Item

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """All threads with one URL. ``value``: what names them in the option ``--thread-url``."""

    value: str
    title: str
    threads: int
    posts: int


@dataclass(frozen=True, slots=True)
class SpooledPost:
    """A post in the order of the import: a parent always comes before its children.

    ``parent``: the id of the post that it answers, empty for a first post. ``removed``: only its
    place is needed, because others answer it.
    """

    id: str
    parent: str
    author: str
    person: str
    written_at: datetime | None
    removed: bool
    message: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers of posts: to import, places of removed ones, and those that are left out."""

    posts: int
    places: int
    removed: int


class Spool:
    """The posts of one export; a context manager that owns ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._file = sqlite3.connect(folder / "disqus.db", isolation_level=None)
        self._file.executescript(_TABLES)
        self._file.execute("BEGIN")

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, item: Item) -> None:
        """Store a thread or a post; of several with one id, the first counts."""
        if isinstance(item, DisqusThread):
            values = (item.id, normal_url(item.url) or f"#{item.id}", exact_url(item.url))
            self._file.execute(_ADD_THREAD, (*values, item.title or item.url))
            return
        written = item.created_at.timestamp() if item.created_at else None
        self._file.execute(
            _ADD_POST,
            (
                *(item.id or _made_id(item), item.thread, item.parent, item.author, item.person),
                *(written, item.removed, item.message),
            ),
        )

    def pages(self) -> list[Page]:
        """Return the pages with posts, those with most posts first."""
        self._file.execute(_ADD_MISSING_THREADS)
        return [Page(*row) for row in self._file.execute(_PAGES)]

    def choose(self, urls: Sequence[str]) -> None:
        """Keep only the threads of some URLs; with a query in a URL, only those with the same."""
        self._file.execute("CREATE TEMP TABLE chosen (id TEXT PRIMARY KEY)")
        for url in urls:
            column, value = "page", normal_url(url) or url
            if urlsplit(url).query:
                column, value = "exact", exact_url(url)
            self._file.execute(
                f"INSERT OR IGNORE INTO chosen SELECT id FROM threads WHERE {column} = ?",  # noqa: S608 - one of two names
                (value,),
            )
        self._file.execute("DELETE FROM posts WHERE thread NOT IN (SELECT id FROM chosen)")

    def arrange(self) -> Totals:
        """Put the posts in order, and find which removed ones others answer.

        A parent that the export does not have becomes a removed post. Posts that answer each
        other in a circle become first posts.
        """
        self._file.execute(_ADD_MISSING_PARENTS)
        self._file.execute("CREATE INDEX posts_by_parent ON posts (parent)")
        self._file.execute(_ARRANGE)
        if self._file.execute(_END_CIRCLES).rowcount:
            self._file.execute("DELETE FROM arranged")
            self._file.execute(_ARRANGE)
        self._file.execute(_MARK_NEEDED)
        self._file.execute("COMMIT")
        [(posts, places, removed)] = self._file.execute(_TOTALS)
        return Totals(posts, places, removed)

    def posts(self) -> Iterator[SpooledPost]:
        """Yield all posts to import, the oldest first."""
        cursor = self._file.execute(_IN_ORDER)
        while rows := cursor.fetchmany(_BATCH):
            for id_, parent, author, person, written, removed, message in rows:
                yield SpooledPost(
                    id=id_,
                    parent=parent,
                    author=author,
                    person=person,
                    written_at=None if written is None else datetime.fromtimestamp(written, UTC),
                    removed=bool(removed),
                    message=message,
                )


def normal_url(url: str) -> str:
    """Return what URLs of one page have in common: without scheme, ``www``, query and last slash.

    Empty for what is no URL.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return ""
    if not host:
        return ""
    path = re.sub(r"/(?:index\.html?)?\Z", "", parts.path)
    return f"{host}{port}{path}"


def exact_url(url: str) -> str:
    """Return the same with the query."""
    normal = normal_url(url)
    query = urlsplit(url.strip()).query if normal else ""
    return f"{normal}?{query}" if query else normal


def _made_id(post: DisqusPost) -> str:
    """Return an id for a post that has none: always the same for the same post."""
    facts = (post.thread, post.person, str(post.created_at), post.message)
    return "made-" + hashlib.sha256("\0".join(facts).encode("utf-8", "replace")).hexdigest()[:40]


_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16000;
PRAGMA temp_store = FILE;
CREATE TABLE threads (id TEXT PRIMARY KEY, page TEXT, exact TEXT, title TEXT) WITHOUT ROWID;
CREATE TABLE posts (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE, thread TEXT, parent TEXT, author TEXT, person TEXT,
    written REAL, removed INTEGER, needed INTEGER DEFAULT 0, message TEXT
);
CREATE TABLE arranged (id TEXT PRIMARY KEY, depth INTEGER, at REAL) WITHOUT ROWID;
"""
_ADD_THREAD = "INSERT OR IGNORE INTO threads VALUES (?, ?, ?, ?)"
_ADD_POST = (
    "INSERT OR IGNORE INTO posts (id, thread, parent, author, person, written, removed, message) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADD_MISSING_THREADS = """
INSERT OR IGNORE INTO threads SELECT DISTINCT thread, '#' || thread, '', '' FROM posts
"""
_PAGES = """
SELECT threads.page, max(threads.title), count(DISTINCT threads.id), count(*) AS number
FROM threads JOIN posts ON posts.thread = threads.id
WHERE NOT posts.removed GROUP BY threads.page ORDER BY number DESC, threads.page
"""
_ADD_MISSING_PARENTS = """
INSERT OR IGNORE INTO posts (id, thread, parent, author, person, written, removed, message)
SELECT DISTINCT child.parent, child.thread, '', '', '', child.written, 1, '' FROM posts AS child
WHERE child.parent != '' AND child.parent NOT IN (SELECT id FROM posts)
"""
# A post counts as not older than the one that it answers.
_ARRANGE = """
INSERT INTO arranged
WITH RECURSIVE tree (id, depth, at) AS (
    SELECT id, 0, coalesce(written, 0) FROM posts WHERE parent = ''
    UNION ALL
    SELECT posts.id, tree.depth + 1, max(coalesce(posts.written, 0), tree.at)
    FROM tree JOIN posts ON posts.parent = tree.id
)
SELECT * FROM tree
"""
_END_CIRCLES = "UPDATE posts SET parent = '' WHERE id NOT IN (SELECT id FROM arranged)"
_MARK_NEEDED = """
WITH RECURSIVE answered (id) AS (
    SELECT parent FROM posts WHERE NOT removed AND parent != ''
    UNION
    SELECT posts.parent FROM posts JOIN answered ON posts.id = answered.id WHERE posts.parent != ''
)
UPDATE posts SET needed = 1 WHERE NOT removed OR id IN (SELECT id FROM answered)
"""
_TOTALS = """
SELECT coalesce(sum(NOT removed), 0), coalesce(sum(removed AND needed), 0),
coalesce(sum(removed AND NOT needed), 0) FROM posts
"""
_IN_ORDER = """
SELECT posts.id, posts.parent, posts.author, posts.person, posts.written,
posts.removed, posts.message
FROM posts JOIN arranged ON arranged.id = posts.id
WHERE posts.needed ORDER BY arranged.at, arranged.depth, posts.number
"""
