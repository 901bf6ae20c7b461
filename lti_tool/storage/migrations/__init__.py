"""Bring the database's tables up to date (Alembic), from the checkout or from the wheel."""

import sqlite3
from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

import lti_tool.models  # noqa: F401 - every table must be known
from lti_tool.storage.database import Base, Database

TOO_OLD = "The database is not up to date. Run: lti-tool db upgrade"
TOO_NEW = (
    "The database is newer than this program. Install the version of Minga that upgraded it, or "
    "restore the backup from before the upgrade."
)


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database"] = database
    return config


@cache
def newest() -> str:
    """The name of the newest revision."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    head = ScriptDirectory.from_config(config).get_current_head()
    assert head is not None
    return head


class DatabaseTooNew(Exception):  # noqa: N818 - it says what is wrong
    """A newer version of the program has upgraded the database."""


def upgrade(database: Database) -> None:
    """Bring the tables up to date; one process at a time, the others wait.

    Raises :class:`DatabaseTooNew`.
    """
    if _is_too_new(_revision(database)):
        raise DatabaseTooNew(TOO_NEW)
    command.upgrade(_config(database), "head")


def needs_upgrade(database: Database) -> bool:
    """Whether the tables are not those of this program."""
    return _revision(database) != newest()


def problem(database: Database) -> str | None:
    """Why the tables are not those of this program and what to do; None when they are."""
    revision = _revision(database)
    if revision == newest():
        return None
    return TOO_NEW if _is_too_new(revision) else TOO_OLD


def is_about_schema(error: DBAPIError) -> bool:
    """Whether a statement failed because a table or a column is missing."""
    code = getattr(error.orig, "sqlstate", None)
    missing = str(error.orig).startswith(("no such table", "no such column"))
    return code in ("42P01", "42703") or (isinstance(error.orig, sqlite3.Error) and missing)


def _revision(database: Database) -> str | None:
    with database.read_core() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _is_too_new(revision: str | None) -> bool:
    return revision is not None and revision not in _known()


@cache
def _known() -> frozenset[str]:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    revisions = ScriptDirectory.from_config(config).walk_revisions()
    return frozenset(each.revision for each in revisions)


def differences(database: Database) -> list[object]:
    """What the tables lack, or have too much, against the models; empty when they agree."""
    with database.read_core() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))
