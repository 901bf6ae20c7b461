"""Reading a roster of 20,000 people: time, CPU, memory and SQL statements, on both engines.

The memory is the largest that the process has had so far: if it does not grow from 2,000 members to
20,000, it does not depend on their number.

A platform in a process of its own sends pages of 50 members, as Canvas does. The roster is read
three times by the tool's own task: into an empty course, again unchanged, and with one tenth of the
members replaced. ``ROSTER_SIZES`` overrides the numbers of members.
"""

import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import event, func, insert, select

from benchmarks import servers
from benchmarks.services import Service, cpu_seconds, running_platform
from benchmarks.tables import print_table
from lti_tool.directory import registrations as directory
from lti_tool.directory.model import Course, Deployment, Membership
from lti_tool.lti.registration import Registration
from lti_tool.roster import refresh
from lti_tool.settings import Settings, load
from lti_tool.storage import migrations
from lti_tool.storage.database import Database, now

SIZES = [int(size) for size in os.environ.get("ROSTER_SIZES", "2000 20000").split()]
PAGE = 50


def main() -> None:
    """Measure, and print a table for each engine."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engines = [("SQLite", f"sqlite:///{folder / 'roster.db'}")]
        url = stack.enter_context(servers.postgresql())
        if url is not None:
            engines.append(("PostgreSQL", url))
        platform = stack.enter_context(running_platform(_Roster))
        for name, engine_url in engines:
            print_table(
                f"roster: {name}, pages of {PAGE} members",
                ("read", "members", "s", "CPU s", "peak RSS MB", "statements per page"),
                list(_measure(engine_url, folder, platform)),
            )


def _measure(url: str, folder: Path, platform: str) -> Iterator[tuple[str, ...]]:
    settings = load(
        {
            "MINGA_DATABASE_URL": url,
            "MINGA_DATA_DIR": str(folder),
            "MINGA_SECRET_KEY": "a secret for the benchmark only, long enough",
            "MINGA_ALLOW_PRIVATE_PLATFORMS": "yes",
        }
    )
    database = Database(settings.database_url)
    migrations.upgrade(database)
    registration_id = directory.register(
        database,
        Registration(
            issuer=platform,
            client_id="bench",
            authorization_endpoint=f"{platform}/auth",
            token_endpoint=f"{platform}/token",
            jwks_uri=f"{platform}/jwks",
        ),
    )
    with database.write_core() as connection:
        row = {"registration_id": registration_id, "deployment_id": "1", "created_at": now()}
        deployment = connection.execute(insert(Deployment).returning(Deployment.id), row).scalar()
    for size in SIZES:
        for read, first in (("first", 0), ("unchanged", 0), ("one tenth new", size // 10)):
            members_url = f"{platform}/members/{size}/{first}"
            course = _course(database, deployment, f"course-{size}", members_url)
            yield _read(settings, database, course, read, size)
    database.close()


def _course(database: Database, deployment: int | None, context: str, url: str) -> int:
    with database.write() as session:
        found = session.scalars(select(Course).where(Course.context_id == context)).first()
        if found is None:
            found = Course(deployment_id=deployment, context_id=context, created_at=now())
            session.add(found)
        found.memberships_url = url
        session.flush()
        return found.id


def _read(
    settings: Settings, database: Database, course: int, read: str, size: int
) -> tuple[str, ...]:
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(database.engine, "before_cursor_execute", count)
    began, cpu = time.perf_counter(), cpu_seconds()
    refresh.refresh(settings, database, {"course": course})
    seconds, cpu = time.perf_counter() - began, cpu_seconds() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    event.remove(database.engine, "before_cursor_execute", count)
    with database.read() as session:
        active = select(func.count()).where(
            Membership.course_id == course, Membership.ended_at.is_(None)
        )
        assert session.scalar(active) == size, "not every member was read"
    pages = -(-size // PAGE)
    return (
        read,
        f"{size:,}",
        f"{seconds:.1f}",
        f"{cpu:.1f}",
        f"{peak:.0f}",
        (f"{statements / pages:.1f}"),
    )


class _Roster(Service):
    """Lists ``/…/<number of members>/<number of the first>`` in pages."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        _, _, size, first = parts.path.split("/")
        page = int(parse_qs(parts.query).get("page", ["0"])[0])
        start, end = page * PAGE, min((page + 1) * PAGE, int(size))
        members = [_member(int(first) + number) for number in range(start, end)]
        url = f"http://{self.headers['Host']}{parts.path}?page={page + 1}"
        self.answer({"members": members}, f'<{url}>; rel="next"' if end < int(size) else "")


def _member(number: int) -> dict[str, object]:
    return {
        "user_id": f"user-{number}",
        "status": "Active",
        "name": f"Participant {number}",
        "email": f"participant-{number}@example.org",
        "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
    }
