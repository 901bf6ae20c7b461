"""Bring the database's tables up to date (Alembic), from the checkout or from the wheel."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import lti_tool.models  # noqa: F401 - every table must be known
from lti_tool.storage.database import Base, Database


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


def upgrade(database: Database) -> None:
    """Bring the tables up to date; one process at a time, the others wait."""
    command.upgrade(_config(database), "head")


def needs_upgrade(database: Database) -> bool:
    """Whether the tables are older than this program."""
    with database.read_core() as connection:
        return MigrationContext.configure(connection).get_current_revision() != newest()


def differences(database: Database) -> list[object]:
    """What the tables lack, or have too much, against the models; empty when they agree."""
    with database.read_core() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))
