"""``lti-tool registrations join``: a tool that was removed in an LMS and registered again."""

import json
from dataclasses import asdict

import click

from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.directory import audit, registration_join
from lti_tool.institution.service import queue_join


@click.command("join")
@click.argument("old", type=int)
@click.argument("new", type=int)
@click.option("--dry-run", is_flag=True, help="Only say what it would do, as without --yes.")
@click.option("--yes", is_flag=True, help="Do it; without this option nothing is changed.")
@click.option("--unrelated", is_flag=True, help="Even without a course and a person in common.")
@as_json
@pass_operator
def join_registrations(
    operator: Operator,
    old: int,
    new: int,
    dry_run: bool,
    yes: bool,
    unrelated: bool,
    in_json: bool,
) -> None:
    """Let the worker move everything of the registration OLD to NEW, and remove OLD.

    For a tool that was removed in an LMS and registered again, with another client ID. People are
    matched by their user ID in the LMS.
    """
    if yes and dry_run:
        raise click.UsageError("Give one of --dry-run and --yes.")
    database = operator.ready_database
    with database.read() as session:
        registration_join.check_joinable(session, old, new, unrelated=unrelated)
    extent = registration_join.extent(database, old, new)
    if yes:
        with database.write() as session:
            audit.record(
                session,
                audit.Place(new),
                "institution.join_registration",
                actor="operator",
                detail=f"{old} → {new}",
            )
            queue_join(session, old, new)
    if in_json:
        click.echo(json.dumps({"queued": yes, **asdict(extent)}, indent=2))
        return
    click.echo(f"people       {extent.people:>7}  of them in both: {extent.people_in_both}")
    click.echo(f"courses      {extent.courses:>7}  of them in both: {extent.courses_in_both}")
    click.echo(f"deployments  {extent.deployments:>7}")
    if yes:
        click.echo(f"Registration {old} is disabled, and the worker joins it to {new}.")
        click.echo("Until that is done, it is listed by: lti-tool outbox list")
    else:
        click.echo("Nothing is changed yet. Make a backup, then add: --yes")
