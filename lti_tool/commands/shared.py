"""The settings and the database for commands, opened at first use, and the ``--json`` option."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import click
from sqlalchemy.exc import ArgumentError

from lti_tool.settings import Settings, SettingsError, load
from lti_tool.storage.database import Database


class Operator:
    """The context of a command that an operator runs on the server."""

    @cached_property
    def settings(self) -> Settings:
        """The settings of the environment."""
        return load()

    @cached_property
    def database(self) -> Database:
        """The database of the settings."""
        try:
            return Database(self.settings.database_url)
        except ArgumentError:
            raise SettingsError(
                "MINGA_DATABASE_URL: this is not a URL of an SQLite or PostgreSQL database. Write "
                "it like postgresql://minga:password@127.0.0.1/minga"
            ) from None
        except ModuleNotFoundError as error:
            raise SettingsError(
                f"MINGA_DATABASE_URL: the Python package {error.name} is missing. For PostgreSQL "
                "run: pip install 'psycopg[binary]'"
            ) from None

    @cached_property
    def ready_database(self) -> Database:
        """The database; an SQLite database is upgraded first."""
        from lti_tool.storage import migrations

        if self.database.is_sqlite:
            migrations.upgrade(self.database)
        elif problem := migrations.problem(self.database):
            raise click.ClickException(problem)
        return self.database


pass_operator = click.make_pass_decorator(Operator)


def as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option ``--json`` (as ``in_json``)."""
    return click.option("--json", "in_json", is_flag=True, help="Print JSON.")(command)
