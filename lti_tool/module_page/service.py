"""Read and write the progress of each user in a module."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import IntegrityError

from courseware.module import Module
from lti_tool.module_page import events
from lti_tool.module_page.events import SectionRead
from lti_tool.module_page.model import Progress
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.service import guest_user
from lti_tool.storage.database import Database, now


@dataclass(frozen=True, slots=True)
class ProgressView:
    """Progress as shown on the page. ``resume``: the section to continue with, if any."""

    seen: frozenset[str]
    total: int
    done: int
    resume: str | None
    href: str
    token: str


_PROGRESS = select(Progress.seen, Progress.last_section).where(
    Progress.resource_link_id == bindparam("resource_link"),
    Progress.user_id == bindparam("user"),
    Progress.module_id == bindparam("module"),
)


def progress_of(
    connection: Connection, launch_session: CurrentSession, module: Module
) -> ProgressView:
    """Return the progress of the session's user in this module."""
    seen, last = "", None
    if launch_session.user_id is not None and launch_session.resource_link_id is not None:
        row = connection.execute(
            _PROGRESS,
            {
                "resource_link": launch_session.resource_link_id,
                "user": launch_session.user_id,
                "module": module.id,
            },
        ).first()
        seen, last = (row.seen, row.last_section) if row else ("", None)
    sections = [section.id for section in module.sections]
    seen_ids = frozenset(seen.split()) & frozenset(sections)
    resume = last if last in sections[1:] else None
    return ProgressView(
        seen=seen_ids,
        total=len(sections),
        done=len(seen_ids),
        resume=resume,
        href=f"{launch_session.path}progress",
        token=launch_session.token,
    )


def record_progress(
    database: Database,
    launch_session: CurrentSession,
    module: Module,
    section: str,
    *,
    seen: bool,
) -> bool:
    """Record the section where the session's user is; ``seen`` if its end was visible.

    False if there is no such section. Nothing is recorded for a test user, or for a user who acts
    as another one.
    """
    if (
        section not in {each.id for each in module.sections}
        or launch_session.resource_link_id is None
    ):
        return False
    if not launch_session.own_record:
        return True
    try:
        _record(database, launch_session, module, section, seen=seen)
    except IntegrityError:  # another request inserted the row at the same time
        _record(database, launch_session, module, section, seen=seen)
    return True


def _record(
    database: Database, launch_session: CurrentSession, module: Module, section: str, *, seen: bool
) -> None:
    with database.write() as session:
        user_id = guest_user(session, launch_session)
        row = session.scalars(
            select(Progress)
            .where(
                Progress.resource_link_id == launch_session.resource_link_id,
                Progress.user_id == user_id,
                Progress.module_id == module.id,
            )
            .with_for_update()
        ).first()
        if row is None:
            row = Progress(
                resource_link_id=launch_session.resource_link_id,
                user_id=user_id,
                module_id=module.id,
                seen="",
            )
            session.add(row)
        before = row.seen.split()
        is_new = seen and section not in before
        if is_new:
            row.seen = " ".join([*before, section])
        row.last_section = section
        row.updated_at = now()
        if is_new:
            assert launch_session.resource_link_id is not None
            events.publish(session, SectionRead(launch_session.resource_link_id, user_id, section))


def sections_read(
    connection: Connection, resource_link_id: int, module: Module, user_ids: Sequence[int]
) -> dict[int, int]:
    """Return how many sections of the module some users have read. Takes one statement."""
    found = reading_of(connection, resource_link_id, module, user_ids)
    return {user_id: number for user_id, (number, _) in found.items()}


_READING = select(Progress.user_id, Progress.seen, Progress.updated_at).where(
    Progress.resource_link_id == bindparam("link"),
    Progress.module_id == bindparam("module"),
    Progress.user_id.in_(bindparam("users", expanding=True)),
)


def reading_of(
    connection: Connection, resource_link_id: int, module: Module, user_ids: Sequence[int]
) -> dict[int, tuple[int, datetime]]:
    """Return how many sections some users have read, and when at last. Takes one statement."""
    sections = {section.id for section in module.sections}
    parameters = {"link": resource_link_id, "module": module.id, "users": list(user_ids)}
    rows = connection.execute(_READING, parameters)
    return {
        row.user_id: (len(sections.intersection(row.seen.split())), row.updated_at) for row in rows
    }
