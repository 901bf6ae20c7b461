"""``lti-tool keys``: the tool's own signing keys."""

import json
import time
from datetime import UTC, datetime

import click

from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.directory.signing_keys import signing_keys
from lti_tool.lti.signing_keys import KeyTimes, SigningKeys


@click.group()
def keys() -> None:
    """The keys with which the tool signs what it sends to platforms."""


@keys.command("list")
@as_json
@pass_operator
def list_(operator: Operator, in_json: bool) -> None:
    """List the keys and their states."""
    rows = [_state(key) for key in _keys(operator).listed()]
    if in_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(f"{row['kid']}  {row['state']}  signs from {row['signs_from']}")


@keys.command()
@click.option("--at-once", is_flag=True, help="A key has leaked: drop the old ones now.")
@as_json
@pass_operator
def rotate(operator: Operator, at_once: bool, in_json: bool) -> None:
    """Make a new key: published at once, signing a day later; the old one stays a day more."""
    created = _state(_keys(operator).rotate(at_once=at_once))
    if in_json:
        click.echo(json.dumps(created, indent=2))
        return
    click.echo(f"New key {created['kid']}: published now, signs from {created['signs_from']}.")


def _keys(operator: Operator) -> SigningKeys:
    return signing_keys(operator.settings, operator.ready_database)


def _state(key: KeyTimes) -> dict[str, str]:
    now = time.time()
    if not key.is_published(now):
        state = "gone"
    elif now < key.signs_from:
        state = "published, not yet signing"
    else:
        state = "published"
    return {"kid": key.kid, "state": state, "signs_from": _when(key.signs_from)}


def _when(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="minutes")
