"""Join two deployments of one registration, after the tool was deleted and deployed again.

The platform gives the new deployment another ID, while courses, resource links and users keep
theirs. Everything of the old deployment moves to the new one; where both have the same course,
resource link, membership or discussion, the two rows are merged and their contents put together.

The tables are found through their foreign keys, so a new table needs code here only if rows of it
that mean the same cannot be merged by keeping the newer one: then its model has ``merged_values``.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnClause,
    ColumnElement,
    Connection,
    FromClause,
    PrimaryKeyConstraint,
    Select,
    Table,
    UniqueConstraint,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.visitors import replacement_traverse

from lti_tool.directory.learner_counts import recount_learners
from lti_tool.directory.model import Course, Deployment, Membership, ResourceLink
from lti_tool.directory.registrations import InstitutionError
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
                _lock(connection, Base.metadata.tables["deployments"], (row_id,))
            merger = _Merger(connection)
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


Key = tuple[Any, ...]


class _Merger:
    """Merges rows that mean the same, with all rows that refer to them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.moved: Counter[str] = Counter()
        self.merged: Counter[str] = Counter()

    def merge(self, table: Table, *, kept: Key, removed: Key) -> None:
        """Let everything that refers to ``removed`` refer to ``kept``, and delete ``removed``."""
        # The lock keeps others from adding a row that the deletion would delete with it.
        _lock(self._connection, table, removed)
        rows = [self._connection.execute(_with_key(table, key)).one() for key in (kept, removed)]
        model = _model(table)
        model.prepare_merge(self._connection, *rows)
        values = model.merged_values(*rows)
        for column in _references(table):
            self._move(column, kept[0], removed[0])
        self._connection.execute(delete(table).where(_is(table, removed)))
        if values:
            self._connection.execute(update(table).where(_is(table, kept)).values(values))
        self.merged[table.name] += 1

    def _move(self, column: Column[Any], kept: Any, removed: Any) -> None:
        """Let the rows with ``removed`` in a column have ``kept``; merge those that exist there."""
        table, others = column.table, list(_unique_with(column))
        other = table.alias()

        def exists_already() -> ColumnElement[bool]:
            same = [
                and_(
                    true(),
                    *(other.c[each.name].is_not_distinct_from(each) for each in unique.columns),
                    *unique.conditions(table),
                    *unique.conditions(other),
                )
                for unique in others
            ]
            return and_(other.c[column.name] == kept, or_(*same))

        to_move = [column == removed]
        if others:
            to_move.append(~exists().where(exists_already()))
        moved = self._connection.execute(update(table).where(*to_move).values({column.name: kept}))
        self.moved[table.name] += moved.rowcount
        if not others:
            return
        keys = list(table.primary_key), list(other.primary_key)
        pairs = self._connection.execute(
            select(*keys[0], *keys[1])
            .select_from(table.join(other, exists_already()))
            .where(column == removed)
        ).all()
        for pair in pairs:
            self.merge(table, kept=tuple(pair[len(keys[0]) :]), removed=tuple(pair[: len(keys[0])]))


def _references(table: Table) -> Iterator[Column[Any]]:
    """The columns of all tables that refer to this one."""
    for each in Base.metadata.sorted_tables:
        for key in sorted(each.foreign_keys, key=lambda key: key.parent.name):
            if key.column.table is table:
                yield key.parent


@dataclass(frozen=True, slots=True)
class _Unique:
    """The other columns of a unique constraint or index, and the condition of a partial index."""

    columns: list[Column[Any]]
    where: ColumnElement[bool] | None = None

    def conditions(self, table: FromClause) -> list[ColumnElement[bool]]:
        """The condition, with the columns of this table or alias."""
        if self.where is None:
            return []

        def replace(element: Any, **_: Any) -> Any:
            return table.c[element.name] if isinstance(element, ColumnClause) else None

        return [replacement_traverse(self.where, {}, replace)]


def _unique_with(column: Column[Any]) -> Iterator[_Unique]:
    """The unique constraints and indexes that have this column."""
    table = column.table
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint):
            columns = list(constraint.columns)
            if column in columns:
                yield _Unique([each for each in columns if each is not column])
    for index in table.indexes:
        if index.unique and column in index.columns.values():
            where = index.dialect_options["postgresql"]["where"]
            yield _Unique([each for each in index.columns if each is not column], where)


def _model(table: Table) -> type[Base]:
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table)


def _is(table: Table, key: Key) -> ColumnElement[bool]:
    return and_(*(column == value for column, value in zip(table.primary_key, key, strict=True)))


def _with_key(table: Table, key: Key) -> Select[Any]:
    return select(table).where(_is(table, key))


def _lock(connection: Connection, table: Table, key: Key) -> None:
    connection.execute(_with_key(table, key).with_for_update())


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
