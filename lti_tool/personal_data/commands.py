"""``lti-tool users``: find a user, export what is stored about one, and erase one."""

import json
import shutil
from pathlib import Path

import click

from lti_tool.attachments.store import StoreError
from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.personal_data import service
from lti_tool.personal_data.archive import (
    NoRoomError,
    PersonWithFiles,
    json_text,
    person_archive,
    person_with_files,
)
from lti_tool.personal_data.service import Declarations


def make_group(declarations: Declarations) -> click.Group:
    """Return the commands, for the data that all features declare."""

    @click.group()
    def users() -> None:
        """The people whom the platforms sent, and what is stored about them."""

    @users.command("list")
    @click.argument("registration_id", type=int)
    @click.option("--search", default="", help="Text in name, e-mail address or LMS user ID.")
    @as_json
    @pass_operator
    def list_(operator: Operator, registration_id: int, search: str, in_json: bool) -> None:
        """List at most 100 users of a registration."""
        found = service.find_users(operator.ready_database, registration_id, search)
        if in_json:
            names = ("id", "kind", "name", "email", "lms_user_id")
            rows = [{name: getattr(each, name) for name in names} for each in found]
            click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
            return
        for each in found:
            parts = (each.kind, each.name, each.email, each.lms_user_id)
            click.echo(f"{each.id:>8}  " + "  ".join(part or "—" for part in parts))
        if not found:
            click.echo("No user is stored there with this text.")

    @users.command()
    @click.argument("user_id", type=int)
    @click.option(
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write a file; FILE.zip has the files that the user attached, too.",
    )
    @click.option("--json", "_in_json", is_flag=True, help="Print JSON (always the case).")
    @pass_operator
    def export(operator: Operator, user_id: int, output: Path | None, _in_json: bool) -> None:
        """Print everything that is stored about a user, as JSON."""
        try:
            found = person_with_files(operator.ready_database, declarations, user_id)
        except service.UnknownUserError:
            raise click.ClickException(_unknown(user_id)) from None
        if output is None:
            click.echo(json_text(found), nl=False)
        elif output.suffix.casefold() != ".zip":
            output.write_text(json_text(found), encoding="utf-8")
        else:
            _write_archive(operator, found, output)

    @users.command()
    @click.argument("user_id", type=int)
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @as_json
    @pass_operator
    def erase(operator: Operator, user_id: int, yes: bool, in_json: bool) -> None:
        """Erase a user: texts, name, history, drafts, progress. Nothing brings them back.

        The replies of others stay, below a note that a post was deleted.
        """
        database = operator.ready_database
        if not yes:
            click.confirm(f"Erase user {user_id} with all posts?", abort=True, err=in_json)
        try:
            service.erase(database, operator.settings, declarations, user_id, actor="operator")
        except service.UnknownUserError:
            raise click.ClickException(_unknown(user_id)) from None
        file = service.erasure_file(operator.settings)
        if in_json:
            click.echo(json.dumps({"erased": user_id, "file": str(file)}))
            return
        click.echo(f"User {user_id} is erased. Backups made before still have the data:")
        click.echo(f"after restoring one, keep {file} as it is now, and start the tool.")

    @users.command("reapply-erasures")
    @click.option(
        "--file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Another erasures.jsonl, if that of the data folder was restored too.",
    )
    @as_json
    @pass_operator
    def reapply(operator: Operator, file: Path | None, in_json: bool) -> None:
        """Erase the users that a restored backup brought back."""
        number = service.reapply_erasures(
            operator.ready_database, operator.settings, declarations, file
        )
        click.echo(
            json.dumps({"erased": number}) if in_json else f"Users erased once more: {number}."
        )

    return users


def _write_archive(operator: Operator, person: PersonWithFiles, output: Path) -> None:
    try:
        content = person_archive(operator.settings, person, f"{output.stem}.json")
    except (StoreError, NoRoomError) as error:
        raise click.ClickException(f"Nothing is written: {error}.") from None
    with content, output.open("wb") as target:
        shutil.copyfileobj(content, target)


def _unknown(user_id: int) -> str:
    return f"There is no user {user_id}; see 'lti-tool users list'."
