"""``lti-tool mail``: try the mail server, and feed in reports about failed delivery."""

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from courseware.i18n import interface
from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.directory import audit
from lti_tool.directory.registrations import InstitutionError, get_registration
from lti_tool.mail.bounces import read_report
from lti_tool.mail.messages import Letter, mail_host, message_id
from lti_tool.mail.server import is_address
from lti_tool.mail.smtp import NotSentError
from lti_tool.notifications import addresses, server_state, service
from lti_tool.notifications.choices import as_time_zone
from lti_tool.notifications.delivery import Delivery
from lti_tool.notifications.letters import NoticeLetter
from lti_tool.notifications.links import new_key
from lti_tool.web.templates import render_template_text


@click.group()
def mail() -> None:
    """Notices by mail."""


@mail.command()
@click.argument("address")
@as_json
@pass_operator
def test(operator: Operator, address: str, in_json: bool) -> None:
    """Send a test mail, with the headers of a notice, and say what to check in it."""
    settings = operator.settings
    if not settings.sends_mail:
        raise click.ClickException("Set MINGA_SMTP_URL and MINGA_MAIL_FROM first.")
    if not is_address(address):
        raise click.ClickException(f"{address} is not an e-mail address.")
    ui = interface("en")
    subject = "Test mail from Minga"
    url = f"{settings.public_url}/n/test"
    letter = Letter(
        subject=subject,
        text=render_template_text(ui, "mail/test.txt", url=settings.public_url),
        html=render_template_text(ui, "mail/test.html", subject=subject, url=settings.public_url),
        language=ui.lang,
        message_id=message_id(settings.secret_key, settings.public_url, "test", new_key()),
        list_id=f"test.{mail_host(settings.public_url)}",
        list_name="Test",
        unsubscribe_url=url,
    )
    try:
        Delivery(settings).send(NoticeLetter(letter, ""), address)
    except NotSentError as error:
        raise click.ClickException(f"The mail server did not accept it: {error.refusal}.") from None
    server_state.forget_refusals(operator.ready_database)
    if in_json:
        click.echo(json.dumps({"sent": address, "message_id": letter.message_id}))
        return
    click.echo(f"Sent to {address}. Look at the headers of the mail that arrives:")
    click.echo("  Authentication-Results: spf=pass, dkim=pass and dmarc=pass")
    click.echo("  DKIM-Signature: h= must include list-unsubscribe and list-unsubscribe-post,")
    click.echo("  or one-click unsubscribing is not offered (RFC 8058).")


@mail.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@as_json
@pass_operator
def bounce(operator: Operator, file: str, in_json: bool) -> None:
    """Read a report about failed delivery (RFC 3464) from FILE, or from - (standard input)."""
    raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    failures = read_report(raw)
    if in_json:
        database = operator.ready_database
        changed = [
            {
                "address": each.address,
                "people": addresses.record_failure(database, each),
                "verdict": each.verdict,
            }
            for each in failures
        ]
        click.echo(json.dumps(changed))
        return
    if not failures:
        click.echo("This is not a report about failed delivery. Nothing was changed.")
        return
    for failed in failures:
        people = addresses.record_failure(operator.ready_database, failed)
        effect = {
            "bad address": "the address does not exist; no more mail is sent to it",
            "policy": "refused by policy; see: lti-tool doctor",
            "soft": "the reason is not known or temporary; counted",
        }[failed.verdict]
        click.echo(f"{failed.address} ({people} people): {effect}.")


@mail.command()
@click.argument("address")
@as_json
@pass_operator
def revoke(operator: Operator, address: str, in_json: bool) -> None:
    """Make all links in mails to ADDRESS, and the feeds of its owner, invalid."""
    people = addresses.renew_links(operator.ready_database, address)
    if in_json:
        click.echo(json.dumps({"address": address, "people": people}))
        return
    click.echo(f"People with this address: {people}. Their earlier links no longer work.")


@mail.command()
@click.argument("registration_id", type=int)
@click.option(
    "--own-addresses",
    type=click.Choice(("allow", "refuse")),
    help="Whether people may give an address where the platform sends none.",
)
@click.option("--notices", type=click.Choice(("on", "off")), help="Whether notices are mailed.")
@click.option("--time-zone", help="Time zone of digests, such as America/Quito.")
@as_json
@pass_operator
def institution(
    operator: Operator,
    registration_id: int,
    own_addresses: str | None,
    notices: str | None,
    time_zone: str | None,
    in_json: bool,
) -> None:
    """Say what an institution (the number of its registration) decided about mail, and change it.

    Its administrators decide the same under Institution, Policies.
    """
    if time_zone is not None and as_time_zone(time_zone) is None:
        raise click.ClickException(f"{time_zone} is not a time zone. Write one like America/Quito.")
    database = operator.ready_database
    try:
        get_registration(database, registration_id)
    except InstitutionError as error:
        raise click.ClickException(str(error)) from None
    given: dict[str, Any] = {
        "sends_mail": None if notices is None else notices == "on",
        "own_addresses": None if own_addresses is None else own_addresses == "allow",
        "time_zone": time_zone,
    }
    changed = {name: value for name, value in given.items() if value is not None}
    with database.write() as session:
        policy = replace(service.mail_choices(session, registration_id), **changed)
        if changed:
            service.set_mail_choices(session, registration_id, policy)
            detail = ", ".join(f"{name}={value}" for name, value in changed.items())
            place = audit.Place(registration_id)
            audit.record(session, place, "registrations.change", actor="operator", detail=detail)
    if in_json:
        click.echo(json.dumps(asdict(policy)))
        return
    click.echo(f"Notices by mail: {'on' if policy.sends_mail else 'off'}.")
    click.echo(f"Own addresses: {'allowed' if policy.own_addresses else 'refused'}.")
    click.echo(f"Time zone of digests: {policy.time_zone or 'UTC'}.")
