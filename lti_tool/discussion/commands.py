"""``lti-tool discussion``: list activities, mend the stored counts, rebuild the search index."""

import json
from dataclasses import asdict

import click

from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.discussion import recount as counts
from lti_tool.discussion import search_index
from lti_tool.discussion.imports import activities
from lti_tool.discussion.imports.disqus_command import import_disqus


@click.group()
def discussion() -> None:
    """The discussions of the modules."""


@discussion.command("list")
@click.option("--search", default="", help="Text in the names of institution, course or activity.")
@as_json
@pass_operator
def list_(operator: Operator, search: str, in_json: bool) -> None:
    """List at most 200 activities with their numbers, for the commands that import."""
    with operator.ready_database.read_core() as connection:
        found = activities.listed(connection, search)
    if in_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        names = (each.institution, each.course, each.title, each.module_id)
        click.echo(f"{each.id:>8}  " + " · ".join(name or "—" for name in names))
    if not found:
        click.echo("There is no activity with this text.")


@discussion.command()
@pass_operator
def recount(operator: Operator) -> None:
    """Compare the stored counts of posts with the posts, and correct wrong ones.

    The pages stay in use meanwhile. Nobody can post in a discussion while it is counted.
    """
    database = operator.ready_database
    mended = 0
    for discussion_id, wrong in counts.wrong_discussions(database).items():
        with database.write_core() as connection:
            counts.recount(connection, discussion_id)
        click.echo(f"Discussion {discussion_id}: {wrong} counts were wrong and are right now.")
        mended += 1
    if not mended:
        click.echo("All counts are right.")


@discussion.command()
@pass_operator
def reindex(operator: Operator) -> None:
    """Index all posts for the search again.

    The worker indexes new posts and missing ones without this command. The search stays in use
    meanwhile, with the old index of the posts that are not done yet.
    """
    done = 0
    for number in search_index.reindex(operator.ready_database):
        done += number
        if done // 10_000 > (done - number) // 10_000:
            click.echo(f"{done} posts…")
    click.echo(f"Indexed posts: {done}.")


discussion.add_command(import_disqus)
