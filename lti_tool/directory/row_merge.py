"""Merge rows that mean the same, with all rows that refer to them.

Used when two deployments, two registrations or two users become one. The tables are found through
their foreign keys, so a new table needs code here only if rows of it that mean the same cannot be
merged by keeping the kept one: then its model has ``merged_values``, ``prepare_move`` or
``separated`` (see ``storage.database.Base``).
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
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.visitors import replacement_traverse

from lti_tool.storage.database import Base

Key = tuple[Any, ...]


def decided_later(removed: Any, kept: Any) -> bool:
    """Whether the settings of a row that is removed were chosen after those of the kept one.

    Both have ``settings_at``; None where it is not known.
    """
    if removed.settings_at is None or kept.settings_at is None:
        return False
    return bool(removed.settings_at > kept.settings_at)


class Merger:
    """Merges rows that mean the same, in one transaction.

    ``moved`` and ``merged`` count the rows by table.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.moved: Counter[str] = Counter()
        self.merged: Counter[str] = Counter()

    def merge(self, table: Table, *, kept: Key, removed: Key) -> None:
        """Let everything that refers to ``removed`` refer to ``kept``, and delete ``removed``."""
        # The lock keeps others from adding a row that the deletion would delete with it.
        lock(self._connection, table, removed)
        rows = [self._connection.execute(_with_key(table, key)).one() for key in (kept, removed)]
        model = _model(table)
        model.prepare_merge(self._connection, *rows)
        values = model.merged_values(*rows)
        for column in references(table):
            self._move(column, kept[0], removed[0])
        self._connection.execute(delete(table).where(_is(table, removed)))
        if values:
            self._connection.execute(update(table).where(_is(table, kept)).values(values))
        self.merged[table.name] += 1

    def _move(self, column: Column[Any], kept: Any, removed: Any) -> None:
        """Let the rows with ``removed`` in a column have ``kept``; merge those that exist there."""
        table, others = column.table, list(unique_with(column))
        other = table.alias()
        model = _model(table)
        model.prepare_move(self._connection, column.name, kept, removed)

        def exists_already() -> ColumnElement[bool]:
            same = [
                and_(
                    true(),
                    *(other.c[each.name] == each for each in unique.columns),
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
            own, existing = tuple(pair[: len(keys[0])]), tuple(pair[len(keys[0]) :])
            row = self._connection.execute(_with_key(table, own)).one()
            values = model.separated(row)
            if values:
                stays = {**values, column.name: kept}
                self._connection.execute(update(table).where(_is(table, own)).values(stays))
                self.moved[table.name] += 1
            else:
                self.merge(table, kept=existing, removed=own)


def references(table: Table) -> Iterator[Column[Any]]:
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


def unique_with(column: Column[Any]) -> Iterator[_Unique]:
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


def lock(connection: Connection, table: Table, key: Key) -> None:
    """Lock a row until the transaction ends."""
    connection.execute(_with_key(table, key).with_for_update())
