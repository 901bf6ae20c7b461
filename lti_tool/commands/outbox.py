"""``lti-tool outbox``: the tasks that wait for the worker, run, were done or were given up."""

import json
from datetime import datetime
from typing import Any, get_args

import click

from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.tasks import outbox as service
from lti_tool.tasks.outbox import OutboxRow, Status

_STATUSES: tuple[Status, ...] = get_args(Status)


@click.group()
def outbox() -> None:
    """The tasks of the worker: list them, show one, try one again."""


@outbox.command("list")
@click.option(
    "--status",
    type=click.Choice([each.replace(" ", "-") for each in _STATUSES]),
    help="Only these; without it, all that are not done.",
)
@click.option("--kind", help="Only tasks of this kind, such as packages.build.")
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1, 100_000), help="At most."
)
@as_json
@pass_operator
def list_(
    operator: Operator, status: str | None, kind: str | None, limit: int, in_json: bool
) -> None:
    """List tasks, oldest first, with the last error of each."""
    wanted = next((each for each in _STATUSES if status == each.replace(" ", "-")), None)
    rows = service.listed(operator.ready_database, status=wanted, kind=kind, most=limit)
    if in_json:
        click.echo(json.dumps([_summary(row) for row in rows], indent=2))
        return
    for row in rows:
        click.echo(
            f"{row.id}  {row.status}  {row.kind}  due {_iso(row.due_at)}  attempts {row.attempts}"
        )
        if row.last_error:
            click.echo(f"    {row.last_error}")
    if len(rows) == limit:
        click.echo(f"Only the first {limit} are listed: see --limit.", err=True)


@outbox.command()
@click.argument("number", type=int)
@as_json
@pass_operator
def show(operator: Operator, number: int, in_json: bool) -> None:
    """Show everything about the task NUMBER."""
    row = service.find(operator.ready_database, number)
    if row is None:
        raise _no_task(number)
    values = _summary(row) | {
        "leased_until": _iso(row.leased_until),
        "done_at": _iso(row.done_at),
        "given_up_at": _iso(row.given_up_at),
        "payload": json.loads(row.payload),
    }
    if in_json:
        click.echo(json.dumps(values, indent=2))
        return
    for name, value in values.items():
        text = json.dumps(value) if name == "payload" else value
        click.echo(f"{name + ':':<14}{'-' if text is None else text}")


@outbox.command()
@click.argument("numbers", type=int, nargs=-1)
@click.option("--given-up", is_flag=True, help="All tasks that were given up.")
@as_json
@pass_operator
def retry(operator: Operator, numbers: tuple[int, ...], given_up: bool, in_json: bool) -> None:
    """Do the tasks NUMBERS now, waiting or given up, with all their attempts before them.

    A given-up task with an ordering key runs after the newer ones that were done meanwhile.
    """
    if bool(numbers) == given_up:
        raise click.UsageError("Give the numbers of tasks, or --given-up.")
    database = operator.ready_database
    if given_up:
        rows = service.listed(database, status="given up", kind=None, most=100_000)
        numbers = tuple(row.id for row in rows)
    results = [(number, service.retry(database, number)) for number in numbers]
    retried = [number for number, status in results if status in ("waiting", "given up")]
    if in_json:
        click.echo(json.dumps({"retried": retried}, indent=2))
    else:
        click.echo(f"Tasks that are due now: {', '.join(map(str, retried)) or 'none'}.")
    problems = [
        f"There is no task {number}." if status is None else f"Task {number} is {status}."
        for number, status in results
        if number not in retried
    ]
    if problems:
        raise click.ClickException(" ".join(problems))


def _no_task(number: int) -> click.ClickException:
    return click.ClickException(f"There is no task {number}. Run: lti-tool outbox list")


def _summary(row: OutboxRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": row.status,
        "kind": row.kind,
        "key": row.key,
        "order_key": row.order_key,
        "due_at": _iso(row.due_at),
        "attempts": row.attempts,
        "last_error": row.last_error,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
