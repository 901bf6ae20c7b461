"""The statements of the discussion's pages use their indexes, on both engines."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, select, text

from courseware.markdown import RENDERER
from lti_tool.discussion import counts, discussions, queries, recount, selects
from lti_tool.discussion.model import DiscussionCount, Post
from lti_tool.discussion.queries import Filters
from lti_tool.storage.database import Database, now
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.discussion.scene import Scene
from tests.support import databases

pytestmark = pytest.mark.both_engines

ROWS = 20_000
"""Enough for PostgreSQL to prefer an index where there is one."""
SCANNED = ("posts", "thread_facets", "discussion_counts")


@pytest.fixture(scope="module")
def scene(opened_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A discussion of many posts, which the tests share."""
    scene = scenes.make(databases.emptied(opened_database), tmp_path_factory.mktemp("scene"))
    fill(scene)
    return scene


def fill(scene: Scene) -> None:
    ana = scene.launch_session()
    first = scene.post(ana)
    common = {
        "discussion_id": first.discussion_id,
        "author_role": "participant",
        "created_at": now(),
        "renderer": RENDERER,
        "source": "Hola",
        "html": "<p>Hola</p>",
    }
    rows = [
        {
            **common,
            "id": first.id + n,
            "sequence": n + 1,
            "thread_id": first.id + n // 2 if n % 4 == 3 else None,
            "reply_to_id": first.id + n // 2 if n % 4 == 3 else None,
            "author_id": ana.user_id if n % 50 == 0 else None,
            "language": ("es", "fr", "pt")[n % 3],
            "question_id": "who-buys" if n % 4 == 0 else None,
            "draft_key": f"k{n}",
        }
        for n in range(1, ROWS)
    ]
    for row in rows:  # a reply belongs to the first post of its thread
        if row["thread_id"] is not None and (row["thread_id"] - first.id) % 4 == 3:
            row["thread_id"] = row["reply_to_id"] = row["thread_id"] - 1
    with scene.database.write_core() as writing:
        writing.execute(insert(Post), rows)
    analyze(scene)
    with scene.database.write_core() as writing:
        recount.recount(writing, first.discussion_id)
        counts_of_others = [
            {
                "discussion_id": first.discussion_id,
                "kind": "author",
                "value": str(10**6 + n),
                "group_id": 0,
                "posts": 1,
                "threads": 1,
            }
            for n in range(5000)
        ]
        writing.execute(insert(DiscussionCount), counts_of_others)
    analyze(scene)


def analyze(scene: Scene) -> None:
    """Let PostgreSQL know how many rows there are."""
    if not scene.database.is_sqlite:
        with scene.database.engine.connect() as analyzing:
            analyzing.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


@pytest.fixture
def connection(scene: Scene) -> Iterator[Connection]:
    with scene.database.read_core() as connection:
        yield connection


def plans(connection: Connection, read: Any) -> list[str]:
    """The plans of the statements that ``read`` executes."""
    statements: list[tuple[str, Any]] = []

    def record(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", record)
    read()
    event.remove(connection, "before_cursor_execute", record)
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    found = []
    for statement, parameters in statements:
        rows = connection.exec_driver_sql(explain + statement, parameters).all()
        found.append("\n".join(str(row[-1]) for row in rows))
    return found


FILTERS = (
    Filters(),
    Filters(order="newest"),
    Filters(order="oldest"),
    Filters(languages=("es",)),
    Filters(languages=("es", "pt", "und")),
    Filters(languages=("es",), question="who-buys"),
    Filters(mine=True),
    Filters(unanswered=True),
)


def test_a_page_scans_no_table(scene: Scene, connection: Connection) -> None:
    scope = scene.scope(scene.launch_session())

    def read() -> None:
        for filters in FILTERS:
            page = queries.thread_page(connection, scope, filters)
            if page.older is not None:
                queries.thread_page(connection, scope, filters, after=page.older)

    for plan in plans(connection, read):
        assert_uses_indexes(plan)


def test_polling_and_unread_posts_scan_no_table(scene: Scene, connection: Connection) -> None:
    reader = scene.launch_session()
    scope = scene.scope(reader)
    assert reader.user_id is not None

    def read() -> None:
        discussions.find(connection, reader, scene.module)
        queries.own_unlisted_threads(connection, scope)
        for source in selects.HELD:
            queries.held_posts(connection, scope, source, None, 20)
        counts.count_new(connection, scope.discussion_id, 5, user_id=reader.user_id)
        counts.count_unread(connection, scope.discussion_id, 5, 4, user_id=reader.user_id or 0)
        counts.next_unread(connection, scope.discussion_id, 5, user_id=reader.user_id or 0)

    for plan in plans(connection, read):
        assert_uses_indexes(plan)


def assert_uses_indexes(plan: str) -> None:
    for line in plan.splitlines():
        for table in SCANNED:
            assert f"Seq Scan on {table}" not in line, plan
        assert "ix_posts_discussion_id (discussion_id=?)" not in line, plan
        bare = line.strip()
        assert not (bare.startswith("SCAN ") and "INDEX" not in bare and _is_table(bare)), plan


def test_counts_of_other_people_are_not_read(scene: Scene, connection: Connection) -> None:
    scope = scene.scope(scene.launch_session())
    (plan,) = plans(
        connection, lambda: counts.count_posts(connection, scope.discussion_id, scope.user_id)
    )
    assert_uses_indexes(plan)
    if scene.database.is_sqlite:
        searches = [line for line in plan.splitlines() if "discussion_counts" in line]
        assert searches
        assert all("discussion_id=? AND kind=?" in line for line in searches), plan


def _is_table(line: str) -> bool:
    name = line.split()[1]
    return name in {"post", "reply", "thread", "answered", "facet", *SCANNED}


def test_a_pinned_list_is_read_by_its_index(scene: Scene, connection: Connection) -> None:
    with scene.database.read() as session:
        first = session.scalars(select(Post.id).order_by(Post.id)).first()
    assert first is not None
    scene.set(first, pinned_at=now())
    scope = scene.scope(scene.launch_session())
    found = plans(connection, lambda: queries.thread_page(connection, scope))
    scene.set(first, pinned_at=None)
    for plan in found:
        assert_uses_indexes(plan)
