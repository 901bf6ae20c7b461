"""Where each person has got to in a module."""

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
    """What the page shows of a reader's progress; ``resume`` is the section they were last in."""

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
    """How far the visit's person has got in this module."""
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
    kept = frozenset(seen.split()) & frozenset(sections)
    unfinished = 0 < len(kept) < len(sections)
    resume = last if unfinished and last in kept and last != sections[0] else None
    return ProgressView(
        seen=kept,
        total=len(sections),
        done=len(kept),
        resume=resume,
        href=f"{launch_session.path}progress",
        token=launch_session.token,
    )


def section_seen(
    database: Database, launch_session: CurrentSession, module: Module, section: str
) -> bool:
    """Remember that the visit's person has seen a section; False where there is no such section."""
    if (
        section not in {each.id for each in module.sections}
        or launch_session.resource_link_id is None
    ):
        return False
    try:
        _remember(database, launch_session, module, section)
    except IntegrityError:  # two sections seen at once, for the first time: now the row is there
        _remember(database, launch_session, module, section)
    return True


def _remember(
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
