"""Join two deployments of one registration, after the tool was deleted and deployed again.

The platform gives the new deployment another ID, while courses, resource links and users keep
theirs. Everything of the old deployment moves to the new one; where both have the same course,
resource link, membership or discussion, the two rows are merged and their contents put together.

``row_merge`` finds the tables.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Select, and_, exists, func, select
from sqlalchemy.orm import aliased

from lti_tool.directory.learner_counts import recount_learners
from lti_tool.directory.model import Course, Deployment, Membership, ResourceLink
from lti_tool.directory.registrations import InstitutionError
from lti_tool.directory.row_merge import Merger, lock
from lti_tool.storage.database import Base, Database


@dataclass(frozen=True, slots=True)
class PossibleJoin:
    """Two deployments with the same courses; ``courses`` counts those with common members."""

    old: str
    new: str
    courses: int


@dataclass(frozen=True, slots=True)
class JoinResult:
    """Rows of the old deployment, by table: moved as they are, and merged with one of the new."""

    moved: dict[str, int]
    merged: dict[str, int]


@dataclass(frozen=True, slots=True)
class FormerLink:
    """The same activity in a former deployment of the registration."""

    registration_id: int
    old: str
    new: str


class _DryRunError(Exception):
    """Raised to undo the transaction of a dry run."""


def possible_joins(database: Database, registration_id: int) -> list[PossibleJoin]:
    """The deployments of a registration that have courses and members in common."""
    with database.read() as session:
        rows = session.execute(_common_courses(registration_id)).all()
    return [PossibleJoin(row.old, row.new, row.courses) for row in rows]


def join_deployments(
    database: Database,
    registration_id: int,
    old: str,
    new: str,
    *,
    dry_run: bool = False,
    unrelated: bool = False,
) -> JoinResult:
    """Move everything of the deployment ``old`` to ``new`` in one transaction, and remove ``old``.

    ``unrelated`` allows it without a course and a member in common. A dry run undoes what it did.
    Raises :class:`InstitutionError`.
    """
    if old == new:
        raise InstitutionError("These are the same deployment.")
    merger = None
    try:
        with database.write_core() as connection:
            ids = [_deployment(connection, registration_id, each) for each in (old, new)]
            if not unrelated:
                _check_related(connection, registration_id, old, new)
            for row_id in sorted(ids):
                lock(connection, Base.metadata.tables["deployments"], (row_id,))
            merger = Merger(connection)
            merger.merge(Base.metadata.tables["deployments"], kept=(ids[1],), removed=(ids[0],))
            recount_learners(connection, Course.deployment_id == ids[1])
            if dry_run:
                raise _DryRunError
    except _DryRunError:
        pass
    assert merger is not None
    return JoinResult(dict(merger.moved), dict(merger.merged))


def _common_courses(registration_id: int) -> Select[str, str, int]:
    old, new = aliased(Deployment), aliased(Deployment)
    old_course, new_course = aliased(Course), aliased(Course)
    old_member, new_member = aliased(Membership), aliased(Membership)
    common_member = exists().where(
        old_member.course_id == old_course.id,
        new_member.course_id == new_course.id,
        new_member.user_id == old_member.user_id,
    )
    return (
        select(
            old.deployment_id.label("old"),
            new.deployment_id.label("new"),
            func.count().label("courses"),
        )
        .select_from(old)
        .join(new, and_(new.registration_id == old.registration_id, new.id > old.id))
        .join(old_course, old_course.deployment_id == old.id)
        .join(
            new_course,
            and_(
                new_course.deployment_id == new.id,
                new_course.context_id == old_course.context_id,
            ),
        )
        .where(old.registration_id == registration_id, common_member)
        .group_by(old.id, old.deployment_id, new.id, new.deployment_id)
        .order_by(old.id, new.id)
    )


def _deployment(connection: Connection, registration_id: int, deployment_id: str) -> int:
    found = connection.scalar(
        select(Deployment.id).where(
            Deployment.registration_id == registration_id,
            Deployment.deployment_id == deployment_id,
        )
    )
    if found is None:
        raise InstitutionError(
            f"Registration {registration_id} has no deployment {deployment_id!r}; see "
            f"'lti-tool registrations deployments list {registration_id}'."
        )
    return found


def _check_related(connection: Connection, registration_id: int, old: str, new: str) -> None:
    """Refuse to join two sites that share a client ID: they number their courses alike."""
    rows = connection.execute(_common_courses(registration_id)).all()
    if not any({row.old, row.new} == {old, new} for row in rows):
        raise InstitutionError(
            "These deployments have no course with a member in common, so they may belong to "
            "different sites. If it is one site, open an activity of an old course in the "
            "platform once, and try again; or use --unrelated."
        )


def former_link(connection: Connection, resource_link_id: int) -> FormerLink | None:
    """The former deployment that has the resource link with the same course and a member of it."""
    old_link, old_course = aliased(ResourceLink), aliased(Course)
    old_deployment = aliased(Deployment)
    member, old_member = aliased(Membership), aliased(Membership)
    row = connection.execute(
        select(
            Deployment.registration_id,
            old_deployment.deployment_id.label("old"),
            Deployment.deployment_id.label("new"),
        )
        .select_from(ResourceLink)
        .join(Course, Course.id == ResourceLink.course_id)
        .join(Deployment, Deployment.id == ResourceLink.deployment_id)
        .join(
            old_link,
            and_(
                old_link.lti_resource_link_id == ResourceLink.lti_resource_link_id,
                old_link.deployment_id != ResourceLink.deployment_id,
            ),
        )
        .join(
            old_course,
            and_(old_course.id == old_link.course_id, old_course.context_id == Course.context_id),
        )
        .join(
            old_deployment,
            and_(
                old_deployment.id == old_link.deployment_id,
                old_deployment.registration_id == Deployment.registration_id,
            ),
        )
        .where(
            ResourceLink.id == resource_link_id,
            old_link.id < ResourceLink.id,
            exists().where(
                member.course_id == Course.id,
                old_member.course_id == old_course.id,
                old_member.user_id == member.user_id,
            ),
        )
        .order_by(old_link.id.desc())
        .limit(1)
    ).first()
    return FormerLink(row.registration_id, row.old, row.new) if row else None
