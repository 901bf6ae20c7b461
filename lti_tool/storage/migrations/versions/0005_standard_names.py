"""Rename tables and columns to the standard terms of LTI and SQLAlchemy applications.

Tables: persons -> users, placements -> resource_links, visits -> launch_sessions,
key_sets -> jwks_cache, access_tokens -> access_token_cache. Columns, constraints and indexes follow.
No row is changed. SQLite stores the names of constraints in the text of each table, so the tables
that have a constraint to rename are created again and their rows copied.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = {
    "persons": "users",
    "placements": "resource_links",
    "visits": "launch_sessions",
    "key_sets": "jwks_cache",
    "access_tokens": "access_token_cache",
}
COLUMNS = (  # table (new name), old column, new column; the order matters
    ("resource_links", "resource_link_id", "lti_resource_link_id"),
    ("memberships", "person_id", "user_id"),
    ("launch_sessions", "person_id", "user_id"),
    ("launch_sessions", "placement_id", "resource_link_id"),
    ("progress", "person_id", "user_id"),
    ("progress", "placement_id", "resource_link_id"),
    ("discussions", "placement_id", "resource_link_id"),
)
CONSTRAINTS = {
    "uq_progress_person": "uq_progress_user",
    "uq_access_tokens_scopes": "uq_access_token_cache_scopes",
}
"""Whole names that do not follow from the names of tables and columns."""

PARTS = (
    ("resource_link_id", "lti_resource_link_id"),
    ("person_id", "user_id"),
    ("placement_id", "resource_link_id"),
    *TABLES.items(),
)


def new_name(name: str, table: str) -> str:
    """Return the new name of a constraint or index of ``table`` (new name of the table)."""
    if name in CONSTRAINTS:
        return CONSTRAINTS[name]
    for old, new in PARTS:
        if old == "resource_link_id" and table != "resource_links":
            continue
        name = name.replace(old, new)
    return name


def upgrade() -> None:
    for old, new in TABLES.items():
        op.rename_table(old, new)
    for table, old, new in COLUMNS:
        op.execute(f'ALTER TABLE {table} RENAME COLUMN "{old}" TO "{new}"')
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _rename_in_sqlite(connection)
    else:
        _rename_in_postgresql(connection)


def _affected() -> set[str]:
    return {*TABLES.values(), *(table for table, _, _ in COLUMNS)}


def _rename_in_postgresql(connection: sa.Connection) -> None:
    inspected = sa.text(
        "SELECT conrelid::regclass::text AS tab, conname FROM pg_constraint "
        "WHERE connamespace = current_schema()::regnamespace AND conrelid <> 0"
    )
    for table, name in connection.execute(inspected).all():
        if table in _affected() and (new := new_name(name, table)) != name:
            op.execute(f'ALTER TABLE {table} RENAME CONSTRAINT "{name}" TO "{new}"')
    listed = sa.text(
        "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = current_schema()"
    )
    for table, name in connection.execute(listed).all():
        if table in _affected() and (new := new_name(name, table)) != name:
            op.execute(f'ALTER INDEX "{name}" RENAME TO "{new}"')
    sequences = sa.text("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()")
    for (name,) in connection.execute(sequences).all():
        for old, new in TABLES.items():
            if name == f"{old}_id_seq":
                op.execute(f"ALTER SEQUENCE {name} RENAME TO {new}_id_seq")


def _rename_in_sqlite(connection: sa.Connection) -> None:
    for table in sorted(_affected()):
        master = sa.text("SELECT type, name, sql FROM sqlite_master WHERE tbl_name = :table")
        rows = connection.execute(master, {"table": table}).all()
        definition = next(row.sql for row in rows if row.type == "table")
        indexes = {row.name: row.sql for row in rows if row.type == "index" and row.sql}
        renamed = _with_new_constraint_names(definition, table)
        if renamed != definition:
            _recreate(connection, table, renamed)
        else:
            for name in indexes:
                if new_name(name, table) != name:
                    op.execute(f'DROP INDEX "{name}"')
        for name, sql in indexes.items():
            new = new_name(name, table)
            if renamed != definition or new != name:
                # the name stands once, before ON; the columns were renamed already
                op.execute(sql.replace(name, new, 1))


def _with_new_constraint_names(definition: str, table: str) -> str:
    words = definition.split("CONSTRAINT ")
    for number, rest in enumerate(words[1:], 1):
        name = rest.split(None, 1)[0].strip('"')
        words[number] = rest.replace(name, new_name(name, table), 1)
    return "CONSTRAINT ".join(words)


def _recreate(connection: sa.Connection, table: str, definition: str) -> None:
    """Create the table again by ``definition``. Foreign keys are not enforced meanwhile."""
    temporary = f"_new_{table}"
    body = definition.partition("(")[2]
    op.execute(f'CREATE TABLE "{temporary}" ({body}')
    op.execute(f'INSERT INTO "{temporary}" SELECT * FROM "{table}"')  # noqa: S608
    op.execute(f'DROP TABLE "{table}"')
    op.execute(f'ALTER TABLE "{temporary}" RENAME TO "{table}"')


def downgrade() -> None:
    raise NotImplementedError("The names of this release are not undone: restore a backup.")
