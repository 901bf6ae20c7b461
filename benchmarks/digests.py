"""Daily digests for 1,000 and 10,000 people: time, CPU, memory and SQL statements, on both engines.

Everyone in a course has chosen a daily digest of one discussion. Twenty posts are published and
planned by the tool's own tasks, then all digests are written and stored as sent. The messages are
made, and not transmitted. The memory is the largest that the process has had so far: if it does not
grow from 1,000 people to 10,000, it does not depend on their number. ``DIGEST_SIZES`` overrides the
numbers of people.
"""

import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event, insert, select, update

from benchmarks import growth, servers
from benchmarks.tables import print_table
from courseware.library import Library
from lti_tool.discussion.model import Discussion, Post
from lti_tool.mail.messages import make_message
from lti_tool.notifications import digests
from lti_tool.notifications.delivery import Delivery
from lti_tool.notifications.expansion import expand
from lti_tool.notifications.letters import NoticeLetter
from lti_tool.notifications.model import Digest, Subscription, due_key
from lti_tool.settings import Settings, load
from lti_tool.storage import migrations
from lti_tool.storage.database import Database, now

SIZES = [int(size) for size in os.environ.get("DIGEST_SIZES", "1000 10000").split()]
POSTS = 20


class _Unsent(Delivery):
    """Makes the messages, and transmits nothing."""

    size = 0

    def send(self, notice: NoticeLetter, address: str) -> None:
        assert self._sender is not None
        message = make_message(
            notice.letter,
            sender=self._sender,
            sender_name=notice.sender_name,
            recipient=address,
            sent_at=now(),
        )
        self.size += len(bytes(message))


def main() -> None:
    """Measure, and print a table for each engine."""
    with ExitStack() as stack:
        for name in ("SQLite", "PostgreSQL"):
            rows = [row for size in SIZES for row in _measure(name, size, stack)]
            if rows:
                print_table(
                    f"digests: {name}, {POSTS} posts",
                    ("", "people", "s", "CPU ms each", "statements each", "peak RSS MB"),
                    rows,
                )


def _measure(engine: str, people: int, stack: ExitStack) -> Iterator[tuple[str, ...]]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    url: str | None = f"sqlite:///{folder / 'digests.db'}"
    if engine == "PostgreSQL":
        url = stack.enter_context(servers.postgresql())
    if url is None:
        return
    settings = load(
        {
            "MINGA_DATABASE_URL": url,
            "MINGA_DATA_DIR": str(folder),
            "MINGA_SECRET_KEY": growth.SECRET,
            "MINGA_PUBLIC_URL": "https://minga.example.org",
            "MINGA_SMTP_URL": "smtp://127.0.0.1:1",
            "MINGA_MAIL_FROM": "minga@example.org",
        }
    )
    database = Database(url)
    migrations.upgrade(database)
    posts = _prepare(database, settings, people)
    yield "the benchmark's own filling", f"{people:,}", "", "", "", _peak_rss()
    yield _timed(database, "planning a post", people, lambda: _plan(database, posts), POSTS)
    yield _timed(database, "a digest", people, lambda: _deliver(database, settings), people)
    database.close()


def _prepare(database: Database, settings: Settings, people: int) -> list[int]:
    """Fill a discussion, subscribe everyone, and return the ids of the posts."""
    module = next(each for each in Library(settings.content_dir).modules() if each.questions)
    links, users = growth.create_directory(database, module, 1, people)
    growth.fill(database, module, links[0], users[: growth.USERS], POSTS)
    with database.write() as session:
        discussion = session.scalars(select(Discussion.id)).one()
        rows = [
            {
                "user_id": user,
                "discussion_id": discussion,
                "choice": "daily",
                "changed_at": now() - timedelta(days=1),
            }
            for user in users
        ]
        session.execute(insert(Subscription), rows)
        session.execute(update(Post).values(created_at=now()))
        return list(session.scalars(select(Post.id).order_by(Post.id)))


def _plan(database: Database, posts: list[int]) -> None:
    for post in posts:
        expand(timedelta(0), database, {"post": post})


def _deliver(database: Database, settings: Settings) -> None:
    due_at = (now() - timedelta(minutes=1)).replace(microsecond=0)
    with database.write() as session:
        session.execute(update(Digest).values(due_at=due_at))
        waiting = list(session.scalars(select(Digest.id)))
    delivery = _Unsent(settings)
    for digest in waiting:
        digests.deliver(delivery, database, {"digest": digest, "due": due_key(due_at)})
    assert delivery.size > 1000 * len(waiting), "digests with posts"


def _timed(
    database: Database, name: str, people: int, act: Callable[[], None], number: int
) -> tuple[str, ...]:
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(database.engine, "before_cursor_execute", count)
    clock, cpu = time.perf_counter(), time.process_time()
    act()
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    event.remove(database.engine, "before_cursor_execute", count)
    return (
        name,
        f"{people:,}",
        f"{clock:.1f}",
        f"{cpu / number * 1000:.1f}",
        f"{statements / number:.1f}",
        _peak_rss(),
    )


def _peak_rss() -> str:
    """The largest size of this process so far, in MB."""
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}"


if __name__ == "__main__":
    main()
