"""``lti-tool``: run the live tool and look after it."""

import json
import os
import subprocess
import sys
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from lti_tool import log_format
from lti_tool.commands.keys import keys
from lti_tool.commands.registrations import invite, registrations
from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.directory.signing_keys import signing_keys
from lti_tool.settings import SettingsError
from lti_tool.storage import migrations


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Learning modules with a discussion, inside any LMS over LTI 1.3."""
    context.obj = Operator()


main.add_command(registrations)
main.add_command(invite)
main.add_command(keys)


@main.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="HOST:PORT to listen on.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--threads", default=8, show_default=True, help="Threads of each process.")
@click.option("--with-worker", is_flag=True, help="Run the worker beside it.")
@pass_operator
def serve(operator: Operator, bind: str, workers: int, threads: int, with_worker: bool) -> None:
    """Serve the tool (waitress under gunicorn). SQLite is upgraded first."""
    from lti_tool.serving import run

    settings = operator.settings
    log_format.configure(settings.log_level, settings.log_format)
    if operator.database.is_sqlite:
        migrations.upgrade(operator.database)
    elif problem := migrations.problem(operator.database):
        raise click.ClickException(problem)
    signing_keys(settings, operator.database).jwks()  # with a wrong secret key, fail here
    operator.database.close()
    beside = (
        subprocess.Popen([sys.executable, "-m", "lti_tool.cli", "worker"]) if with_worker else None
    )
    try:
        run(settings, bind=bind, workers=workers, threads=threads)
    finally:
        if beside is not None:
            beside.terminate()
            beside.wait(10)


@main.command()
@pass_operator
def worker(operator: Operator) -> None:
    """Do what the tool left for later: tell the language of posts, build packages, tidy up."""
    from lti_tool.tasks.worker import run

    log_format.configure(operator.settings.log_level, operator.settings.log_format)
    run(operator.settings, operator.database)


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@pass_operator
def db_upgrade(operator: Operator) -> None:
    """Bring the tables up to date."""
    migrations.upgrade(operator.database)
    click.echo(f"The database is up to date ({migrations.newest()}).")


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
    """Look for what would keep the tool from working, and say what to do."""
    from lti_tool.commands.doctor import findings

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
    except (SettingsError, migrations.DatabaseTooNew) as error:
        click.echo(f"lti-tool: {error}", err=True)
        sys.exit(2)
    except OperationalError as error:
        # What the driver says names the server and the user, and no password.
        said = " ".join(str(error.orig).split())
        click.echo(f"lti-tool: the database does not answer: {said}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        os._exit(1)


if __name__ == "__main__":
    entry()
