"""``lti-tool``: run and administer the live tool."""

import json
import os
import sys
from contextlib import nullcontext
from typing import Any

import click
from sqlalchemy.exc import DBAPIError, OperationalError

from lti_tool import log_format
from lti_tool.commands.outbox import outbox
from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.directory.signing_keys import signing_keys
from lti_tool.features import FEATURES
from lti_tool.settings import SettingsError
from lti_tool.storage import faults, migrations


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Learning modules with a discussion, inside any LMS over LTI 1.3."""
    context.obj = Operator()


for feature in FEATURES:
    for command in feature.commands:
        main.add_command(command)
main.add_command(outbox)


@main.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="HOST:PORT to listen on.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--threads", default=8, show_default=True, help="Threads of each process.")
@click.option("--with-worker", is_flag=True, help="Run a worker beside it, and restart it.")
@pass_operator
def serve(operator: Operator, bind: str, workers: int, threads: int, with_worker: bool) -> None:
    """Serve the tool (waitress under gunicorn). SQLite is upgraded first."""
    from lti_tool.serving import run
    from lti_tool.tasks.supervisor import supervised_worker

    settings = operator.settings
    log_format.configure(settings.log_level, settings.log_format)
    if operator.database.is_sqlite:
        migrations.upgrade(operator.database)
    elif problem := migrations.problem(operator.database):
        raise click.ClickException(problem)
    _after_upgrade(operator)
    signing_keys(settings, operator.database).jwks()  # with a wrong secret key, fail here
    operator.database.close()
    with supervised_worker() if with_worker else nullcontext():
        run(settings, bind=bind, workers=workers, threads=threads)


@main.command()
@click.option("--parent", type=int, hidden=True, help="Stop when this process is gone.")
@pass_operator
def worker(operator: Operator, parent: int | None) -> None:
    """Do the tasks of the outbox: detect languages, build packages, delete what expired."""
    from lti_tool.worker import NotReadyError, run

    log_format.configure(operator.settings.log_level, operator.settings.log_format)
    try:
        run(operator.settings, operator.database, parent=parent)
    except NotReadyError as error:
        raise click.ClickException(str(error)) from None


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@pass_operator
def db_upgrade(operator: Operator) -> None:
    """Bring the tables up to date."""
    migrations.upgrade(operator.database)
    _after_upgrade(operator)
    click.echo(f"The database is up to date ({migrations.newest()}).")


def _after_upgrade(operator: Operator) -> None:
    for each in FEATURES:
        if each.after_upgrade is not None:
            each.after_upgrade(operator.settings, operator.database)


@db.command("revision")
@click.option("-m", "--message", required=True, help="What the migration changes, in a few words.")
@pass_operator
def db_revision(operator: Operator, message: str) -> None:
    """Write a migration from the database to the models (in a checkout of the source code)."""
    import lti_tool.models  # noqa: F401 - the tables to compare with

    try:
        path = migrations.revision(operator.database, message)
    except migrations.RevisionError as error:
        raise click.ClickException(str(error)) from None
    click.echo(path)


@main.command()
@as_json
@pass_operator
def settings(operator: Operator, in_json: bool) -> None:
    """Print every setting, its value and where it came from. Secrets stay hidden."""
    rows = operator.settings.table()
    if in_json:
        keys_ = ("name", "value", "source", "meaning")
        click.echo(json.dumps([dict(zip(keys_, row, strict=True)) for row in rows], indent=2))
        return
    width = max(len(row[0]) for row in rows)
    for name, value, source, meaning in rows:
        click.echo(f"{name:<{width}}  {value or '(none)'}  [{source}]")
        click.echo(f"{'':<{width}}  {meaning}")


@main.command()
@as_json
@pass_operator
def doctor(operator: Operator, in_json: bool) -> None:
    """Check the configuration, the database and the services, and print what to do."""
    from lti_tool.doctor import findings

    found = findings(operator)
    if in_json:
        click.echo(json.dumps([each.__dict__ for each in found], indent=2))
    else:
        for each in found:
            click.secho(f"{each.level:>7}  {each.text}", fg=_COLOURS[each.level])
    if any(each.level == "error" for each in found):
        sys.exit(1)


_COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}


def entry() -> Any:
    """Run the command; a wrong setting is one line, not a traceback."""
    os.umask(0o077)  # what is written to the data folder is for its owner only
    try:
        return main(prog_name="lti-tool")
    except SettingsError as error:
        click.echo(f"lti-tool: {error}", err=True)
        sys.exit(2)
    except migrations.NewerDatabaseError as error:
        click.echo(f"lti-tool: {error}", err=True)
        sys.exit(1)
    except DBAPIError as error:
        if faults.lacks_tables(error):
            click.echo(f"lti-tool: {faults.UPGRADE}", err=True)
            sys.exit(1)
        if not isinstance(error, OperationalError):
            raise
        # What the driver says names the server and the user, and no password.
        said = " ".join(str(error.orig).split())
        click.echo(f"lti-tool: the database does not answer: {said}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        os._exit(1)


if __name__ == "__main__":
    entry()
