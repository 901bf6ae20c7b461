"""``lti-tool registrations retention``: how long discussions are stored."""

import json
from dataclasses import asdict

import click

from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.directory import registrations as directory
from lti_tool.discussion import retention as rules


@click.command()
@click.argument("registration_id", type=int)
@click.option("--months", type=click.IntRange(1, 1200), help="Months after the last use.")
@click.option("--never", is_flag=True, help="Store discussions for ever, as at first.")
@click.option(
    "--action",
    type=click.Choice(rules.ACTIONS),
    default="delete",
    show_default=True,
    help="What to do then: delete the discussion, or make its authors anonymous.",
)
@click.option("--course", "context_id", help="Only for the course with this LTI context ID.")
@click.option("--inherit", is_flag=True, help="Let the rule of the registration apply to --course.")
@click.option("--yes", is_flag=True, help="Store the rule; without this option it is only tried.")
@as_json
@pass_operator
def retention(
    operator: Operator,
    registration_id: int,
    months: int | None,
    never: bool,
    action: str,
    context_id: str | None,
    inherit: bool,
    yes: bool,
    in_json: bool,
) -> None:
    """Say how long discussions are stored, and list those whose time is over.

    The worker applies the rule every hour. Without options, print the rule.
    """
    database = operator.ready_database
    row = directory.get_registration(database, registration_id)
    if sum((months is not None, never, inherit)) > 1 or (inherit and context_id is None):
        raise click.UsageError("Give one of --months, --never, and --inherit with --course.")
    course = None
    if context_id is not None:
        course = rules.find_course(database, registration_id, context_id)
        if course is None:
            raise click.ClickException(
                f"Registration {registration_id} has no course {context_id!r}."
            )
    changes = months is not None or never or inherit
    if yes and changes:
        if context_id is None:
            directory.change_registration(
                database, registration_id, retention_months=months, retention_action=action
            )
        else:
            rules.set_course_rule(
                database,
                registration_id,
                context_id,
                months=months,
                action=None if inherit else action,
            )
        rule = (months, action)
    elif course is not None and not changes and course.retention_action is not None:
        rule = (course.retention_months, course.retention_action)
    else:
        rule = (months, action) if changes else (row.retention_months, row.retention_action)
    found = []
    if rule[0] is not None:
        found = rules.due(
            database,
            registration_id=registration_id,
            months=rule[0],
            action=rule[1],
            course_id=course.id if course else None,
        )
    if in_json:
        facts = {"months": rule[0], "action": rule[1], "stored": yes or not changes}
        due = [asdict(each) for each in found]
        click.echo(json.dumps({**facts, "course": context_id, "due": due}, indent=2))
        return
    click.echo(_rule(inherit, *rule))
    for each in found:
        where = " · ".join(filter(None, (each.course, each.activity, each.module_id)))
        click.echo(f"  time is over: {where} ({each.posts} posts)")
    if changes and not yes:
        click.echo("Nothing is changed yet. To store the rule, add: --yes")


def _rule(inherit: bool, months: int | None, action: str) -> str:
    if inherit:
        return "The rule of the registration applies."
    if months is None:
        return "Discussions are stored for ever."
    verb = "deleted" if action == "delete" else "made anonymous"
    return f"Discussions are {verb} {months} months after their last use."
