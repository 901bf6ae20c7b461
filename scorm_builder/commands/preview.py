"""``scorm-builder preview``: show the page of a module while it is written."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scorm_builder.commands.shared import find_module, print_problems

if TYPE_CHECKING:
    from scorm_builder.preview.server import Preview

DEFAULT_PORT = 8765


@click.command()
@click.argument("module", metavar="MODULE", type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"The port to listen on; {DEFAULT_PORT}, or any that is free, unless given.",
)
@click.option("--open", "in_browser", is_flag=True, help="Open the page in the browser.")
def preview(module: Path, port: int | None, in_browser: bool) -> None:
    """Show the page of MODULE on this computer. It follows every edit, and tells what to mend."""
    folder = find_module(module)
    if not folder.is_dir():
        print_problems([f"{folder}: error: There is no such folder."])
        sys.exit(1)
    try:
        server = _server(folder, port)
    except OSError as error:
        print_problems(
            [f"Port {port} cannot be used: {error.strerror}. Choose another: --port 0 finds one."]
        )
        sys.exit(1)
    click.echo(f"{folder} is shown at {server.url} (Ctrl+C ends it)")
    if in_browser:
        import webbrowser

        webbrowser.open(server.url)
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        click.echo()
    finally:
        server.server_close()


def _server(folder: Path, port: int | None) -> "Preview":
    from scorm_builder.preview.server import Preview

    try:
        return Preview(folder, DEFAULT_PORT if port is None else port)
    except OSError:
        if port is not None:
            raise
        return Preview(folder)
