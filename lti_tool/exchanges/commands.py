"""``lti-tool exchange`` and ``lti-tool institutions``: who can share discussions with whom."""

import json
from typing import Any

import click

from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.directory import exchanges as directory
from lti_tool.directory.exchange_model import SHOWN_AS, Exchange
from lti_tool.directory.registrations import InstitutionError, get_registration
from lti_tool.exchanges import service
from lti_tool.exchanges.service import LEAVING, Leaving


class _Group(click.Group):
    """Commands that print an :class:`InstitutionError` as one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InstitutionError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Group)
def exchange() -> None:
    """Exchanges: discussions that institutions on any LMS share."""


@exchange.command()
@click.argument("name")
@as_json
@pass_operator
def create(operator: Operator, name: str, in_json: bool) -> None:
    """Open an exchange; institutions join it with an invitation."""
    with operator.ready_database.write() as session:
        made = directory.create_exchange(session, name)
        result = _as_dict(made, 0)
    _print(in_json, result, f"Exchange {made.id}. Next: lti-tool exchange invite {made.id}")


@exchange.command("list")
@as_json
@pass_operator
def list_(operator: Operator, in_json: bool) -> None:
    """List the exchanges."""
    with operator.ready_database.read() as session:
        rows = [_as_dict(each, number) for each, number in directory.all_exchanges(session)]
    if in_json:
        click.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        click.echo("There is no exchange yet. Begin with: lti-tool exchange create NAME")
    for row in rows:
        state = "closed" if row["closed_at"] else "open"
        click.echo(f"{row['id']:>4}  {state:<6}  {row['members']:>3} members  {row['name']}")


@exchange.command()
@click.argument("exchange_id", type=int)
@as_json
@pass_operator
def show(operator: Operator, exchange_id: int, in_json: bool) -> None:
    """Show one exchange with its institutions."""
    with operator.ready_database.read() as session:
        found = directory.get_exchange(session, exchange_id)
        members = directory.members_of(session, exchange_id).values()
        present = [each for each in members if each.present]
        result = _as_dict(found, len(present))
    result["institutions"] = [
        {"id": each.id, "name": each.name, "shown_as": each.shown_as} for each in present
    ]
    lines = [f"{found.name} ({'closed' if found.closed_at else 'open'})"]
    lines += [f"{each.id:>4}  {each.name}  ({each.shown_as})" for each in present]
    _print(in_json, result, "\n".join(lines))


@exchange.command()
@click.argument("exchange_id", type=int)
@click.option("--uses", default=1, show_default=True, type=click.IntRange(1, 1000))
@click.option("--days", default=14, show_default=True, type=click.IntRange(1, 365))
@as_json
@pass_operator
def invite(operator: Operator, exchange_id: int, uses: int, days: int, in_json: bool) -> None:
    """Print a code with which an administrator joins the exchange."""
    with operator.ready_database.write() as session:
        code = directory.invite(session, exchange_id, uses=uses, days=days)
    times = "once" if uses == 1 else f"{uses} times"
    text = f"Works {times}, for {days} days. Paste it under Institution, Exchanges:\n{code}"
    _print(in_json, {"code": code, "uses": uses, "days": days}, text)


@exchange.command()
@click.argument("exchange_id", type=int)
@as_json
@pass_operator
def close(operator: Operator, exchange_id: int, in_json: bool) -> None:
    """Let nobody write in an exchange or join it; its discussions can still be read."""
    directory.set_closed(operator.ready_database, exchange_id, closed=True)
    _print(in_json, {"id": exchange_id, "closed": True}, f"Exchange {exchange_id} is closed.")


@exchange.command()
@click.argument("exchange_id", type=int)
@as_json
@pass_operator
def reopen(operator: Operator, exchange_id: int, in_json: bool) -> None:
    """Open a closed exchange again."""
    directory.set_closed(operator.ready_database, exchange_id, closed=False)
    _print(in_json, {"id": exchange_id, "closed": False}, f"Exchange {exchange_id} is open.")


@exchange.command()
@click.argument("exchange_id", type=int)
@click.argument("institution_id", type=int)
@click.option(
    "--posts",
    type=click.Choice(LEAVING),
    default="nameless",
    show_default=True,
    help="What happens to the posts of its people.",
)
@as_json
@pass_operator
def remove(
    operator: Operator, exchange_id: int, institution_id: int, posts: Leaving, in_json: bool
) -> None:
    """Let an institution leave an exchange."""
    with operator.ready_database.write() as session:
        if not service.end_membership(session, institution_id, exchange_id, posts):
            message = f"Institution {institution_id} is not in exchange {exchange_id}."
            raise InstitutionError(message)
    result = {"exchange": exchange_id, "institution": institution_id, "posts": posts}
    _print(in_json, result, f"Institution {institution_id} has left exchange {exchange_id}.")


@click.group(cls=_Group)
def institutions() -> None:
    """Institutions: deployments whose courses can share discussions."""


@institutions.command("list")
@as_json
@pass_operator
def list_institutions(operator: Operator, in_json: bool) -> None:
    """List the institutions with their deployments."""
    with operator.ready_database.read() as session:
        rows: list[dict[str, Any]] = [
            {
                "id": each.id,
                "name": each.name,
                "shown_as": each.shown_as,
                "deployments": [
                    {"registration": row.registration_id, "deployment": row.deployment_id}
                    for row in deployments
                ],
            }
            for each, deployments in directory.all_institutions(session)
        ]
    if in_json:
        click.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        click.echo("No institution shares a discussion yet.")
    for row in rows:
        click.echo(f"{row['id']:>4}  {row['name'] or '(no name)'}")
        for each in row["deployments"]:
            click.echo(f"      registration {each['registration']}, {each['deployment']}")


@institutions.command()
@click.argument("registration_id", type=int)
@click.option("--deployment", help="One deployment, where institutions share a client ID.")
@click.option("--institution", "institution_id", type=int, help="Let it belong to this one.")
@click.option("--name", help="The name that other institutions read.")
@click.option("--shown-as", type=click.Choice(SHOWN_AS), help="How its people appear outside.")
@as_json
@pass_operator
def change(
    operator: Operator,
    registration_id: int,
    deployment: str | None,
    institution_id: int | None,
    name: str | None,
    shown_as: str | None,
    in_json: bool,
) -> None:
    """Change the institution of a registration, or let it belong to another one.

    A registration that changes its institution shares no discussion until an instructor chooses it
    again.
    """
    database = operator.ready_database
    get_registration(database, registration_id)
    with database.write() as session:
        deployments = directory.deployments_of(session, registration_id, deployment)
        if institution_id is not None:
            service.assign(session, deployments, institution_id)
        found = directory.institution_of(session, deployments[0].id)
        directory.describe_institution(
            session,
            found.id,
            name=found.name if name is None else name,
            shown_as=shown_as or found.shown_as,
        )
        result = {"id": found.id, "name": found.name, "shown_as": found.shown_as}
    _print(in_json, result, f"Registration {registration_id} belongs to institution {found.id}.")


def _as_dict(row: Exchange, members: int) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "members": members,
        "created_at": row.created_at.isoformat(),
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
    }


def _print(in_json: bool, result: dict[str, Any], text: str) -> None:
    click.echo(json.dumps(result, indent=2) if in_json else text)
