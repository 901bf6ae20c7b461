"""``scorm-builder build``: packages of one module or of many."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scorm_builder.commands.shared import as_json, modules_meant, print_json, tell
from scorm_builder.names import FORMATS, UNPACKED, WITH_SCOS
from scorm_builder.sizes import in_bytes, in_words
from scorm_builder.tool_address import checked

if TYPE_CHECKING:
    from scorm_builder.cache import Kept
    from scorm_builder.many import Result

DEFAULT_FORMATS = tuple(name for name in ("scorm12", "scorm2004-4") if name in FORMATS)

GOOD_BYTES = 20_000_000
"""What can be asked of a poor connection, and what most LMSs take unconfigured: else a warning."""


def _listed(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Take ``a,b`` for ``a`` and ``b``, each once."""
    return tuple(dict.fromkeys(word for one in value for word in one.replace(",", " ").split()))


def _formats(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    formats = _listed(context, parameter, value)
    for name in formats:
        if name not in FORMATS:
            raise click.BadParameter(f"'{name}' is not one of {', '.join(FORMATS)}.")
    return formats or DEFAULT_FORMATS


def _bytes(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
    try:
        return None if value is None else in_bytes(value)
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a size such as 20MB or 800kB.") from None


def _address(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    try:
        return None if value is None else checked(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _among(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


@click.command()
@click.argument(
    "modules", nargs=-1, required=True, metavar="MODULE…", type=click.Path(path_type=Path)
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME",
    callback=_formats,
    help=f"What to build: {', '.join(FORMATS)}. Repeat it or put commas between several. "
    f"{' and '.join(DEFAULT_FORMATS)} unless given.",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="TAG",
    callback=_listed,
    help="A language to put in, such as es; repeat it for several. All of them unless given.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder to write to; the current one unless given.",
)
@click.option(
    "--schemas",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder of control documents (XSD) to add at the root of the zip.",
)
@click.option(
    "--tool",
    metavar="URL",
    callback=_address,
    help="The address of a live tool, https://… as people reach it: the discussion goes on there.",
)
@click.option(
    "--sco-per-section/--one-sco",
    "per_section",
    default=False,
    help="Make an SCO of each section, which the LMS lists and follows apart; several LMSs show "
    f"only the first. For {_among(WITH_SCOS)}; other formats are built as ever. One SCO unless "
    "given.",
)
@click.option(
    "--unpacked",
    is_flag=True,
    help="Make a website as a folder instead of a zip, ready for its server. A folder that stands "
    "there is replaced if nobody but this program put anything into it.",
)
@click.option(
    "--max-size",
    "most",
    metavar="SIZE",
    callback=_bytes,
    help=f"Fail if a package is larger, 20MB for instance. Above {in_words(GOOD_BYTES)} "
    "there is always a warning.",
)
@click.option("--force", is_flag=True, help="Build also what has not changed since the last time.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many modules to build at once; as many as there are cores unless given.",
)
@as_json
def build(modules: tuple[Path, ...], in_json: bool, **options: Any) -> None:
    """Build packages of each MODULE.

    MODULE is a module's folder, a folder of such folders, or the name of a module that comes with
    this program, such as module-4. What has not changed since it was built is not built again.
    """
    from scorm_builder.many import Order, run

    if options["per_section"] and not set(options["formats"]) & set(WITH_SCOS):
        raise click.UsageError(
            f"{_among(options['formats'])} cannot have an SCO for each section: "
            f"use --sco-per-section with {_among(WITH_SCOS)}."
        )
    if options["unpacked"] and not set(options["formats"]) & set(UNPACKED):
        raise click.UsageError(
            f"{_among(options['formats'])} cannot be a folder: use --unpacked with "
            f"--format {_among(UNPACKED)}."
        )
    start = time.perf_counter()
    folders = modules_meant(modules)
    with _progress(len(folders), quiet=in_json) as done:
        results = run(folders, Order(**options), done)
    if in_json:
        print_json([_facts(result) for result in results])
    else:
        _tell(results, time.perf_counter() - start)
    sys.exit(0 if all(result.made for result in results) else 1)


def _progress(count: int, *, quiet: bool) -> AbstractContextManager[Callable[[], None]]:
    """Return what shows a bar on a terminal, if there is any waiting to be seen."""
    if quiet or count < 2 or not sys.stderr.isatty():
        return nullcontext(lambda: None)
    return _Bar(count)


class _Bar(AbstractContextManager[Callable[[], None]]):
    def __init__(self, count: int) -> None:
        self._bar = click.progressbar(
            length=count, label="Building", show_pos=True, file=sys.stderr
        )

    def __enter__(self) -> Callable[[], None]:
        bar = self._bar.__enter__()
        return lambda: bar.update(1)

    def __exit__(self, *error: Any) -> None:
        self._bar.__exit__(*error)


def _facts(result: "Result") -> dict[str, Any]:
    facts: dict[str, Any] = {"module": str(result.module), "format": result.format}
    made = result.made
    if made is None:
        return facts | {"built": False, "problems": result.problems}
    return facts | {
        "built": True,
        "unchanged": result.unchanged,
        "package": str(made.path),
        "unpacked": made.path.is_dir(),
        "languages": made.languages,
        "files": made.files,
        "size": made.size,
        "seconds": round(result.seconds, 3),
        "warnings": [*made.warnings, *_too_large(result)],
    }


def _too_large(result: "Result") -> list[str]:
    made = result.made
    if made is None or made.size <= GOOD_BYTES:
        return []
    return [
        f"{made.path}: warning: The package has {in_words(made.size)}, which is slow to load on a "
        f"poor connection, and many LMSs refuse it. Its largest files: {made.largest}."
    ]


def _tell(results: Sequence["Result"], seconds: float) -> None:
    told: dict[str, None] = {}
    for result in results:
        lines = result.made.warnings if result.made else result.problems
        told.update(dict.fromkeys((*lines, *_too_large(result))))
    tell(told)
    for module in dict.fromkeys(result.module for result in results if not result.made):
        click.echo(f"{module}: no package was built.", err=True)
    if len(results) == 1:
        for result in results:
            _tell_one(result)
    else:
        _tell_table(results, seconds)


def _tell_one(result: "Result") -> None:
    made = result.made
    if made is not None:
        languages = ", ".join(made.languages)
        about = f"{made.files} files, {in_words(made.size)}, {_time(result)}"
        click.echo(f"{_place(made)}  {result.format}, {languages}; {about}")


def _place(made: "Kept") -> str:
    return f"{made.path}{os.sep if made.path.is_dir() else ''}"


def _time(result: "Result") -> str:
    return "unchanged" if result.unchanged else f"{result.seconds:.2f} s"


def _tell_table(results: Sequence["Result"], seconds: float) -> None:
    rows = [("module", "format", "files", "size", "time", "package")]
    for result in results:
        made = result.made
        facts = (
            (str(made.files), in_words(made.size), _time(result), _place(made))
            if made
            else ("-", "-", "-", "not built")
        )
        rows.append((result.module.name, result.format, *facts))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        left = [row[column].ljust(widths[column]) for column in (0, 1)]
        right = [row[column].rjust(widths[column]) for column in (2, 3, 4)]
        click.echo("  ".join((*left, *right, row[5])))
    good = [result.made for result in results if result.made]
    unchanged = sum(result.unchanged for result in results)
    parts = [f"{len(good)} of {len(results)} packages", in_words(sum(made.size for made in good))]
    parts += [f"{unchanged} unchanged"] if unchanged else []
    click.echo(f"{', '.join(parts)}; {seconds:.1f} s")
