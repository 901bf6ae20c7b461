"""``scorm-builder new``: create a module to start from."""

import sys
from pathlib import Path

import click

from scorm_builder.commands.shared import print_problems


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--title", default="", help="The module's title.")
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="TAG",
    help="The language to write in, such as es; repeat it for the languages to translate to. "
    "en unless given.",
)
@click.option("--author", default="", help="Who writes it.")
def new(folder: Path, title: str, languages: tuple[str, ...], author: str) -> None:
    """Begin a module in the new folder DIR, with small texts that explain themselves."""
    from scorm_builder.starter import LANGUAGES, CannotBeginError, begin

    tags = [tag for one in languages for tag in one.replace(",", " ").split()]
    try:
        begin(folder, title=title, languages=tags, author=author)
    except CannotBeginError as error:
        print_problems([str(error)])
        sys.exit(1)
    except OSError as error:
        print_problems([f"{error.filename or folder}: {error.strerror}"])
        sys.exit(1)
    for tag in tags:
        if tag.partition("-")[0].lower() not in LANGUAGES:
            click.echo(f"The texts to begin with are in English in {tag}/ too: write over them.")
    click.echo(f"{folder}: a module to start from. Now see it while you write:")
    click.echo(f"  scorm-builder preview {folder}")
