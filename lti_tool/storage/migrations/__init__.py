"""Bring the database's tables up to date (Alembic), from the checkout or from the wheel.

The revisions are the numbers in the names of the files in ``versions``. Alembic itself is imported
only by what changes or compares tables, because the import takes a quarter of a second.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from lti_tool.storage import faults
from lti_tool.storage.database import Base, Database

if TYPE_CHECKING:
    from alembic.config import Config


class NewerDatabaseError(Exception):
    """The tables were made by a newer version of this program; the message says what to do."""


@cache
def revisions() -> tuple[str, ...]:
    """Return the names of all revisions, the newest one last."""
    files = (Path(__file__).parent / "versions").glob("[0-9]*_*.py")
    return tuple(sorted(file.name.partition("_")[0] for file in files))


def newest() -> str:
    """The name of the newest revision."""
    return revisions()[-1]


def upgrade(database: Database) -> None:
    """Bring the tables up to date; one process at a time, the others wait.

    Raises :class:`NewerDatabaseError`.
    """
    if needs_upgrade(database):
        from alembic import command

        command.upgrade(_config(database), "head")


def _config(database: Database) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database"] = database
    return config


class RevisionError(Exception):
    """A migration cannot be written; the message says why, in one line."""


def revision(database: Database, message: str) -> Path:
    """Write a migration that makes the tables of ``database`` those of the models; return its path.

    The number of the new revision follows the newest one. ``lti_tool.models`` must be imported.
    Raises :class:`RevisionError` outside of a checkout, and if the database is not up to date.
    """
    from alembic import command

    if not (Path(__file__).parents[3] / "pyproject.toml").is_file():
        raise RevisionError("Migrations are written in a checkout of the source code only.")
    if needs_upgrade(database):
        raise RevisionError("The database is not up to date. Run: lti-tool db upgrade")
    if not differences(database):
        raise RevisionError("The database agrees with the models: there is nothing to migrate.")
    script = command.revision(
        _config(database),
        message,
        autogenerate=True,
        rev_id=f"{int(newest()) + 1:04}",
    )
    revisions.cache_clear()
    assert script is not None
    assert not isinstance(script, list)
    return Path(script.path)


def needs_upgrade(database: Database) -> bool:
    """Whether the tables are missing or older. Raises :class:`NewerDatabaseError`."""
    current = _current(database)
    if current is not None and current not in revisions():
        raise NewerDatabaseError(
            f"The database (revision {current}) is newer than this program (revision {newest()}). "
            "Install the newer version of Minga, or restore a backup made before its upgrade."
        )
    return current != newest()


def problem(database: Database) -> str | None:
    """Return why the tables do not match this program and what to do; None if they match."""
    try:
        return faults.UPGRADE if needs_upgrade(database) else None
    except NewerDatabaseError as error:
        return str(error)


def _current(database: Database) -> str | None:
    """The revision of the tables; None where there are none. Alembic would log each look at it."""
    with database.read_core() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        current: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return current


def compared(engine: str) -> Callable[..., bool]:
    """Return a filter that leaves out PostgreSQL's indexes, or the tables of SQLite's FTS5."""

    def is_compared(item: Any, name: str | None, kind: str, *_: object) -> bool:
        if kind == "index":
            return engine == "postgresql" or item.dialect_options["postgresql"]["using"] != "gin"
        return not (kind == "table" and str(name).startswith("post_words_fts"))

    return is_compared


def differences(database: Database) -> list[object]:
    """What the tables lack, or have too much, against the models; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with database.read_core() as connection:
        opts = {"compare_type": True, "include_object": compared(connection.dialect.name)}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, Base.metadata))
