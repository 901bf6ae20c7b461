"""The index of the search: what is in it, and how it is used."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, delete, event, text, update
from sqlalchemy.engine import make_url

from lti_tool.discussion import search, search_index, search_words
from lti_tool.discussion.model import Discussion, Post, PostWords
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.discussion.scene import Scene, statements_of
from tests.lti_tool.discussion.test_search import find, found
from tests.support import databases

pytestmark = pytest.mark.both_engines


class TestIndex:
    def test_missing_and_outdated_words_are_completed(self, scene: Scene) -> None:
        ana = scene.launch_session()
        posts = [scene.post(ana, "radio") for _ in range(3)]
        with scene.database.write_core() as connection:
            connection.execute(delete(PostWords).where(PostWords.post_id == posts[0].id))
            old = {"words": "", "analyzer": "0"}
            connection.execute(
                update(PostWords).where(PostWords.post_id == posts[1].id).values(**old)
            )
        assert found(scene, ana, "radio") == [posts[2].id]
        assert search_index.index_missing(scene.database) == 2
        assert search_index.index_missing(scene.database) == 0
        assert found(scene, ana, "radio") == [post.id for post in posts][::-1]

    def test_posts_that_moved_to_another_discussion(self, scene: Scene) -> None:
        ana = scene.launch_session()
        post = scene.post(ana, "radio")
        with scene.database.write_core() as connection:
            other = post.discussion_id + 1
            values = {"discussion_id": other, "words": f"{other}.0.radio"}
            connection.execute(update(PostWords).values(**values))
        assert found(scene, ana, "radio") == []
        search_index.index_missing(scene.database)
        assert found(scene, ana, "radio") == [post.id]

    def test_reindexing_makes_the_same_words(self, scene: Scene) -> None:
        ana = scene.launch_session()
        post = scene.post(ana, "radio comunitaria", question_id="who-buys")
        gone = scene.post(ana, "otra")
        scene.delete(ana, gone)
        before = words(scene)
        assert sum(search_index.reindex(scene.database)) == 1
        assert words(scene) == before
        assert found(scene, ana, "comunitaria buys") == [post.id]

    def test_a_post_deleted_during_the_indexing_stays_out(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ana = scene.launch_session()
        post = scene.post(ana, "radio")
        with scene.database.write_core() as connection:
            connection.execute(delete(PostWords))
        original = search_index._row

        def delete_meanwhile(*arguments: object) -> object:
            monkeypatch.setattr(search_index, "_row", original)
            scene.delete(ana, post)
            return original(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(search_index, "_row", delete_meanwhile)
        assert search_index.index_missing(scene.database) == 0
        assert scene.count(PostWords) == 0

    def test_the_words_of_a_removed_discussion_are_removed(self, scene: Scene) -> None:
        scene.post(scene.launch_session(), "radio")
        with scene.database.write_core() as connection:
            connection.execute(delete(Discussion))
        assert scene.count(PostWords) == 0
        if scene.database.is_sqlite:
            with scene.database.read_core() as connection:
                query = "SELECT count(*) FROM post_words_fts WHERE post_words_fts MATCH 'radio'"
                assert connection.scalar(text(query)) == 0

    def test_the_words_of_a_long_hostile_text_are_bounded(self, scene: Scene) -> None:
        ana = scene.launch_session()
        post = scene.post(ana, "部署" * 10_000)
        assert found(scene, ana, "署部") == [post.id]
        scene.post(ana, "a" * 20_000)
        assert max(len(each) for each in words(scene)[-1].split()) < 100


def words(scene: Scene) -> list[str]:
    with scene.database.read() as session:
        rows = session.scalars(
            text("SELECT CAST(words AS TEXT) FROM post_words ORDER BY post_id")  # type: ignore[arg-type]
        )
        return [str(each) for each in rows]


def plan_of(scene: Scene, action: Callable[[], object], part: str) -> str:
    """The query plan of the statement that contains ``part``."""
    sent: list[tuple[str, Any]] = []

    def record(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        if part in statement:
            sent.append((statement, parameters))

    event.listen(scene.database.engine, "before_cursor_execute", record)
    try:
        action()
    finally:
        event.remove(scene.database.engine, "before_cursor_execute", record)
    statement, parameters = sent[0]
    explain = "EXPLAIN QUERY PLAN" if scene.database.is_sqlite else "EXPLAIN"
    with scene.database.read_core() as connection:
        rows = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()
    return "\n".join(str(row[-1]) for row in rows)


def fill(scene: Scene, post: Post, number: int) -> None:
    """Insert many posts with words, in SQL: two words each, one that all have."""
    names = [column.name for column in Post.__table__.c if column.name != "id"]
    fixed = {"sequence": "n", "draft_key": "'k' || n", "id": f"{post.id} + n"}
    chosen = ", ".join(fixed.get(name, name) for name in ("id", *names))
    begin = f"'{post.discussion_id}.' || (sequence / {search_index.BLOCK})"
    word_list = f"({begin} || '.w' || sequence) || ' ' || ({begin} || '.caja')"
    kind = "TEXT" if scene.database.is_sqlite else "tsvector"
    with scene.database.write_core() as connection:
        connection.exec_driver_sql(
            f"WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers "
            f"WHERE n < {number}) INSERT INTO posts (id, {', '.join(names)}) "
            f"SELECT {chosen} FROM posts, numbers WHERE id = {post.id}"
        )
        connection.exec_driver_sql(
            "INSERT INTO post_words (post_id, discussion_id, block, analyzer, words) "
            f"SELECT id, discussion_id, sequence / {search_index.BLOCK}, '1', "
            f"CAST({word_list} AS {kind}) FROM posts WHERE id > {post.id}"
        )
        connection.execute(update(Discussion).values(latest_sequence=number))
        connection.execute(text("ANALYZE"))


def test_the_search_uses_the_index(scene: Scene) -> None:
    ana = scene.launch_session()
    fill(scene, scene.post(ana, language="es"), 10_000)
    assert len(found(scene, ana, "w12 caja")) == 20
    assert len(found(scene, ana, "w9999 caja")) == 1
    plan = plan_of(scene, lambda: find(scene, ana, "w12 caja", languages=["es"]), "candidates")
    if scene.database.is_sqlite:
        assert re.search(r"SCAN post_words_fts VIRTUAL TABLE INDEX \d+:M", plan), plan
        assert "SEARCH post_words USING INTEGER PRIMARY KEY" in plan, plan
        assert "SEARCH visible USING INTEGER PRIMARY KEY" in plan, plan
    else:
        assert "Bitmap Index Scan on ix_post_words_words" in plan, plan
        assert "Seq Scan" not in plan, plan
        # With 400,000 posts, a search in many blocks read all of them for a hash join.
        assert not re.search("Hash.* Join|Merge.* Join", plan), plan
        with scene.database.read_core(in_transaction=True) as connection:
            terms = search_words.parse_query("w12").terms
            search.find(connection, scene.scope(ana), terms, latest=10_000)
            assert connection.scalar(text("SHOW enable_hashjoin")) == "off"
            assert connection.scalar(text("SHOW enable_mergejoin")) == "off"


@pytest.fixture
def c_scene(tmp_path: Path) -> Iterator[Scene]:
    """A PostgreSQL database whose character type is C, in which pg_trgm knows ASCII only."""
    server = create_engine(databases.POSTGRESQL, isolation_level="AUTOCOMMIT")
    with databases.postgresql_database() as url:
        name = make_url(url).database
        with server.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}"'))
            options = "TEMPLATE template0 ENCODING 'UTF8' LC_CTYPE 'C' LC_COLLATE 'C'"
            connection.execute(text(f'CREATE DATABASE "{name}" {options}'))
        server.dispose()
        with databases.opened(url) as database:
            yield scenes.make(database, tmp_path)


def test_a_database_with_the_character_type_c(c_scene: Scene) -> None:
    ana = c_scene.launch_session("Ольга")
    post = c_scene.post(ana, "Жители деревни")
    c_scene.post(ana, "部署 كتاب")
    assert found(c_scene, ana, "жит") == [post.id]
    assert len(found(c_scene, ana, "ольга")) == 2
    assert len(found(c_scene, ana, "署 الكتاب")) == 1


def test_a_post_is_indexed_by_one_statement(scene: Scene) -> None:
    ana = scene.launch_session()
    scene.post(ana)
    with statements_of(scene.database) as statements:
        scene.post(ana)
    assert len([each for each in statements if "post_words" in each]) == 1
