"""Sending 10,000 scores: seconds, and CPU time for each, on both engines.

A platform in a process of its own answers at once. Each person has one grade in one column; the
tool's own task sends them in its turns, as the worker calls it: the grade in the LMS is read, the
score is sent, and what the LMS made of it is read back. ``SCORES`` overrides the number.
"""

import json
import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import func, insert, select

from benchmarks import servers
from benchmarks.services import Service, cpu_seconds, running_platform
from benchmarks.tables import print_table
from lti_tool.directory import registrations as directory
from lti_tool.directory.model import Course, Deployment, Membership, ResourceLink, User
from lti_tool.gradebook import sending, tasks
from lti_tool.gradebook.activities import queue
from lti_tool.gradebook.model import Grade, GradeColumn
from lti_tool.lti.registration import Registration
from lti_tool.settings import load
from lti_tool.storage import migrations
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox

NUMBER = int(os.environ.get("SCORES", "10000"))
assert sending, "imported here, because the worker imports it with the first score"


def main() -> None:
    """Measure, and print a table."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engines = [("SQLite", f"sqlite:///{folder / 'scores.db'}")]
        url = stack.enter_context(servers.postgresql())
        if url is not None:
            engines.append(("PostgreSQL", url))
        platform = stack.enter_context(running_platform(_Scores))
        print_table(
            f"scores: {NUMBER:,} scores of one column, one worker",
            ("engine", "s", "per second", "CPU ms each"),
            [_measure(name, engine_url, folder, platform) for name, engine_url in engines],
        )


def _measure(name: str, url: str, folder: Path, platform: str) -> tuple[str, ...]:
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
    _fill(database, platform, f"{platform}/{name}/items")
    handlers = tasks.handlers(settings)
    began, cpu = time.perf_counter(), cpu_seconds()
    while outbox.drain(database, handlers):
        pass
    seconds, cpu = time.perf_counter() - began, cpu_seconds() - cpu
    with database.read() as session:
        sent = session.scalar(select(func.count()).where(Grade.state == "sent"))
    database.close()
    assert sent == NUMBER, "not every score was sent"
    return name, f"{seconds:.0f}", f"{NUMBER / seconds:.0f}", f"{1000 * cpu / NUMBER:.2f}"


def _fill(database: Database, platform: str, line_items: str) -> None:
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
    moment = now()
    with database.write() as session:
        deployment = Deployment(
            registration_id=registration_id, deployment_id="1", created_at=moment
        )
        session.add(deployment)
        session.flush()
        course = Course(deployment_id=deployment.id, context_id="c", created_at=moment)
        session.add(course)
        session.flush()
        link = ResourceLink(
            deployment_id=deployment.id,
            course_id=course.id,
            lti_resource_link_id="r",
            line_items_url=line_items,
            line_item_url=f"{line_items}/1",
            created_at=moment,
        )
        session.add(link)
        session.flush()
        column = GradeColumn(
            resource_link_id=link.id,
            kind="activity",
            maximum=10,
            line_item_url=f"{line_items}/1",
            line_item_maximum=10,
        )
        session.add(column)
        session.flush()
        users = [
            {
                "registration_id": registration_id,
                "subject": str(number),
                "kind": "person",
                "created_at": moment,
            }
            for number in range(NUMBER)
        ]
        session.execute(insert(User), users)
        ids = session.scalars(select(User.id).order_by(User.id)).all()
        session.execute(
            insert(Membership),
            [
                {"course_id": course.id, "user_id": id_, "role": "learner", "created_at": moment}
                for id_ in ids
            ],
        )
        session.execute(
            insert(Grade),
            [
                {
                    "column_id": column.id,
                    "user_id": id_,
                    "points": id_ % 11,
                    "maximum": 10.0,
                    "state": "waiting",
                    "due_at": moment,
                }
                for id_ in ids
            ],
        )
        queue(session, column.id)


class _Scores(Service):
    """Takes scores, and gives them back as results."""

    grades: ClassVar[dict[tuple[str, str], float]] = {}

    def do_POST(self) -> None:
        if self.path == "/token":
            super().do_POST()
            return
        score = json.loads(self.read_body())
        self.grades[self.path.split("/")[1], score["userId"]] = score["scoreGiven"]
        self.answer({})

    def do_GET(self) -> None:
        subject = parse_qs(urlsplit(self.path).query)["user_id"][0]
        points = self.grades.get((self.path.split("/")[1], subject))
        result = {"userId": subject, "resultScore": points, "resultMaximum": 10}
        self.answer([] if points is None else [result])
