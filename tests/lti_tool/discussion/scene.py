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
from lti_tool.commands.shared import Operator
from lti_tool.directory.learner_counts import count_learners
from lti_tool.directory.model import (
    Course,
    Deployment,
    Membership,
    RegistrationRow,
    ResourceLink,
    User,
)
from lti_tool.directory.sort_names import sort_name
from lti_tool.discussion import discussions, service, writer
from lti_tool.discussion.discussions import DiscussionState
from lti_tool.discussion.model import Post
from lti_tool.discussion.permissions import Permissions, permissions_of
from lti_tool.discussion.queries import Scope
from lti_tool.discussion.service import Draft, PostResult
from lti_tool.discussion.settings import DiscussionSettings
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

    @property
    def operator(self) -> Operator:
        """The context of a command of ``lti-tool`` with this database."""
        operator = Operator()
        operator.__dict__ |= {"settings": self.settings, "ready_database": self.database}
        return operator

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
                uri = "Instructor" if instructor else "Learner"
                role = "test" if kind == "test" else uri.casefold()
                before = session.get(Membership, user_id)
                change = (role == "learner") - (before is not None and before.role == "learner")
                count_learners(session, self.course_id, change)
                session.merge(
                    Membership(
                        id=user_id,
                        course_id=self.course_id,
                        user_id=user_id,
                        role=role,
                        roles=uri,
                        sort_name=sort_name(name),
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

    def state(self, launch_session: CurrentSession) -> DiscussionState:
        with self.database.read_core() as connection:
            return discussions.find(connection, launch_session, self.module)

    def permissions(self, launch_session: CurrentSession) -> Permissions:
        return permissions_of(launch_session, self.module, self.state(launch_session))

    def scope(self, launch_session: CurrentSession) -> Scope:
        state = self.state(launch_session)
        permissions = permissions_of(launch_session, self.module, state)
        assert state.id is not None
        return Scope(
            state.id,
            user_id=launch_session.user_id,
            groups=permissions.groups,
            moderate=permissions.moderate,
            pinned=state.pinned,
        )

    def settings_are(self, **changes: Any) -> DiscussionSettings:
        """Change the settings of the discussion, as an instructor does."""
        instructor = self.launch_session("Pilar", instructor=True)
        return discussions.change_settings(self.database, instructor, self.module, **changes)

    def set(self, post_id: int, **values: Any) -> None:
        """Change columns of a post, as moderation does."""
        with self.database.write() as session:
            post = session.get_one(Post, post_id)
            discussion = writer.lock(session, post.discussion_id)
            writer.change(session, discussion, post, **values)

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
            self.permissions(launch_session),
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
            self.permissions(launch_session),
            self.module,
            Draft(text=text, **given),
        )

    def read(self, post_id: int) -> Post:
        with self.database.read() as session:
            return session.get_one(Post, post_id)

    def many(self, author: CurrentSession, rows: Sequence[dict[str, Any]]) -> list[int]:
        """Insert posts without the service; return their ids in order."""
        with self.database.write() as session:
            discussion = discussions.find_or_create(session, self.resource_link_id, self.module.id)
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
            for post in posts:
                writer.add(session, discussion, post)
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
    ids = add_platform(database, "https://lms.example.org", "Campus", module.id, guests="post")
    return Scene(database, load({**environ, **changes}), module, *ids)


def add_platform(
    database: Database, issuer: str, name: str, module_id: str, **columns: Any
) -> tuple[int, int, int, int]:
    """A platform with one activity: ids of registration, deployment, course and resource link.

    ``columns``: of the registration.
    """
    with database.write() as session:
        registration = RegistrationRow(
            issuer=issuer,
            client_id="minga",
            name=name,
            authorization_endpoint=f"{issuer}/auth",
            jwks_uri=f"{issuer}/jwks",
            created_at=now(),
            **columns,
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
        link = ResourceLink(
            deployment_id=deployment.id,
            lti_resource_link_id="rl1",
            course_id=course.id,
            module_id=module_id,
            created_at=now(),
        )
        session.add(link)
        session.flush()
        return registration.id, deployment.id, course.id, link.id


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
