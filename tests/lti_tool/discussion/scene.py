"""Fixture: a course whose activity shows the module "market", and users of its discussion."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from courseware.markdown import RENDERER
from courseware.module import Module
from courseware.parser import reader
from lti_tool.directory.model import (
    Course,
    Deployment,
    Membership,
    RegistrationRow,
    ResourceLink,
    User,
)
from lti_tool.discussion import service
from lti_tool.discussion.model import Post
from lti_tool.discussion.permissions import permissions_of
from lti_tool.discussion.service import Draft, PostResult
from lti_tool.sessions.current import CurrentSession, session_token
from lti_tool.sessions.model import LaunchSession
from lti_tool.sessions.service import load_session
from lti_tool.settings import Settings, load
from lti_tool.storage.database import Database, now
from tests.support.small_module import write_module

KEY = "k" * 40


@dataclass
class Scene:
    """Users are stored in the way a launch stores them."""

    database: Database
    settings: Settings
    module: Module
    registration_id: int
    deployment_id: int
    course_id: int
    resource_link_id: int

    def launch_session(
        self,
        name: str | None = "Ana Quispe",
        *,
        kind: str = "person",
        instructor: bool = False,
        guests: str = "post",
        user_id: int | None = None,
    ) -> CurrentSession:
        """A new session; a guest has no user until the first post."""
        with self.database.write() as session:
            if user_id is None and kind != "guest":
                user = User(
                    registration_id=self.registration_id,
                    subject=secrets.token_hex(8),
                    kind=kind,
                    name=name,
                    created_at=now(),
                )
                session.add(user)
                session.flush()
                user_id = user.id
            if user_id is not None and kind != "guest":
                role = "Instructor" if instructor else "Learner"
                session.merge(
                    Membership(
                        id=user_id,
                        course_id=self.course_id,
                        user_id=user_id,
                        roles=role,
                        created_at=now(),
                    )
                )
            session.get_one(RegistrationRow, self.registration_id).guests = guests
            launch_session = LaunchSession(
                id=secrets.token_urlsafe(12),
                registration_id=self.registration_id,
                deployment_id=self.deployment_id,
                user_id=user_id,
                course_id=self.course_id,
                resource_link_id=self.resource_link_id,
                message_type="LtiResourceLinkRequest",
                frame_ancestors="https://lms.example.org",
                created_at=now(),
                expires_at=now() + timedelta(hours=12),
            )
            session.add(launch_session)
        return self.reload(launch_session.id)

    def reload(self, session_id: str) -> CurrentSession:
        """The session as the next request reads it."""
        token = session_token(self.settings.secret_key, session_id)
        loaded = load_session(
            self.database, self.settings.secret_key, session_id, cookie=token, token=None
        )
        assert loaded is not None
        return loaded

    def post(
        self, launch_session: CurrentSession, text: str = "Hola a todas", **draft: Any
    ) -> Post:
        return self.posted(launch_session, text, **draft).post

    def edit(
        self, launch_session: CurrentSession, post: Post, text: str, language: str | None = None
    ) -> Post:
        return service.edit_post(
            self.database,
            self.settings,
            launch_session,
            permissions_of(launch_session, self.module),
            self.module,
            post.id,
            new_text=text,
            language=language,
        )

    def delete(self, launch_session: CurrentSession, post: Post) -> Post:
        return service.delete_post(self.database, launch_session, self.module, post.id)

    def count(self, table: type) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def posted(
        self, launch_session: CurrentSession, text: str = "Hola a todas", **draft: Any
    ) -> PostResult:
        given = {"draft_key": secrets.token_hex(8)} | draft
        return service.create_post(
            self.database,
            self.settings,
            launch_session,
            permissions_of(launch_session, self.module),
            self.module,
            Draft(text=text, **given),
        )

    def read(self, post_id: int) -> Post:
        with self.database.read() as session:
            return session.get_one(Post, post_id)

    def many(self, author: CurrentSession, rows: Sequence[dict[str, Any]]) -> list[int]:
        """Insert posts without the service; return their ids in order."""
        with self.database.write() as session:
            discussion = service.find_or_create(session, self.resource_link_id, self.module.id)
            common = {
                "discussion_id": discussion.id,
                "author_id": author.user_id,
                "author_name": author.user_name,
                "created_at": now(),
                "renderer": RENDERER,
                "source": "Hola",
                "html": "<p>Hola</p>",
                "language": "es",
            }
            posts = [Post(**{**common, "draft_key": secrets.token_hex(8), **row}) for row in rows]
            session.add_all(posts)
            session.flush()
            reply_counts: dict[int, int] = {}
            for post in posts:
                if post.thread_id is not None and post.status != "deleted":
                    reply_counts[post.thread_id] = reply_counts.get(post.thread_id, 0) + 1
            for first in session.scalars(select(Post).where(Post.id.in_(reply_counts))):
                first.reply_count += reply_counts[first.id]
            return [post.id for post in posts]


def make(database: Database, folder: Path, **changes: str) -> Scene:
    """A registered platform, a course, a resource link and a module folder."""
    content = folder / "content"
    module = reader.read(write_module(content))
    module = replace(module, discussion=replace(module.discussion, guests="post"))
    url = database.engine.url.render_as_string(hide_password=False)
    environ = {
        "MINGA_DATA_DIR": str(folder / "data"),
        "MINGA_CONTENT_DIR": str(content),
        "MINGA_DATABASE_URL": url,
        "MINGA_SECRET_KEY": KEY,
        "MINGA_POSTS_PER_MINUTE": "1000",
    }
    with database.write() as session:
        registration = RegistrationRow(
            issuer="https://lms.example.org",
            client_id="minga",
            name="Campus",
            authorization_endpoint="https://lms.example.org/auth",
            jwks_uri="https://lms.example.org/jwks",
            guests="post",
            created_at=now(),
        )
        session.add(registration)
        session.flush()
        deployment = Deployment(
            registration_id=registration.id, deployment_id="1", created_at=now()
        )
        session.add(deployment)
        session.flush()
        course = Course(deployment_id=deployment.id, context_id="c1", created_at=now())
        session.add(course)
        session.flush()
        resource_link = ResourceLink(
            deployment_id=deployment.id,
            lti_resource_link_id="rl1",
            course_id=course.id,
            module_id=module.id,
            created_at=now(),
        )
        session.add(resource_link)
        session.flush()
        ids = (registration.id, deployment.id, course.id, resource_link.id)
    return Scene(database, load({**environ, **changes}), module, *ids)


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """Record the SQL statements inside the block, without BEGIN and COMMIT."""
    seen: list[str] = []

    def record(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", record)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", record)
