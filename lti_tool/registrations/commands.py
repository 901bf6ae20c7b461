"""``lti-tool registrations`` and ``lti-tool invite``: which platforms may launch the tool."""

import json
import shlex
from dataclasses import asdict
from typing import Any

import click

from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.directory import audit
from lti_tool.directory import registrations as directory
from lti_tool.directory.deployment_join import join_deployments, possible_joins
from lti_tool.directory.model import Deployment, RegistrationRow
from lti_tool.discussion import withdrawal
from lti_tool.lti.registration import Registration
from lti_tool.lti.urls import split
from lti_tool.registrations import changes as registration_changes


class _Group(click.Group):
    """Commands that print an :class:`InstitutionError` as one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except directory.InstitutionError as error:
            raise click.ClickException(str(error)) from None


@click.command()
@click.option("--name", default="", help="The institution that it is for.")
@click.option("--uses", default=1, show_default=True, type=click.IntRange(1, 1000))
@click.option("--days", default=14, show_default=True, type=click.IntRange(1, 365))
@as_json
@pass_operator
def invite(operator: Operator, name: str, uses: int, days: int, in_json: bool) -> None:
    """Print a URL with which an administrator adds a platform by dynamic registration."""
    code = directory.invite(operator.ready_database, name=name, uses=uses, days=days)
    url = f"{operator.settings.public_url}/lti/register/{code}"
    if in_json:
        click.echo(json.dumps({"address": url, "uses": uses, "days": days}))
        return
    times = "once" if uses == 1 else f"{uses} times"
    click.echo(f"Works {times}, for {days} days. Paste it where the platform adds LTI 1.3 tools:")
    click.echo(url)


@click.group(cls=_Group)
def registrations() -> None:
    """The platforms that may launch the tool."""


@registrations.command("list")
@as_json
@pass_operator
def list_(operator: Operator, in_json: bool) -> None:
    """List the registrations."""
    rows = directory.all_registrations(operator.ready_database)
    if in_json:
        click.echo(json.dumps([_as_dict(row) for row in rows], indent=2))
        return
    if not rows:
        click.echo("No platform is registered yet. Begin with: lti-tool invite")
    for row in rows:
        click.echo(f"{row.id:>4}  {row.status:<8}  {row.issuer}  {row.client_id}  {row.name}")
    _print_pending_count(registration_changes.count_pending_changes(operator.database))


@registrations.command()
@click.option("--issuer", required=True, help="The platform's issuer (iss).")
@click.option("--client-id", required=True, help="The client id that the platform gave the tool.")
@click.option("--authorization-endpoint", required=True, help="OIDC authentication request URL.")
@click.option("--token-endpoint", default="", help="OAuth 2 access token URL.")
@click.option("--jwks-uri", required=True, help="The platform's public key set URL.")
@click.option("--token-audience", default=None, help="If it differs from the token endpoint.")
@click.option("--deployment", "deployments", multiple=True, help="A deployment id; may repeat.")
@click.option("--name", default="", help="What to call it.")
@click.option("--product", default=None, help="moodle, canvas, brightspace, blackboard, sakai…")
@click.option(
    "--frame-origin", "frames", multiple=True, help="One more origin that frames the tool."
)
@click.option(
    "--guests", type=click.Choice(directory.GUESTS), help="What they may do; at first: read."
)
@click.option(
    "--unknown-deployments",
    type=click.Choice(directory.DEPLOYMENT_POLICIES),
    help="What to do with a deployment that was never seen; at first: accept.",
)
@as_json
@pass_operator
def add(operator: Operator, /, in_json: bool, **given: Any) -> None:
    """Add a platform manually, or update it: options that are not given change nothing."""
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if given[name] and split(given[name]) is None:
            option = "--" + name.replace("_", "-")
            raise click.BadParameter(f"{given[name]!r} is not a web address.", param_hint=option)
    registration = Registration(
        issuer=given["issuer"],
        client_id=given["client_id"],
        authorization_endpoint=given["authorization_endpoint"],
        token_endpoint=given["token_endpoint"],
        jwks_uri=given["jwks_uri"],
        name=given["name"],
        token_audience=given["token_audience"],
        product=given["product"],
        frame_origins=directory.frame_origins_from(given["frames"]),
    )
    policies = {name: given[name] for name in ("guests", "unknown_deployments") if given[name]}
    registration_id = directory.register(
        operator.ready_database, registration, deployment_ids=given["deployments"], **policies
    )
    public = operator.settings.public_url
    result = {
        "id": registration_id,
        "login": f"{public}/lti/login",
        "redirect": f"{public}/lti/launch",
        "keys": f"{public}/lti/jwks",
        "deep_linking": f"{public}/lti/launch",
    }
    if in_json:
        click.echo(json.dumps(result))
        return
    click.echo(f"Registered as {registration_id}. Tell the platform:")
    click.echo(f"  login (initiate login) URL   {result['login']}")
    click.echo(f"  redirect and target URL      {result['redirect']}")
    click.echo(f"  public key set URL           {result['keys']}")


@registrations.command()
@click.argument("registration_id", type=int)
@as_json
@pass_operator
def show(operator: Operator, registration_id: int, in_json: bool) -> None:
    """Show one registration with its deployments."""
    row = directory.get_registration(operator.ready_database, registration_id)
    deployments = directory.deployments_of(operator.database, registration_id)
    result = {**_as_dict(row), "deployments": [_deployment(each) for each in deployments]}
    if in_json:
        click.echo(json.dumps(result, indent=2))
        return
    for name, value in result.items():
        if name != "deployments":
            click.echo(f"{name:<24}{value if value not in (None, '') else '—'}")
    for each in deployments:
        click.echo(f"{'deployment':<24}{each.deployment_id} ({each.status})")


@registrations.command()
@click.argument("registration_id", type=int)
@as_json
@pass_operator
def check(operator: Operator, registration_id: int, in_json: bool) -> None:
    """Fetch the platform's keys and an access token, and print the results."""
    from lti_tool.registrations.platform_check import check_platform

    row = directory.get_registration(operator.ready_database, registration_id)
    found = check_platform(operator.settings, operator.database, directory.from_row(row))
    if in_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=2))
    else:
        for each in found:
            click.echo(f"{'ok' if each.passed else 'error':>7}  {each.text}")
    if not all(each.passed for each in found):
        raise click.exceptions.Exit(1)


def _status_command(name: str, status: str, help_: str) -> None:
    @registrations.command(name, help=help_)
    @click.argument("registration_id", type=int)
    @as_json
    @pass_operator
    def command(operator: Operator, registration_id: int, in_json: bool) -> None:
        directory.change_registration(operator.ready_database, registration_id, status=status)
        _print(in_json, f"Registration {registration_id} is now {status}.", status=status)
        if status == "active" and not in_json:
            _print_pending_count(
                registration_changes.count_pending_changes(operator.database, registration_id)
            )


_status_command("enable", "active", "Switch a registration on (or approve a pending one).")
_status_command("disable", "disabled", "Switch a registration off; nothing is deleted.")


@registrations.command()
@as_json
@pass_operator
def changes(operator: Operator, in_json: bool) -> None:
    """List the changes that platforms requested and that an operator must confirm or reject."""
    rows = registration_changes.pending_changes(operator.ready_database)
    if in_json:
        click.echo(json.dumps([_change(row) for row in rows], indent=2))
        return
    if not rows:
        click.echo("No change waits.")
    for row in rows:
        change, registration = row.change, row.registration
        by = "without an invitation" if change.invitation is None else "with an invitation"
        named = f" ({change.invitation})" if change.invitation else ""
        click.echo(f"Change {change.id} of registration {registration.id}, {registration.issuer}")
        click.echo(f"  asked for at {change.created_at:%Y-%m-%d %H:%M} UTC {by}{named}")
        for name, (old, new) in row.fields.items():
            click.echo(f"  {name}\n    now  {old or '—'}\n    new  {new or '—'}")
    if rows:
        click.echo("Ask the institution whether it made the change, by a way you know. Then:")
        click.echo(
            "lti-tool registrations confirm NUMBER, or: lti-tool registrations reject NUMBER"
        )


@registrations.command()
@click.argument("change_id", type=int)
@as_json
@pass_operator
def confirm(operator: Operator, change_id: int, in_json: bool) -> None:
    """Apply a change that a platform requested."""
    changed = registration_changes.confirm_change(operator.ready_database, change_id)
    _print(
        in_json, f"Registration {changed} is changed.", confirmed=change_id, registration=changed
    )


@registrations.command()
@click.argument("change_id", type=int)
@as_json
@pass_operator
def reject(operator: Operator, change_id: int, in_json: bool) -> None:
    """Delete a change that a platform requested; the registration stays as it is."""
    id_ = registration_changes.reject_change(operator.ready_database, change_id)
    _print(
        in_json,
        f"Registration {id_} stays as it is.",
        rejected=change_id,
        registration=id_,
    )


@registrations.command()
@click.argument("registration_id", type=int)
@click.argument("policy", type=click.Choice(directory.GUESTS))
@as_json
@pass_operator
def guests(operator: Operator, registration_id: int, policy: str, in_json: bool) -> None:
    """Set what an anonymous launch may do: none, read or post."""
    directory.change_registration(operator.ready_database, registration_id, guests=policy)
    _print(in_json, f"Guests of registration {registration_id}: {policy}.", guests=policy)


@registrations.command()
@click.argument("registration_id", type=int)
@click.option("--test-users", type=click.Choice(directory.PREVIEWS), help="At first: read.")
@click.option(
    "--impersonation",
    type=click.Choice(directory.PREVIEWS),
    help="People who act as another person; at first: read.",
)
@as_json
@pass_operator
def previews(
    operator: Operator,
    registration_id: int,
    test_users: str | None,
    impersonation: str | None,
    in_json: bool,
) -> None:
    """Say who may look at activities without being a participant; nothing they do is saved.

    Test users are those of an LMS's preview, such as Canvas' Student View. Without options, print
    what applies.
    """
    given = {"test_users": test_users, "impersonation": impersonation}
    values = {name: value for name, value in given.items() if value is not None}
    if values:
        directory.change_registration(operator.ready_database, registration_id, **values)
    row = directory.get_registration(operator.ready_database, registration_id)
    _print(
        in_json,
        f"Registration {registration_id}: test users {row.test_users}, "
        f"impersonation {row.impersonation}.",
        test_users=row.test_users,
        impersonation=row.impersonation,
    )


@registrations.command()
@click.argument("registration_id", type=int)
@click.argument("policy", type=click.Choice(("on", "off")))
@as_json
@pass_operator
def translation(operator: Operator, registration_id: int, policy: str, in_json: bool) -> None:
    """Set whether texts of posts may be sent to the translation service: on or off.

    Only with the institution's consent. The service is that of MINGA_TRANSLATION_URL.
    """
    directory.change_registration(
        operator.ready_database, registration_id, translation=policy == "on"
    )
    _print(
        in_json,
        f"Translation for registration {registration_id}: {policy}.",
        translation=policy == "on",
    )
    if policy == "on" and operator.settings.translation_url is None and not in_json:
        click.echo("No translation service is set yet: MINGA_TRANSLATION_URL.")


@registrations.command()
@click.argument("registration_id", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@pass_operator
def remove(operator: Operator, registration_id: int, yes: bool, in_json: bool) -> None:
    """Remove a registration with everything that belongs to it: users, courses, posts."""
    row = directory.get_registration(operator.ready_database, registration_id)
    if not yes:
        click.confirm(
            f"Remove {row.name} ({row.issuer}) with its people, courses and posts?", abort=True
        )
    withdrawal.remove_of_registration(operator.database, registration_id)
    directory.remove_registration(operator.database, registration_id)
    _print(in_json, f"Registration {registration_id} is removed.", removed=registration_id)


@registrations.group()
def deployments() -> None:
    """The deployments of a registration."""


@deployments.command("list")
@click.argument("registration_id", type=int)
@as_json
@pass_operator
def list_deployments(operator: Operator, registration_id: int, in_json: bool) -> None:
    """List the deployments of a registration, and those that can be joined."""
    directory.get_registration(operator.ready_database, registration_id)
    rows = directory.deployments_of(operator.database, registration_id)
    joins = possible_joins(operator.database, registration_id)
    if in_json:
        shown: list[dict[str, object]] = [
            {
                **_deployment(row),
                "same_courses_as": [join.old for join in joins if join.new == row.deployment_id],
            }
            for row in rows
        ]
        click.echo(json.dumps(shown, indent=2))
        return
    for row in rows:
        click.echo(f"{row.deployment_id}  {row.status}")
    for join in joins:
        click.echo(
            f"{join.new} has courses of {join.old} ({join.courses}), as after the tool was deleted "
            "and deployed again. See what joining them would do:"
        )
        names = shlex.join([str(registration_id), join.old, join.new])
        click.echo(f"  lti-tool registrations deployments join {names}")


@deployments.command()
@click.argument("registration_id", type=int)
@click.argument("old")
@click.argument("new")
@click.option("--yes", is_flag=True, help="Do it; without this option it is only tried.")
@click.option("--unrelated", is_flag=True, help="Even without a course and a member in common.")
@as_json
@pass_operator
def join(
    operator: Operator,
    registration_id: int,
    old: str,
    new: str,
    yes: bool,
    unrelated: bool,
    in_json: bool,
) -> None:
    """Move everything of the deployment OLD to the deployment NEW, and remove OLD.

    For a tool that was deleted in the platform and deployed again. Activities, discussions,
    progress and members of the same courses are put together; no post is lost.
    """
    directory.get_registration(operator.ready_database, registration_id)
    result = join_deployments(
        operator.database, registration_id, old, new, dry_run=not yes, unrelated=unrelated
    )
    if yes:
        with operator.database.write() as session:
            audit.record(
                session,
                audit.Place(registration_id),
                "institution.join",
                actor="operator",
                detail=f"{old} → {new}",
            )
    if in_json:
        facts = {"joined": yes, "moved": result.moved, "merged": result.merged}
        click.echo(json.dumps(facts, indent=2))
        return
    for table, name in _JOINED.items():
        moved, merged = result.moved.get(table, 0), result.merged.get(table, 0)
        click.echo(f"{name:<12}{moved:>7} moved  {merged:>7} put together with one of {new}")
    if yes:
        click.echo(f"Deployment {old} is part of {new} now.")
    else:
        click.echo("Nothing is changed yet. To join them, add: --yes")


_JOINED = {
    "courses": "courses",
    "resource_links": "activities",
    "discussions": "discussions",
    "posts": "posts",
    "memberships": "members",
    "progress": "progress",
    "drafts": "drafts",
    "launch_sessions": "sessions",
}
"""The names of tables in the output of ``join``."""


def _deployment_command(name: str, active: bool, help_: str) -> None:
    @deployments.command(name, help=help_)
    @click.argument("registration_id", type=int)
    @click.argument("deployment_id")
    @as_json
    @pass_operator
    def command(
        operator: Operator, registration_id: int, deployment_id: str, in_json: bool
    ) -> None:
        directory.set_deployment(
            operator.ready_database, registration_id, deployment_id, active=active
        )
        state = "active" if active else "disabled"
        _print(in_json, f"Deployment {deployment_id} is now {state}.", status=state)


_deployment_command("add", True, "Add a deployment, or switch it on again.")
_deployment_command("disable", False, "Switch a deployment off; nothing is deleted.")


def _as_dict(row: RegistrationRow) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "status": row.status,
        "issuer": row.issuer,
        "client_id": row.client_id,
        "authorization_endpoint": row.authorization_endpoint,
        "token_endpoint": row.token_endpoint,
        "token_audience": row.token_audience,
        "jwks_uri": row.jwks_uri,
        "product": row.product,
        "guests": row.guests,
        "test_users": row.test_users,
        "impersonation": row.impersonation,
        "translation": row.translation,
        "unknown_deployments": row.unknown_deployments,
        "frame_origins": row.frame_origins,
        "scopes": row.scopes,
        "configuration_url": row.configuration_url,
        "created_at": row.created_at.isoformat(),
    }


def _change(row: registration_changes.PendingChange) -> dict[str, object]:
    return {
        "id": row.change.id,
        "registration": row.registration.id,
        "issuer": row.registration.issuer,
        "client_id": row.registration.client_id,
        "invitation": row.change.invitation,
        "created_at": row.change.created_at.isoformat(),
        "fields": {name: {"now": old, "new": new} for name, (old, new) in row.fields.items()},
    }


def _print_pending_count(count: int) -> None:
    if count:
        click.echo(f"Changes that wait for you: {count}. See: lti-tool registrations changes")


def _deployment(row: Deployment) -> dict[str, str]:
    return {"deployment_id": row.deployment_id, "status": row.status}


def _print(in_json: bool, text: str, **facts: object) -> None:
    click.echo(json.dumps(facts) if in_json else text)
