"""CPU time of the module page with its discussion, for reading and writing.

The first page of discussions with 1,000 and 10,000 posts: 20 threads, without replies (20 posts)
and with two replies each (60 posts), for users who were here before and have unread posts. Requests
accept compression and have the session cookie.
"""

import os
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from statistics import median
from urllib.parse import urlsplit

from sqlalchemy import insert, select

from benchmarks import filling, servers
from benchmarks.client import build_request, send_all
from benchmarks.launching import Platform, launch_sessions, running
from benchmarks.servers import Server
from benchmarks.tables import Sample, alternating, print_table, spread
from courseware.markdown import RENDERER, post_html
from lti_tool.directory.model import ResourceLink, User
from lti_tool.discussion.model import Discussion, Post
from lti_tool.sessions.current import session_token
from lti_tool.storage.database import Database, now

ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "7"))
REQUESTS = 100
"""In each round, for each contender."""
MODULE = "module-4"
SECRET = "a secret for the benchmark only, long enough"
USERS = 40
THREADS_SHOWN = 20

TEXTS = (
    ("pt", "Na nossa cooperativa cada sócia tem **um voto**. Isso muda o que se decide."),
    ("es", "En mi pueblo lo hicimos al revés: primero la escuela,\n\nluego la caja de ahorros."),
    ("fr", "Je me demande comment on partage les excédents quand tout le monde n'a pas travaillé "
     "autant. Voir [les principes](https://www.ica.coop/en)."),
    ("en", "Two things helped us:\n\n- a meeting every month\n- minutes that *anybody* can read"),
)  # fmt: skip
HTML = {source: post_html(source) for _, source in TEXTS}


def main() -> None:
    """Measure, and print the table."""
    with ExitStack() as stack:
        contenders = _contenders(stack, stack.enter_context(running()))
        samples = alternating([measure for _, measure in contenders], ROUNDS)
    rows = []
    for (name, _), taken in zip(contenders, samples, strict=True):
        rate = median(sample.rate for sample in taken)
        store = median(sample.store_ms for sample in taken)
        rows.append(
            (
                name,
                spread([sample.cpu_ms for sample in taken]),
                f"{store:.2f}" if store else "",
                f"{rate:.0f}",
            )
        )
    print_table(
        f"module_page: one request, {servers.WORKERS} workers of {servers.THREADS} threads",
        ("", "CPU ms, median (range)", "PostgreSQL ms", "requests/s"),
        rows,
    )


def _contenders(stack: ExitStack, platform: Platform) -> list[tuple[str, Callable[[], Sample]]]:
    hello = stack.enter_context(servers.peer("hello", "benchmarks.hello:app"))
    contenders = [
        ("minimal Flask application", _asking(hello, [build_request("GET", "/hello", hello.port)]))
    ]
    settings = {"secret_key": SECRET, "posts_per_minute": "10000"}
    tools = [("SQLite", stack.enter_context(servers.tool("sqlite", **settings)))]
    url = stack.enter_context(servers.postgresql())
    if url is not None:
        tool = servers.tool("postgresql", database_url=url, **settings)
        tools.append(("PostgreSQL", stack.enter_context(tool)))
    for engine, tool in tools:
        platform.register(tool)
        for resource_link, (posts, replies) in enumerate(
            ((1000, 0), (10_000, 0), (1000, 2), (10_000, 2)), 1
        ):
            launched = opened(platform, tool, resource_link)
            database = tool.database()
            fill(database, resource_link, posts, replies)
            filling.analyze(database)
            database.close()
            shown = THREADS_SHOWN * (1 + replies)
            reading = [_reading(tool, launch_session, token) for launch_session, token in launched]
            name = f"{engine}: read, {shown} posts of {posts:,}"
            contenders.append((name, _asking(tool, reading)))
        for resource_link, posts in ((5, 1000), (6, 10_000)):
            launched = opened(platform, tool, resource_link)
            database = tool.database()
            fill(database, resource_link, posts, 0)
            filling.analyze(database)
            database.close()
            contenders.append((f"{engine}: write, among {posts:,}", _posting(tool, launched)))
    return contenders


def opened(platform: Platform, tool: Server, resource_link: int) -> list[tuple[str, str]]:
    """Launch a resource link for each user; return the ids and tokens of the sessions."""
    target = f"{tool.url}/m/{MODULE}"
    found = [
        launch_sessions(platform, tool, target, [user], resource_link)[0] for user in range(USERS)
    ]
    ids = [urlsplit(response.location).path.split("/")[2] for response in found]
    return [(session_id, session_token(SECRET, session_id)) for session_id in ids]


def fill(database: Database, resource_link: int, posts: int, replies: int) -> None:
    """Fill the discussion of a resource link; the newest threads have ``replies`` replies."""
    with database.write() as session:
        link = session.scalars(
            select(ResourceLink).where(ResourceLink.lti_resource_link_id == str(resource_link))
        ).one()
        discussion = Discussion(resource_link_id=link.id, module_id=MODULE, created_at=now())
        session.add(discussion)
        session.flush()
        users = session.execute(select(User.id, User.name).order_by(User.id)).all()
        rows = [_row(discussion.id, number, *users[number % len(users)]) for number in range(posts)]
        first_posts = posts - THREADS_SHOWN * replies
        session.execute(insert(Post), rows[:first_posts])
        if replies:
            newest = session.scalars(
                select(Post.id)
                .where(Post.discussion_id == discussion.id)
                .order_by(Post.id.desc())
                .limit(THREADS_SHOWN)
            ).all()
            for number, row in enumerate(rows[first_posts:]):
                row["thread_id"] = row["reply_to_id"] = newest[number % THREADS_SHOWN]
            session.execute(insert(Post), rows[first_posts:])
        discussion_id = discussion.id
    filling.complete(database, discussion_id, [user for user, _ in users])


def _row(discussion: int, number: int, author: int, name: str) -> dict[str, object]:
    language, source = TEXTS[number % len(TEXTS)]
    return {
        "discussion_id": discussion,
        "author_id": author,
        "author_name": name,
        "author_role": "participant",
        "language": language,
        "language_source": "author",
        "draft_key": secrets.token_hex(8),
        "created_at": now() - timedelta(days=30) + timedelta(minutes=number),
        "sequence": number + 1,
        "renderer": RENDERER,
        "source": source,
        "html": HTML[source],
    }


def _reading(tool: Server, launch_session: str, token: str) -> bytes:
    return build_request("GET", f"/l/{launch_session}/", tool.port, cookies={"minga": token})


def _asking(server: Server, requests: list[bytes]) -> Callable[[], Sample]:
    several = [requests[number % len(requests)] for number in range(REQUESTS)]
    return lambda: _sample(server, several, 200)


def _posting(tool: Server, opened: list[tuple[str, str]]) -> Callable[[], Sample]:
    """Publish as the script does: the response is only the new post."""

    def measure() -> Sample:
        requests = []
        for number in range(REQUESTS):
            launch_session, token = opened[number % len(opened)]
            form = {
                "token": token,
                "draft_key": secrets.token_urlsafe(18),
                "question": "",
                "reply_to": "",
                "text": TEXTS[number % len(TEXTS)][1],
                "language": "",
            }
            requests.append(
                build_request(
                    "POST",
                    f"/l/{launch_session}/post",
                    tool.port,
                    form=form,
                    cookies={"minga": token},
                    headers={"X-Minga-Fragment": "1"},
                )
            )
        return _sample(tool, requests, 201)

    return measure


def _sample(server: Server, requests: list[bytes], status: int) -> Sample:
    store, before = server.store_seconds(), server.cpu_seconds()
    _, clock = send_all(server.port, requests, status)
    cpu = server.cpu_seconds() - before
    return Sample(cpu, clock, len(requests), server.store_seconds() - store)
