"""CPU, time and SQL statements of the discussion's pages while it grows.

Fills discussions of 1,000, 10,000, 100,000 and 1,000,000 posts on both engines (``GROWTH_SIZES``
overrides the sizes) and measures, in this process, what a request does between the HTTP layer and
the database: the page, the page filtered by language and by several filters, the oldest page, the
search, a poll, and a post. Posts are inserted in bulk and completed by ``filling``.
"""

import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event, insert, select

from benchmarks import filling, servers
from benchmarks.tables import print_table
from courseware import page as pages
from courseware.i18n import interface
from courseware.library import Library
from courseware.markdown import RENDERER, post_html
from courseware.module import Module
from lti_tool.directory.model import (
    Course,
    Deployment,
    RegistrationRow,
    ResourceLink,
    User,
)
from lti_tool.discussion import (
    counts,
    discussions,
    presenter,
    queries,
    search,
    search_words,
    service,
)
from lti_tool.discussion.model import Post
from lti_tool.discussion.permissions import permissions_of
from lti_tool.discussion.service import Draft
from lti_tool.sessions.current import CurrentSession
from lti_tool.settings import Settings, load
from lti_tool.storage import migrations
from lti_tool.storage.database import Database, now

SIZES = [int(size) for size in os.environ.get("GROWTH_SIZES", "1000 10000 100000 1000000").split()]
USERS = 200
REPEATS = 60
_BATCH = 5000
TEXT = "En mi pueblo lo hicimos al revés: primero la **escuela**, luego la caja de ahorros."
LANGUAGES = ("es", "es", "es", "fr", "fr", "pt", "qu", None)


def main() -> None:
    """Measure, and print a table for each engine."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engines = [("SQLite", f"sqlite:///{folder / 'growth.db'}")]
        url = stack.enter_context(servers.postgresql())
        if url is not None:
            engines.append(("PostgreSQL", url))
        for name, engine_url in engines:
            rows = list(_measure_engine(engine_url, folder))
            print_table(
                f"growth: {name}, one request without HTTP",
                ("", "posts", "CPU ms", "time ms", "statements"),
                rows,
            )


def _measure_engine(url: str, folder: Path) -> Iterator[tuple[str, ...]]:
    settings = load(
        {
            "MINGA_DATABASE_URL": url,
            "MINGA_DATA_DIR": str(folder),
            "MINGA_SECRET_KEY": "a secret for the benchmark only, long enough",
            "MINGA_POSTS_PER_MINUTE": "10000",
        }
    )
    database = Database(settings.database_url)
    try:
        migrations.upgrade(database)
        module = next(each for each in Library(settings.content_dir).modules() if each.questions)
        links, users = _create_directory(database, module, len(SIZES))
        taken = []
        for link, size in zip(links, SIZES, strict=True):
            _fill(database, module, link, users, size)
            taken.append((size, link))
        filling.analyze(database)
        for name, action in _actions(database, settings, module).items():
            for size, link in taken:
                launch_session = _session(link, users[0])
                yield name, f"{size:,}", *_measured(database, partial(action, launch_session))
    finally:
        database.close()


def _actions(
    database: Database, settings: Settings, module: Module
) -> dict[str, Callable[[CurrentSession], object]]:
    page = pages.build(module, "es", media=str)
    ui = interface("es")

    def view(**arguments: str) -> Callable[[CurrentSession], object]:
        def read(launch_session: CurrentSession) -> object:
            with database.read_core() as connection:
                return presenter.present(
                    connection, settings, launch_session, module, page, ui, arguments
                )

        return read

    def poll(launch_session: CurrentSession) -> object:
        with database.read_core() as connection:
            state = discussions.find(connection, launch_session, module)
            assert state.id is not None
            after = state.latest_sequence - 5
            return counts.count_new(connection, state.id, after, user_id=launch_session.user_id)

    def found(query: str, **options: Any) -> Callable[[CurrentSession], object]:
        terms = search_words.parse_query(query).terms

        def read(launch_session: CurrentSession) -> object:
            with database.read_core(in_transaction=True) as connection:
                state = discussions.find(connection, launch_session, module)
                assert state.id is not None
                scope = queries.Scope(state.id, user_id=launch_session.user_id)
                latest = state.latest_sequence
                return search.find(connection, scope, terms, latest=latest, **options)

        return read

    def post(launch_session: CurrentSession) -> object:
        permissions = permissions_of(launch_session, module)
        draft = Draft(TEXT, secrets.token_hex(8), language="es")
        return service.create_post(database, settings, launch_session, permissions, module, draft)

    question = module.questions[0].id
    return {
        "page by activity": view(),
        "page, newest first": view(sort="newest"),
        "page in one language": view(posts="qu"),
        "page in three languages": view(posts="es,fr,und"),
        "page, language and question": view(posts="pt", on=question),
        "own posts": view(by="me"),
        "search: a word that all have": found("pueblo"),
        "search: two such words, one language": found("caja escuela", languages=["qu"]),
        "search: a word that one in 500 has": found("xochitl"),
        "search: a word of the oldest post": found("primerisimo"),
        "search: a word that nobody has": found("zzz"),
        "poll": poll,
        "post": post,
    }


def _measured(database: Database, action: Callable[[], object]) -> tuple[str, str, str]:
    for _ in range(5):
        action()
    cpu, clock = [], []
    with _counted(database) as statements:
        action()
    for _ in range(REPEATS):
        begun, started = time.process_time(), time.perf_counter()
        action()
        cpu.append(time.process_time() - begun)
        clock.append(time.perf_counter() - started)
    return f"{median(cpu) * 1000:.2f}", f"{median(clock) * 1000:.2f}", str(len(statements))


@contextmanager
def _counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)


def _create_directory(
    database: Database, module: Module, number: int
) -> tuple[list[int], list[int]]:
    """Return the ids of ``number`` resource links and of the users."""
    with database.write() as session:
        registration = RegistrationRow(
            issuer="https://lms.example.org",
            client_id="growth",
            name="Campus",
            authorization_endpoint="https://lms.example.org/auth",
            jwks_uri="https://lms.example.org/jwks",
            created_at=now(),
        )
        session.add(registration)
        session.flush()
        users = [
            User(
                registration_id=registration.id,
                subject=f"user-{each}",
                name=f"Person {each}",
                created_at=now(),
            )
            for each in range(USERS)
        ]
        deployment = Deployment(
            registration_id=registration.id, deployment_id="1", created_at=now()
        )
        session.add_all([*users, deployment])
        session.flush()
        course = Course(deployment_id=deployment.id, context_id="c", created_at=now())
        session.add(course)
        session.flush()
        links = [
            ResourceLink(
                deployment_id=deployment.id,
                lti_resource_link_id=str(each),
                course_id=course.id,
                module_id=module.id,
                created_at=now(),
            )
            for each in range(number)
        ]
        session.add_all(links)
        session.flush()
        return [link.id for link in links], [user.id for user in users]


def _fill(database: Database, module: Module, link: int, users: list[int], size: int) -> None:
    """Insert threads and replies (half of the posts), in bulk, and count them."""
    html = post_html(TEXT)
    rare, oldest = html + post_html("Xochitl"), html + post_html("Primerísimo")
    with database.write() as session:
        discussion_id = discussions.find_or_create(session, link, module.id).id
    sequence = 0
    threads: list[int] = []
    questions = [question.id for question in module.questions]
    while sequence < size:
        number = min(_BATCH, max(size // 10, 1), size - sequence)
        rows = []
        for _ in range(number):
            sequence += 1
            thread = threads[sequence * 7919 % len(threads)] if threads and sequence % 2 else None
            rows.append(
                {
                    "discussion_id": discussion_id,
                    "thread_id": thread,
                    "reply_to_id": thread,
                    "author_id": users[sequence * 31 % USERS],
                    "author_name": f"Person {sequence * 31 % USERS}",
                    "author_role": "participant",
                    "question_id": None if thread else [*questions, None][sequence // 2 % 3],
                    "language": LANGUAGES[sequence // 3 % len(LANGUAGES)],
                    "sequence": sequence,
                    "draft_key": secrets.token_hex(8),
                    "created_at": now() - timedelta(minutes=size - sequence),
                    "renderer": RENDERER,
                    "source": TEXT,
                    "html": oldest if sequence == 1 else html if sequence % 500 else rare,
                }
            )
        with database.write() as session:
            session.execute(insert(Post), rows)
            threads = list(
                session.scalars(
                    select(Post.id)
                    .where(Post.discussion_id == discussion_id, Post.thread_id.is_(None))
                    .order_by(Post.id.desc())
                    .limit(_BATCH)
                )
            )
    filling.complete(database, discussion_id, users)


def _session(link: int, user: int) -> CurrentSession:
    return CurrentSession(
        id="growth",
        token="growth",
        token_sent=True,
        cookieless=False,
        registration_id=1,
        deployment_id=1,
        user_id=user,
        user_name="Person 0",
        user_kind="person",
        user_language=None,
        course_id=1,
        course_title=None,
        resource_link_id=link,
        resource_link_title=None,
        module_id=None,
        instructor=False,
        administrator=False,
        content_developer=False,
        own_record=True,
        guests="read",
        locale=None,
        return_url=None,
        frame_ancestors=(),
        message_type="LtiResourceLinkRequest",
        deep_linking=None,
    )


if __name__ == "__main__":
    main()
