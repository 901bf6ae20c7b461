"""Read and write the progress of each user in a module."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import IntegrityError

from courseware.module import Module
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
    unfinished = 0 < len(seen_ids) < len(sections)
    resume = last if unfinished and last in seen_ids and last != sections[0] else None
    return ProgressView(
        seen=seen_ids,
        total=len(sections),
        done=len(seen_ids),
        resume=resume,
        href=f"{launch_session.path}progress",
        token=launch_session.token,
    )


def record_section_seen(
    database: Database, launch_session: CurrentSession, module: Module, section: str
) -> bool:
    """Record that the session's user has seen a section; False if there is no such section.

    Nothing is recorded for a test user, and for somebody who acts as another user.
    """
    if (
        section not in {each.id for each in module.sections}
        or launch_session.resource_link_id is None
    ):
        return False
    if not launch_session.own_record:
        return True
    try:
        _record(database, launch_session, module, section)
    except IntegrityError:  # another request inserted the row at the same time
        _record(database, launch_session, module, section)
    return True


def _record(
    database: Database, launch_session: CurrentSession, module: Module, section: str
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
        seen = row.seen.split()
        if section not in seen:
            row.seen = " ".join([*seen, section])
        row.last_section = section
        row.updated_at = now()
