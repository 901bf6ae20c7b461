"""``lti-tool answers``: import answers that people wrote in packages."""

import json
from contextlib import ExitStack
from pathlib import Path

import click

from courseware.i18n import interface
from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.discussion.imports import answers as service
from lti_tool.discussion.imports import messages
from lti_tool.discussion.imports.activities import find_place
from lti_tool.discussion.imports.files import collect
from lti_tool.discussion.imports.matching import METHODS, Method
from lti_tool.discussion.imports.plans import PersonPlan, Plan, Upload, make_plan

_FILES = click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


@click.group()
def answers() -> None:
    """Answers that people wrote in a package (SCORM, cmi5, website), without the discussion."""


@answers.command("import")
@_FILES
@click.option("--activity", type=int, required=True, help="Number from `lti-tool discussion list`.")
@click.option("--module", "module_id", help="A module other than the one the activity shows now.")
@click.option(
    "--match",
    "method",
    type=click.Choice(METHODS),
    default="email",
    show_default=True,
    help="What is compared with the members of the course.",
)
@click.option(
    "--person",
    "chosen",
    multiple=True,
    metavar="N=WHO",
    help="Who person N of the list is: a user's number, archive (nobody in the course), or skip.",
)
@click.option(
    "--apply", "is_real", is_flag=True, help="Import; without it, only say what would be."
)
@as_json
@pass_operator
def import_(
    operator: Operator,
    files: tuple[Path, ...],
    activity: int,
    module_id: str | None,
    method: Method,
    chosen: tuple[str, ...],
    is_real: bool,
    in_json: bool,
) -> None:
    """Import files of answers, Moodle's SCORM report in text format, xAPI statements, or zips.

    The answers become posts under their questions, held for approval. People who may be several
    members of the course are left out until --person says who they are. Repeating an import adds
    nothing twice.
    """
    database = operator.ready_database
    place = find_place(operator, activity, module_id)
    with ExitStack() as opened:
        found = collect(
            ((path.name, opened.enter_context(path.open("rb"))) for path in files), place.module
        )
    upload = Upload.of(found)
    for each in chosen:
        upload = _chosen(upload, each)
    with database.read_core() as connection:
        plan = make_plan(connection, place, upload, method)
    result = None
    if is_real:
        result = service.apply(database, operator.settings.secret_key, place, plan)
    if in_json:
        facts = {
            "people": [_as_json(each) for each in plan.people],
            "skipped": [
                {"file": each.file, "reason": each.fault, "detail": each.detail}
                for each in plan.skipped
            ],
            "skipped_total": plan.skipped_total,
            "added": result.added if result else None,
        }
        click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    _print(plan)
    if result is None:
        click.echo(f"{plan.ready} answers would be imported. To import them, add: --apply")
        return
    click.echo(f"Imported: {result.added}. Were there already: {result.known}.")
    if result.undecided:
        click.echo(f"People left out, because it is not clear who they are: {result.undecided}.")


def _chosen(upload: Upload, given: str) -> Upload:
    number, _, who = given.partition("=")
    if not number.isdecimal() or not 0 < int(number) <= len(upload.people):
        raise click.UsageError(f"--person {given}: the list has no such number.")
    if who in ("archive", "skip"):
        return upload.choosing(int(number) - 1, "archive" if who == "archive" else "skip")
    if not who.isdecimal():
        raise click.UsageError(f"--person {given}: give a user's number, archive or skip.")
    return upload.choosing(int(number) - 1, int(who))


def _print(plan: Plan) -> None:
    ui = interface("en")
    for each in plan.people:
        person = " ".join(filter(None, (each.person.name, each.person.email))) or (
            each.person.identifier
        )
        click.echo(f"{each.number + 1:>4}  {person}: {_who(each)}")
        questions = ", ".join(answer.question for answer in each.new)
        known = f"; there already: {len(each.known)}" if each.known else ""
        click.echo(f"      new answers: {len(each.new)} ({questions}){known}")
    for skipped in plan.skipped:
        detail = f" ({skipped.detail})" if skipped.detail else ""
        click.echo(f"  not imported: {skipped.file}{detail}: {messages.explain(ui, skipped)}")
    if plan.skipped_total > len(plan.skipped):
        click.echo(f"  and {plan.skipped_total - len(plan.skipped)} more")


def _who(each: PersonPlan) -> str:
    if each.left_out:
        return "left out"
    if each.user is not None:
        return f"user {each.user.user_id}, {each.user.name or 'without a name'}"
    if each.candidates:
        several = ", ".join(f"{one.user_id} ({one.name}, {one.email})" for one in each.candidates)
        return f"one of the users {several}; choose with --person {each.number + 1}=NUMBER"
    return "nobody in the course; the posts get the name of the file"


def _as_json(each: PersonPlan) -> dict[str, object]:
    return {
        "number": each.number + 1,
        "name": each.person.name,
        "email": each.person.email,
        "identifier": each.person.identifier,
        "user": each.user.user_id if each.user else None,
        "candidates": [one.user_id for one in each.candidates],
        "left_out": each.left_out,
        "new": [answer.question for answer in each.new],
        "known": [answer.question for answer in each.known],
    }
