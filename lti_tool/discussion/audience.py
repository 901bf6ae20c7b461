"""Who reads a discussion: this course, or the courses of the institution or of an exchange.

A change moves no post. The activity takes part in the shared discussion of its module, which has a
list of its own; the posts of the course stay in the course's own discussion, which is shown again
when the activity takes part in no other one. So nothing is shown to more people than those whom
its author was told of.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from courseware.module import Module
from lti_tool.directory.exchanges import exchanges_of, institution_of
from lti_tool.directory.model import ResourceLink
from lti_tool.discussion.discussions import DiscussionState, own_discussion
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.model import Discussion
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import now

COURSE, INSTITUTION = "course", "institution"
_EXCHANGE = "exchange-"


@dataclass(frozen=True, slots=True)
class Choice:
    """An audience that an instructor can choose. ``exchange``: the name of an exchange."""

    key: str
    exchange: str = ""


def key_of(state: DiscussionState) -> str:
    """Return the key of the present audience."""
    return f"{_EXCHANGE}{state.exchange_id}" if state.exchange_id else state.audience


def choices(connection: Connection, launch_session: CurrentSession) -> list[Choice]:
    """Return the audiences among which an instructor chooses. Takes one statement."""
    exchanges = exchanges_of(connection, launch_session.institution_id)
    return [
        Choice(COURSE),
        Choice(INSTITUTION),
        *(Choice(f"{_EXCHANGE}{each.id}", each.name) for each in exchanges if not each.closed_at),
    ]


def change(session: Session, launch_session: CurrentSession, module: Module, key: str) -> bool:
    """Let the activity take part in another discussion; False if it does already.

    Raises :class:`DiscussionError` for an audience that cannot be chosen.
    """
    assert launch_session.resource_link_id is not None
    link_id, deployment_id = launch_session.resource_link_id, launch_session.deployment_id
    changed = set_audience(session, link_id, deployment_id, module, key)
    own_discussion(session, link_id, module.id).settings_at = now()
    return changed


def set_audience(
    session: Session, resource_link_id: int, deployment_id: int, module: Module, key: str
) -> bool:
    """Let an activity take part in another discussion; as :func:`change`, without a session."""
    institution = institution_of(session, deployment_id)
    own = own_discussion(session, resource_link_id, module.id)
    shared_id = None
    if key == INSTITUTION:
        shared_id = _shared(session, module.id, institution_id=institution.id)
    elif key != COURSE:
        exchanges = {
            f"{_EXCHANGE}{each.id}": each for each in exchanges_of(session, institution.id)
        }
        exchange = exchanges.get(key)
        if exchange is None or exchange.closed_at is not None:
            raise DiscussionError(Reason.UNKNOWN_AUDIENCE)
        shared_id = _shared(session, module.id, exchange_id=exchange.id)
    if own.shared_id == shared_id:
        return False
    own.shared_id = shared_id
    session.flush()
    return True


def end_sharing(
    session: Session, deployment_ids: Sequence[int], *, exchange_id: int | None = None
) -> int:
    """Let the activities of some deployments be for their own courses again; count them.

    ``exchange_id``: only those that take part in discussions of this exchange.
    """
    links = select(ResourceLink.id).where(ResourceLink.deployment_id.in_(deployment_ids))
    shared: list[ColumnElement[bool]] = [Discussion.shared_id.is_not(None)]
    if exchange_id is not None:
        of_exchange = select(Discussion.id).where(Discussion.exchange_id == exchange_id)
        shared = [Discussion.shared_id.in_(of_exchange)]
    result = session.execute(
        update(Discussion)
        .where(Discussion.resource_link_id.in_(links), *shared)
        .values(shared_id=None)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def _shared(
    session: Session,
    module_id: str,
    *,
    institution_id: int | None = None,
    exchange_id: int | None = None,
) -> int:
    """Return the id of the discussion of a module that an institution or an exchange shares."""
    owner = "institution_id" if exchange_id is None else "exchange_id"
    column = getattr(Discussion, owner)
    values = {"institution_id": institution_id, "exchange_id": exchange_id, "module_id": module_id}
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    session.execute(
        insert(Discussion)
        .values(**values, created_at=now())
        .on_conflict_do_nothing(
            index_elements=[owner, "module_id"], index_where=column.is_not(None)
        )
    )
    found = select(Discussion.id).where(column == values[owner], Discussion.module_id == module_id)
    return session.scalars(found).one()
