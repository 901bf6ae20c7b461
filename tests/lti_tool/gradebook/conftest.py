"""A course with an activity whose grades go to a platform that misbehaves on request."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, select, text, update

from courseware.library import Library
from lti_tool.directory import platform_services
from lti_tool.directory import registrations as directory
from lti_tool.directory.cache_model import AccessTokenCacheEntry, ServicePause
from lti_tool.directory.model import Course, Deployment, Membership, ResourceLink, User
from lti_tool.directory.sort_names import sort_name
from lti_tool.discussion.discussions import find_or_create
from lti_tool.gradebook import changes, grading, rules, tasks
from lti_tool.gradebook.activities import columns_of, find_activity
from lti_tool.gradebook.model import Grade, GradeColumn
from lti_tool.gradebook.settings import GradeSettings, Requirement
from lti_tool.lti.registration import Registration
from lti_tool.settings import Settings, load
from lti_tool.storage.database import Database, Moment, now
from lti_tool.tasks import outbox
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.lti.local_server import LocalServer, serving
from tests.support import databases
from tests.support.gradebook_platform import GradebookPlatform

MANUAL = GradeSettings(method="manual", maximum=10)
OFF = Requirement(1, 0)
REPLIES = GradeSettings(
    method="participation",
    maximum=10,
    sections=OFF,
    questions=OFF,
    threads=OFF,
    replies=Requirement(1, 1),
)


@dataclass
class Gradebook:
    """A graded activity of module 4, and the people of its course."""

    settings: Settings
    database: Database
    platform: GradebookPlatform
    link_id: int
    course_id: int
    registration_id: int

    @cached_property
    def handlers(self) -> Mapping[str, outbox.Handler]:
        return tasks.handlers(self.settings)

    @cached_property
    def library(self) -> Library:
        return Library(self.settings.content_dir)

    def set(self, chosen: GradeSettings) -> None:
        """Decide what counts, as an instructor."""
        labels = {"activity": "Module 4", "first_post": "First", "replies": "Replies"}
        with self.database.write() as session:
            activity = find_activity(session, self.library, self.link_id)
            rules.save(session, activity, chosen, labels)

    def join(self, subject: str, role: str = "learner", kind: str = "person") -> int:
        """Add a person to the course."""
        with self.database.write() as session:
            user = User(
                registration_id=self.registration_id,
                subject=subject,
                kind=kind,
                name=subject.title(),
                created_at=now(),
            )
            session.add(user)
            session.flush()
            session.add(
                Membership(
                    course_id=self.course_id,
                    user_id=user.id,
                    role=role,
                    sort_name=sort_name(user.name),
                    created_at=now(),
                )
            )
            self.platform.learners |= {subject} if role == "learner" else set()
            return user.id

    def column(self, kind: str = "activity") -> GradeColumn:
        with self.database.read() as session:
            return columns_of(session, self.link_id)[kind]

    def grade(self, user_id: int, kind: str = "activity") -> Grade:
        column = self.column(kind)
        with self.database.read() as session:
            return session.get_one(Grade, (column.id, user_id))

    def give(
        self, user_id: int, points: float | None, comment: str = "", maximum: float = 10
    ) -> None:
        """Grade a person by hand."""
        with self.database.write() as session:
            column = session.scalars(
                select(GradeColumn).where(GradeColumn.kind == "activity")
            ).one()
            values: dict[str, Any] = {"points": points, "maximum": maximum, "comment": comment}
            grading.give(session, column, user_id, by=None, **values)

    def contribute(self, user_id: int) -> None:
        """Let a person write a post, whose counts the grades are computed from."""
        module = self.library.get("module-4")
        assert module is not None
        moment = now()
        with self.database.write() as session:
            discussion = find_or_create(session, self.link_id, module.id)
            session.connection().execute(
                text(
                    "INSERT INTO author_counts (discussion_id, user_id, anonymous, question_id, "
                    "threads, replies, first_at, latest_at) VALUES "
                    "(:discussion, :user, false, '', 1, 0, :at, :at) "
                    "ON CONFLICT DO NOTHING"
                ).bindparams(bindparam("at", type_=Moment)),
                {"discussion": discussion.id, "user": user_id, "at": moment},
            )
            changes.note(session, self.link_id, user_id)
        self.later(changes.DELAY)

    def work(self) -> int:
        """Let the worker do everything that is due."""
        return outbox.drain(self.database, self.handlers)

    def later(self, time: timedelta) -> None:
        """Let time pass: everything that waits for a moment comes nearer to it."""
        moments = (
            *((OutboxRow, "due_at"), (GradeColumn, "paused_until"), (Grade, "due_at")),
            (AccessTokenCacheEntry, "expires_at"),
        )
        with self.database.write() as session:
            for table, name in moments:
                column = getattr(table, name)
                for row in session.scalars(select(table).where(column.is_not(None))):
                    setattr(row, name, getattr(row, name) - time)
            session.execute(
                update(ServicePause).values(until=ServicePause.until - time.total_seconds())
            )

    def pass_time(self, hours: float, step: timedelta = timedelta(minutes=10)) -> None:
        """Let time pass, with a worker that is always there."""
        for number in range(int(timedelta(hours=hours) / step)):
            self.later(step)
            self.work()
            if number % 6 == 5:
                tasks.purge(self.settings, self.database)

    def open_tasks(self) -> list[OutboxRow]:
        return outbox.listed(self.database, status=None, kind=None, most=1000)


@pytest.fixture(scope="module")
def platform_server() -> Iterator[LocalServer]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("grades")
    with databases.sqlite_database(folder) as url, databases.opened(url) as database:
        yield database


@pytest.fixture
def book(platform_server: LocalServer, sqlite: Database, tmp_path: Path) -> Gradebook:
    """Graded by hand, on a platform of no known product."""
    return make_book(platform_server, databases.emptied(sqlite), tmp_path)


def make_book(
    server: LocalServer, database: Database, folder: Path, product: str = ""
) -> Gradebook:
    server.asked.clear()
    platform_services._tokens.clear()  # a test must not see which tokens another one renewed
    platform = GradebookPlatform(server, product)
    settings = load(
        {
            "MINGA_DATA_DIR": str(folder),
            "MINGA_PUBLIC_URL": "http://localhost",
            "MINGA_ALLOW_PRIVATE_PLATFORMS": "yes",
            "MINGA_SECRET_KEY": "k" * 40,
        }
    )
    registration_id = directory.register(
        database,
        Registration(
            issuer=server.url,
            client_id="minga",
            authorization_endpoint=f"{server.url}/auth",
            token_endpoint=f"{server.url}/token",
            jwks_uri=f"{server.url}/jwks",
            product=product or None,
        ),
    )
    with database.write() as session:
        deployment = Deployment(
            registration_id=registration_id, deployment_id="1", created_at=now()
        )
        session.add(deployment)
        session.flush()
        course = Course(deployment_id=deployment.id, context_id="c1", created_at=now())
        session.add(course)
        session.flush()
        link = ResourceLink(
            deployment_id=deployment.id,
            course_id=course.id,
            lti_resource_link_id="rl1",
            title="Módulo 4",
            module_id="module-4",
            line_items_url=platform.line_items_url,
            created_at=now(),
        )
        session.add(link)
        session.flush()
    book = Gradebook(settings, database, platform, link.id, course.id, registration_id)
    book.set(MANUAL)
    return book


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
