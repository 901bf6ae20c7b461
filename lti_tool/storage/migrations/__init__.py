"""Bring the database's tables up to date (Alembic), from the checkout or from the wheel."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from lti_tool.storage import faults
from lti_tool.storage.database import Base, Database


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database"] = database
    return config


class NewerDatabaseError(Exception):
    """The tables were made by a newer version of this program; the message says what to do."""


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return ScriptDirectory.from_config(config)


@cache
def newest() -> str:
    """The name of the newest revision."""
    head = _script().get_current_head()
    assert head is not None
    return head


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in _script().walk_revisions())


def upgrade(database: Database) -> None:
    """Bring the tables up to date; one process at a time, the others wait.

    Raises :class:`NewerDatabaseError`.
    """
    if needs_upgrade(database):
        command.upgrade(_config(database), "head")


class RevisionError(Exception):
    """A migration cannot be written; the message says why, in one line."""


def revision(database: Database, message: str) -> Path:
    """Write a migration that makes the tables of ``database`` those of the models; return its path.

    The number of the new revision follows the newest one. ``lti_tool.models`` must be imported.
    Raises :class:`RevisionError` outside of a checkout, and if the database is not up to date.
    """
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
        rev_id=f"{int(newest().partition('_')[0]) + 1:04}",
    )
    newest.cache_clear()
    assert script is not None
    assert not isinstance(script, list)
    return Path(script.path)


def needs_upgrade(database: Database) -> bool:
    """Whether the tables are missing or older. Raises :class:`NewerDatabaseError`."""
    current = _current(database)
    if current is not None and current not in _known():
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


def differences(database: Database) -> list[object]:
    """What the tables lack, or have too much, against the models; empty when they agree."""
    with database.read_core() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))
