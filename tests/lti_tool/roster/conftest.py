from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from lti_tool.directory.launch_record import record_launch
from lti_tool.directory.link_choice import LinkedModule
from lti_tool.directory.model import Membership, User
from lti_tool.lti.launch import LaunchUser
from lti_tool.lti.nrps import Member
from lti_tool.lti.roles import read_roles
from lti_tool.roster import members, queries
from lti_tool.roster.members import ReadResult, RosterRead
from lti_tool.storage.database import Database, now
from tests.lti_tool.launches.test_service import a_launch

COURSE_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def member(subject: str, *roles: str, **values: Any) -> Member:
    """A member as a roster lists it; without roles a learner."""
    user = {"name": None, "given_name": None, "family_name": None, "email": None, "locale": None}
    user |= {name: values.pop(name) for name in list(values) if name in user}
    roles = roles or ("Learner",)
    values = {"active": True} | values
    return Member(LaunchUser(subject, **user), read_roles(filter(None, roles)), **values)


@dataclass
class Scene:
    """A course whose roster is read and whose members launch."""

    database: Database
    registration_id: int
    course_id: int = 0
    result: ReadResult = ReadResult(listed=False)

    def launch(
        self, subject: str, *roles: str, own_record: bool = True, name: str | None = None
    ) -> int:
        """Launch from the course; return the user's id."""
        user = LaunchUser(subject, name, None, None, None, None)
        launch = a_launch(user=user, roles=read_roles(roles or ("Learner",)))
        with self.database.write_core() as connection:
            record = record_launch(
                connection,
                launch,
                self.registration_id,
                linked=LinkedModule(),
                own_record=own_record,
            )
        assert record.user_id is not None
        assert record.course_id is not None
        self.course_id = record.course_id
        return record.user_id

    def launched(self, subject: str, ago: timedelta) -> None:
        """Move the latest launch of a user into the past."""
        with self.database.write_core() as connection:
            user = select(User.id).where(User.subject == subject).scalar_subquery()
            connection.execute(
                update(Membership).where(Membership.user_id == user).values(seen_at=now() - ago)
            )

    def read(self, *pages: list[Member], complete: bool = True, **more: Any) -> bool:
        """Apply a roster, page by page."""
        read = RosterRead(self.registration_id, self.course_id, now(), **more)
        for page in pages:
            for some in members.chunks(page):
                with self.database.write_core() as connection:
                    members.apply_members(connection, read, some)
        if not complete:
            return False
        with self.database.write_core() as connection:
            self.result = members.finish(connection, read)
        return self.result.listed

    def stored(self) -> dict[str, tuple[str, str]]:
        """Role and status by subject."""
        with self.database.read() as session:
            rows = session.execute(
                select(User.subject, Membership.role, Membership.ended_at)
                .join(Membership, Membership.user_id == User.id)
                .where(Membership.course_id == self.course_id)
            )
            return {
                row.subject: (row.role, "inactive" if row.ended_at else "active") for row in rows
            }

    def user(self, subject: str) -> User:
        with self.database.read() as session:
            return session.scalars(select(User).where(User.subject == subject)).one()

    def sort_names(self) -> dict[str, str]:
        with self.database.read() as session:
            rows = session.execute(
                select(User.subject, Membership.sort_name).join(
                    Membership, Membership.user_id == User.id
                )
            )
            return {row.subject: row.sort_name for row in rows}

    def roles(self, subject: str) -> str:
        with self.database.read() as session:
            user = select(User.id).where(User.subject == subject).scalar_subquery()
            return session.scalars(select(Membership.roles).where(Membership.user_id == user)).one()

    def learners(self) -> int:
        with self.database.read() as session:
            counted = queries.learners_count(session, self.course_id)
            listed = queries.roster_of(session, self.course_id, role="learner", limit=10**6)
            assert counted == len(listed)
            return counted


@pytest.fixture
def scene(database: Database, registration_id: int) -> Scene:
    scene = Scene(database, registration_id)
    scene.launch("teacher", "Instructor")
    return scene
