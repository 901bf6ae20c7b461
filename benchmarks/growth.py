"""CPU, time and SQL statements of the discussion's pages while it grows, beside Isso.

Fills discussions of 1,000, 10,000, 100,000 and 1,000,000 posts on both engines (``GROWTH_SIZES``
overrides the sizes) and measures whole requests to the application, in this process and without a
WSGI server: the page, its filters and orders, the oldest page, the search, a poll, and a post, in
turn with a minimal Flask application. With PostgreSQL, the CPU time of its server process is listed
too. Posts are inserted in bulk and completed by ``filling``. Isso, which has SQLite only, answers
the same requests at the sizes up to 10,000.
"""

import json
import os
import secrets
import subprocess
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from sqlalchemy import event, insert, select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from benchmarks import filling, hello, servers
from benchmarks.client import BROWSER
from benchmarks.tables import print_table
from courseware.library import Library
from courseware.markdown import RENDERER, post_html
from courseware.module import Module
from lti_tool.app import create_app
from lti_tool.directory.model import (
    Course,
    Deployment,
    Membership,
    RegistrationRow,
    ResourceLink,
    User,
)
from lti_tool.discussion import discussions
from lti_tool.discussion.model import Post
from lti_tool.sessions.current import session_token
from lti_tool.sessions.model import LaunchSession
from lti_tool.settings import load
from lti_tool.storage import migrations
from lti_tool.storage.database import Database, now

SIZES = [int(size) for size in os.environ.get("GROWTH_SIZES", "1000 10000 100000 1000000").split()]
USERS = 200
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
ROUNDS = 6
REPEATS = 10
"""Requests of each kind in a round. Rounds go over all kinds and sizes in turn, so that a machine
that changes its speed changes all rows of a table."""
SECRET = "a secret for the benchmark only, long enough"
ISSO_VERSION = "0.14.0"
ISSO = Path(__file__).resolve().parents[1] / ".cache" / "benchmarks" / f"isso-{ISSO_VERSION}"
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
            if name == "SQLite":
                rows += _measure_isso(folder)
            print_table(
                f"growth: {name}, one request without an HTTP server",
                ("", "posts", "CPU ms", "PostgreSQL ms", "time ms", "statements"),
                rows,
            )


def _measure_engine(url: str, folder: Path) -> Iterator[tuple[str, ...]]:
    settings = load(
        {
            "MINGA_DATABASE_URL": url,
            "MINGA_DATA_DIR": str(folder),
            "MINGA_SECRET_KEY": SECRET,
            "MINGA_POSTS_PER_MINUTE": "10000",
        }
    )
    database = Database(settings.database_url)
    migrations.upgrade(database)
    module = next(each for each in Library(settings.content_dir).modules() if each.questions)
    links, users = create_directory(database, module, len(SIZES))
    for number, size in zip(links, SIZES, strict=True):
        fill(database, module, number, users, size)
    filling.analyze(database)
    database.close()
    app = create_app(settings)
    database = app.extensions["minga"].database
    try:
        reading, writing = (
            {
                (name, f"{size:,}"): partial(action, partial(_send, app, f"growth{number}"))
                for name, action in actions.items()
                for number, size in zip(links, SIZES, strict=True)
            }
            for actions in (_reading(module), {"post": _post})
        )
        floor = {("minimal Flask application", ""): _send_hello}
        measured = _measured(url, floor | reading) | _measured(url, writing)
        # After all measurements: an engine that has ever had a listener is slower.
        for row, request in (floor | reading | writing).items():
            with _counted(database) as statements:
                request()
            yield *row, *measured[row], str(len(statements))
    finally:
        database.close()


Row = tuple[str, str]
"""What is measured, and the number of posts."""
Send = Callable[..., str]
"""Sends a request: the path below the session's, and the query or form; returns the body."""


def _reading(module: Module) -> dict[str, Callable[[Send], object]]:
    def get(path: str = "", **query: str) -> Callable[[Send], object]:
        return lambda send: send(path, query=query)

    question = module.questions[0].id
    return {
        "page by activity": get(),
        "page, newest first": get(sort="newest"),
        "page, oldest first": get(sort="oldest"),
        "page in one language": get(posts="qu"),
        "page in three languages": get(posts="es,fr,und"),
        "page, language and question": get(posts="pt", on=question),
        "own posts": get(by="me"),
        "search: a word that all have": get("search", q="pueblo"),
        "search: two such words, one language": get("search", q="caja escuela", posts="qu"),
        "search: a word that one in 500 has": get("search", q="xochitl"),
        "search: a word of the oldest post": get("search", q="primerisimo"),
        "search: a word that nobody has": get("search", q="zzz"),
        "poll": get("poll", after="5"),
    }


def _post(send: Send) -> object:
    form = {"text": TEXT, "language": "es", "draft_key": secrets.token_hex(8)}
    return send("post", form=form)


def _send_hello() -> None:
    environ = EnvironBuilder(path="/hello").get_environ()
    run_wsgi_app(hello.app.wsgi_app, environ, buffered=True)


def _send(
    app: Flask,
    session_id: str,
    path: str,
    *,
    query: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
) -> str:
    token = session_token(SECRET, session_id)
    environ = EnvironBuilder(
        path=f"/l/{session_id}/{path}",
        method="POST" if form else "GET",
        query_string=query,
        data={"token": token, **form} if form else None,
        headers={
            "Cookie": f"minga={token}",
            "Accept-Encoding": BROWSER["Accept-Encoding"],
            **({"X-Minga-Fragment": "1"} if form else {}),
        },
    ).get_environ()
    parts, status, _ = run_wsgi_app(app.wsgi_app, environ, buffered=True)
    body = b"".join(parts)
    assert status.startswith(("200", "201")), status
    return str(len(body))


def _measured(
    url: str, requests: Mapping[Row, Callable[[], object]]
) -> dict[Row, tuple[str, str, str]]:
    for request in requests.values():
        for _ in range(5):
            request()
    times: dict[Row, list[tuple[float, float]]] = {row: [] for row in requests}
    stored = dict.fromkeys(requests, 0.0)
    for _ in range(ROUNDS):
        for row, request in requests.items():
            before = servers.backend_seconds(url)
            for _ in range(REPEATS):
                cpu, clock = time.process_time(), time.perf_counter()
                request()
                times[row].append((time.process_time() - cpu, time.perf_counter() - clock))
            stored[row] += servers.backend_seconds(url) - before
    return {row: _milliseconds(times[row], stored[row] / (ROUNDS * REPEATS)) for row in requests}


def _milliseconds(times: list[tuple[float, float]], stored: float = 0) -> tuple[str, str, str]:
    cpu, clock = (median(each) * 1000 for each in zip(*times, strict=True))
    return f"{cpu:.2f}", f"{stored * 1000:.1f}" if stored else "", f"{clock:.2f}"


def _measure_isso(folder: Path) -> Iterator[tuple[str, ...]]:
    python = ISSO / "bin" / "python"
    if not python.is_file():
        venv.create(ISSO, with_pip=True)
        command = [python, "-m", "pip", "install", "--quiet", f"isso=={ISSO_VERSION}"]
        subprocess.run(command, check=True)
    script = Path(__file__).with_name("peer_isso.py")
    for size in (size for size in SIZES if size <= 10_000):
        done = subprocess.run(
            [python, script, folder, TEXT, str(size), str(ROUNDS * REPEATS)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        for name, times in json.loads(done.stdout).items():
            yield f"Isso: {name}", f"{size:,}", *_milliseconds(times), ""


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


def create_directory(
    database: Database, module: Module, number: int, people: int = USERS
) -> tuple[list[int], list[int]]:
    """Return the ids of ``number`` resource links of a course and of its members."""
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
                email=f"person{each}@example.org",
                created_at=now(),
            )
            for each in range(people)
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
        session.add_all(
            Membership(
                course_id=course.id,
                user_id=user.id,
                roles=LEARNER,
                role="participant",
                created_at=now(),
                seen_at=now(),
            )
            for user in users
        )
        session.flush()
        session.add_all(
            LaunchSession(
                id=f"growth{link.id}",
                registration_id=registration.id,
                deployment_id=deployment.id,
                user_id=users[0].id,
                course_id=course.id,
                resource_link_id=link.id,
                message_type="LtiResourceLinkRequest",
                created_at=now(),
                expires_at=now() + timedelta(days=1),
            )
            for link in links
        )
        session.flush()
        return [link.id for link in links], [user.id for user in users]


def fill(database: Database, module: Module, link: int, users: list[int], size: int) -> None:
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
            session.execute(insert(Post), rows, execution_options={"render_nulls": True})
            threads = list(
                session.scalars(
                    select(Post.id)
                    .where(Post.discussion_id == discussion_id, Post.thread_id.is_(None))
                    .order_by(Post.id.desc())
                    .limit(_BATCH)
                )
            )
    filling.complete(database, discussion_id, users)


if __name__ == "__main__":
    main()
