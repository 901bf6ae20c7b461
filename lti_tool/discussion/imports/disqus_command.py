"""``lti-tool discussion import-disqus``: import the posts of a website into a discussion."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.discussion.imports import disqus, disqus_xml
from lti_tool.discussion.imports.activities import find_place
from lti_tool.discussion.imports.disqus_spool import Page, Spool
from lti_tool.discussion.imports.disqus_xml import DisqusError

_PAGES_SHOWN = 30


@click.command("import-disqus")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--activity", type=int, required=True, help="Number from `lti-tool discussion list`.")
@click.option("--module", "module_id", help="A module other than the one the activity shows now.")
@click.option(
    "--thread-url",
    "urls",
    multiple=True,
    metavar="URL",
    help="Only the threads of this page (repeat it for several). http and https, www, a last slash "
    "and, without one here, the query make no difference.",
)
@click.option(
    "--apply", "is_real", is_flag=True, help="Import; without it, only say what would be."
)
@as_json
@pass_operator
def import_disqus(
    operator: Operator,
    file: Path,
    activity: int,
    module_id: str | None,
    urls: tuple[str, ...],
    is_real: bool,
    in_json: bool,
) -> None:
    """Import an XML export of Disqus (as it is, or compressed with gzip) as an archive.

    Deleted posts and spam are left out; what others answered keeps its place. E-mail and IP
    addresses are not stored, and nobody gets a notice. Repeating an import adds nothing twice, and
    one that was interrupted goes on where it ended.
    """
    place = find_place(operator, activity, module_id)
    with (
        tempfile.TemporaryDirectory(prefix="minga-disqus-") as folder,
        Spool(Path(folder)) as spool,
    ):
        try:
            with file.open("rb") as stream:
                disqus_xml.read(stream, spool.add)
        except DisqusError as error:
            raise click.ClickException(str(error)) from None
        pages = spool.pages()
        chosen = _chosen(pages, urls)
        spool.choose(chosen)
        totals = spool.arrange()
        database = operator.ready_database
        known = disqus.count_known(database, place, spool.posts())
        facts = {
            "pages": [asdict(each) for each in pages],
            "chosen": list(chosen),
            "posts": totals.posts,
            "known": known,
            "places_of_removed": totals.places,
            "left_out": totals.removed,
        }
        if not in_json:
            _print(facts)
        if is_real:
            result = disqus.Result()
            secret_key = operator.settings.secret_key
            for result in disqus.import_posts(database, secret_key, place, spool.posts()):
                if not in_json and (result.added + result.known) % 5000 == 0:
                    click.echo(f"{result.added + result.known} posts…")
            facts |= {"added": result.added}
            if not in_json:
                click.echo(f"Imported: {result.added}. Were there already: {result.known}.")
        elif not in_json:
            click.echo(f"{totals.posts - known} posts would be imported. To do it, add: --apply")
        if in_json:
            click.echo(json.dumps(facts, indent=2, ensure_ascii=False))


def _chosen(pages: list[Page], urls: tuple[str, ...]) -> tuple[str, ...]:
    """Return the pages to import: those that were named, or the only one."""
    if not pages:
        raise click.ClickException("There are no posts in the file that could be imported.")
    if urls:
        return urls
    if len(pages) == 1:
        return (pages[0].value,)
    listed = "\n".join(
        f"{each.posts:>8} posts  {each.value}  {each.title}" for each in pages[:_PAGES_SHOWN]
    )
    more = f"\n  and {len(pages) - _PAGES_SHOWN} more" if len(pages) > _PAGES_SHOWN else ""
    raise click.UsageError(
        f"The file has posts of several pages. Choose with --thread-url:\n{listed}{more}"
    )


def _print(facts: dict[str, object]) -> None:
    click.echo(f"Posts: {facts['posts']}; there already: {facts['known']}.")
    click.echo(
        f"Removed posts that others answer, whose places stay: {facts['places_of_removed']}."
    )
    click.echo(f"Removed posts and spam that are left out: {facts['left_out']}.")
