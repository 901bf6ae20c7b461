"""Fixture: a discussion whose people get mail from a real SMTP server, and a clock to move."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from lti_tool.directory.model import Course, Membership, ResourceLink, User
from lti_tool.discussion import discussions
from lti_tool.discussion.model import Post
from lti_tool.notifications import (
    addresses,
    confirmation,
    delivery,
    digest_links,
    digests,
    expansion,
    letters,
    model,
    people,
    planning,
    server_state,
    service,
    tasks,
)
from lti_tool.notifications.choices import Choice
from lti_tool.notifications.model import Mailing, MailRecipient
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage import database as storage
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.discussion.scene import Scene
from tests.support.mail_server import MailServer

SOON = timedelta(minutes=6)
"""After this, posts are no longer gathered."""


class Clock:
    """The time that the outbox and the notices see: it begins on a Tuesday, at noon UTC."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        start = storage.now().replace(hour=12, minute=0) + timedelta(days=1)
        while start.weekday() != 1:
            start += timedelta(days=1)
        self.ahead = start - storage.now()
        for module in (
            outbox,
            expansion,
            planning,
            delivery,
            digests,
            digest_links,
            letters,
            model,
            server_state,
            people,
            service,
            confirmation,
            addresses,
        ):
            monkeypatch.setattr(module, "now", self.now)

    def now(self) -> datetime:
        return storage.now() + self.ahead

    def forward(self, **time: float) -> None:
        self.ahead += timedelta(**time)


@dataclass
class MailScene:
    """A discussion, its people and their mail."""

    scene: Scene
    server: MailServer
    clock: Clock
    handlers: dict[str, outbox.Handler] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.handlers = dict(tasks.handlers(self.scene.settings))

    @property
    def database(self) -> Database:
        return self.scene.database

    def person(
        self,
        name: str | None,
        email: str | None = None,
        *,
        locale: str = "en",
        instructor: bool = False,
        choice: Choice | None = None,
    ) -> CurrentSession:
        """A person of the course, who has opened the activity just now."""
        launch_session = self.scene.launch_session(name, instructor=instructor)
        with self.database.write() as session:
            user = session.get_one(User, launch_session.user_id)
            user.email, user.locale = email, locale
            session.execute(
                update(Membership)
                .where(Membership.user_id == user.id)
                .values(seen_at=self.clock.now())
            )
        if choice is not None:
            self.choose(launch_session, choice)
        return launch_session

    def choose(
        self,
        person: CurrentSession,
        choice: Choice | None,
        *,
        course: Choice | None = None,
        zone: str | None = None,
        hour: int = 7,
    ) -> None:
        preferences = service.Preferences(choice, course, zone, hour)
        service.save_preferences(self.database, person, self.scene.module, preferences)

    def activity(self, title: str, course: str | None = None) -> "MailScene":
        """The same people and server with another activity, in the same or in another course."""
        scene = self.scene
        with self.database.write() as session:
            found = session.get_one(Course, scene.course_id)
            if course is not None:
                found = Course(
                    deployment_id=scene.deployment_id,
                    context_id=course,
                    title=course,
                    created_at=self.clock.now(),
                )
                session.add(found)
                session.flush()
            link = ResourceLink(
                deployment_id=scene.deployment_id,
                lti_resource_link_id=title,
                course_id=found.id,
                title=title,
                module_id=scene.module.id,
                created_at=self.clock.now(),
            )
            session.add(link)
            session.flush()
            scene = replace(scene, course_id=found.id, resource_link_id=link.id)
        return MailScene(scene, self.server, self.clock)

    def enter(self, person: CurrentSession) -> CurrentSession:
        """The person with this activity open."""
        assert person.user_id is not None
        course_id = self.scene.course_id
        with self.database.write() as session:
            link = session.get_one(ResourceLink, self.scene.resource_link_id)
            course = session.get_one(Course, course_id)
            if course_id != person.course_id:
                session.merge(
                    Membership(
                        id=course_id * 10_000 + person.user_id,
                        course_id=course_id,
                        user_id=person.user_id,
                        roles="Instructor" if person.instructor else "Learner",
                        seen_at=self.clock.now(),
                        created_at=self.clock.now(),
                    )
                )
            return replace(
                person,
                course_id=course_id,
                course_title=course.title,
                resource_link_id=link.id,
                resource_link_title=link.title,
            )

    def post(self, author: CurrentSession, text: str = "Hola a todas", **draft: Any) -> Post:
        return self.scene.post(author, text, **draft)

    def work(self) -> int:
        """Do what is due."""
        return outbox.drain(self.database, self.handlers)

    def work_soon(self) -> None:
        """Expand the posts, and let the time pass in which posts are gathered."""
        self.work()
        self.clock.ahead += SOON
        self.work()

    def discussion_id(self) -> int:
        with self.database.write() as session:
            return discussions.find_or_create(
                session, self.scene.resource_link_id, self.scene.module.id
            ).id

    def recipient(self, person: CurrentSession) -> MailRecipient:
        with self.database.read() as session:
            return session.get_one(MailRecipient, person.user_id)

    def mailings(self) -> list[Mailing]:
        with self.database.read() as session:
            return list(session.scalars(select(Mailing).order_by(Mailing.id)))

    def tasks(self, kind: str) -> list[OutboxRow]:
        with self.database.read() as session:
            return list(session.scalars(select(OutboxRow).where(OutboxRow.kind == kind)))

    def change_membership(self, person: CurrentSession, **values: Any) -> None:
        with self.database.write() as session:
            session.execute(
                update(Membership).where(Membership.user_id == person.user_id).values(**values)
            )


__all__ = ["SOON", "Clock", "MailScene", "now"]
