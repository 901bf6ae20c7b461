"""What every command needs: the settings and the database, opened when first asked for."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import click

from lti_tool.settings import Settings, load
from lti_tool.storage.database import Database


class Operator:
    """Whoever runs a command on the server."""

    @cached_property
    def settings(self) -> Settings:
        """The settings of the environment."""
        return load()

    @cached_property
    def database(self) -> Database:
        """The database of the settings."""
        return Database(self.settings.database_url)

    @cached_property
    def ready_database(self) -> Database:
        """The database, with the embedded one brought up to date."""
        from lti_tool.storage import migrations

        if self.database.is_sqlite:
            migrations.upgrade(self.database)
        elif migrations.needs_upgrade(self.database):
            raise click.ClickException("The database is not up to date. Run: lti-tool db upgrade")
        return self.database


pass_operator = click.make_pass_decorator(Operator)


def as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option ``--json`` (as ``in_json``)."""
    return click.option("--json", "in_json", is_flag=True, help="Print JSON.")(command)
