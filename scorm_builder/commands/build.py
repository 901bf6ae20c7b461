"""``scorm-builder build``: build packages of one or more modules."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scorm_builder.commands.shared import as_json, find_modules, print_json, print_problems
from scorm_builder.formats import registry
from scorm_builder.humanize import format_size, parse_size
from scorm_builder.tool_url import normalised

if TYPE_CHECKING:
    from scorm_builder.batch import BuildResult
    from scorm_builder.build import BuiltPackage

DEFAULT_FORMATS = ("scorm12", "scorm2004-4")

LARGE_BYTES = 20_000_000
"""Above this there is a warning: slow on a poor connection, and refused by many LMSs by default."""


def _listed(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Split values at commas and spaces; keep each value once."""
    return tuple(dict.fromkeys(word for one in value for word in one.replace(",", " ").split()))


def _formats(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    formats = _listed(context, parameter, value)
    for name in formats:
        if name not in registry.names():
            raise click.BadParameter(f"'{name}' is not one of {', '.join(registry.names())}.")
    return formats or DEFAULT_FORMATS


def _size(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
    try:
        return None if value is None else parse_size(value)
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a size such as 20MB or 800kB.") from None


def _tool_url(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    try:
        return None if value is None else normalised(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _alternatives(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def _with_scos() -> list[str]:
    return [one.name for one in registry.buildable_formats() if one.has_scos]


def _as_folder() -> list[str]:
    return [one.name for one in registry.buildable_formats() if one.can_be_folder]


class _FormatOption(click.Option):
    """An option whose help names the formats that are registered when it is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help."""
        if self.help:
            names = {"formats": ", ".join(registry.names()), "scos": _alternatives(_with_scos())}
            self.help = self.help.format(**names)
        return super().get_help_record(ctx)


@click.command()
@click.argument(
    "modules", nargs=-1, required=True, metavar="MODULE…", type=click.Path(path_type=Path)
)
@click.option(
    "--format",
    "formats",
    cls=_FormatOption,
    multiple=True,
    metavar="NAME",
    callback=_formats,
    help="What to build: {formats}. Repeat it or put commas between several. "
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
    "tool_url",
    metavar="URL",
    callback=_tool_url,
    help="The URL of a live tool, https://…, as people open it: the discussion is there.",
)
@click.option(
    "--sco-per-section/--one-sco",
    "per_section",
    cls=_FormatOption,
    default=False,
    help="Make an SCO of each section, which the LMS lists and follows apart; several LMSs show "
    "only the first. For {scos}; other formats are built as ever. One SCO unless "
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
    "max_size",
    metavar="SIZE",
    callback=_size,
    help=f"Fail if a package is larger, 20MB for instance. Above {format_size(LARGE_BYTES)} "
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
    from scorm_builder.batch import BuildRequest, run

    formats = _alternatives(options["formats"])
    if options["per_section"] and not set(options["formats"]) & set(_with_scos()):
        raise click.UsageError(
            f"{formats} cannot have an SCO for each section: "
            f"use --sco-per-section with {_alternatives(_with_scos())}."
        )
    if options["unpacked"] and not set(options["formats"]) & set(_as_folder()):
        raise click.UsageError(
            f"{formats} cannot be a folder: use --unpacked with "
            f"--format {_alternatives(_as_folder())}."
        )
    start = time.perf_counter()
    folders = find_modules(modules)
    with _progress(len(folders), quiet=in_json) as on_done:
        results = run(folders, BuildRequest(**options), on_done)
    if in_json:
        print_json([_facts(result) for result in results])
    else:
        _print_results(results, time.perf_counter() - start)
    sys.exit(0 if all(result.package for result in results) else 1)


def _progress(count: int, *, quiet: bool) -> AbstractContextManager[Callable[[], None]]:
    """Return a progress bar if there are several modules and a terminal, else nothing visible."""
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


def _facts(result: "BuildResult") -> dict[str, Any]:
    facts: dict[str, Any] = {"module": str(result.module), "format": result.format}
    package = result.package
    if package is None:
        return facts | {"built": False, "problems": result.problems}
    return facts | {
        "built": True,
        "unchanged": result.unchanged,
        "package": str(package.path),
        "unpacked": package.path.is_dir(),
        "languages": package.languages,
        "files": package.files,
        "size": package.size,
        "seconds": round(result.seconds, 3),
        "warnings": [*result.warnings, *_too_large(result)],
    }


def _too_large(result: "BuildResult") -> list[str]:
    package = result.package
    if package is None or package.size <= LARGE_BYTES:
        return []
    return [
        f"{package.path}: warning: The package has {format_size(package.size)}, which is slow to "
        "load on a poor connection, and many LMSs refuse it. "
        f"Its largest files: {package.largest}."
    ]


def _print_results(results: Sequence["BuildResult"], seconds: float) -> None:
    lines: dict[str, None] = {}
    for result in results:
        messages = result.warnings if result.package else result.problems
        lines.update(dict.fromkeys((*messages, *_too_large(result))))
    print_problems(lines)
    for module in dict.fromkeys(result.module for result in results if not result.package):
        click.echo(f"{module}: no package was built.", err=True)
    if len(results) == 1:
        for result in results:
            _print_package(result)
    else:
        _print_table(results, seconds)


def _print_package(result: "BuildResult") -> None:
    package = result.package
    if package is not None:
        languages = ", ".join(package.languages)
        about = f"{package.files} files, {format_size(package.size)}, {_time(result)}"
        click.echo(f"{_place(package)}  {result.format}, {languages}; {about}")


def _place(package: "BuiltPackage") -> str:
    return f"{package.path}{os.sep if package.path.is_dir() else ''}"


def _time(result: "BuildResult") -> str:
    return "unchanged" if result.unchanged else f"{result.seconds:.2f} s"


def _print_table(results: Sequence["BuildResult"], seconds: float) -> None:
    rows = [("module", "format", "files", "size", "time", "package")]
    for result in results:
        package = result.package
        facts = (
            (str(package.files), format_size(package.size), _time(result), _place(package))
            if package
            else ("-", "-", "-", "not built")
        )
        rows.append((result.module.name, result.format, *facts))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        left = [row[column].ljust(widths[column]) for column in (0, 1)]
        right = [row[column].rjust(widths[column]) for column in (2, 3, 4)]
        click.echo("  ".join((*left, *right, row[5])))
    good = [result.package for result in results if result.package]
    unchanged = sum(result.unchanged for result in results)
    parts = [
        f"{len(good)} of {len(results)} packages",
        format_size(sum(package.size for package in good)),
    ]
    parts += [f"{unchanged} unchanged"] if unchanged else []
    click.echo(f"{', '.join(parts)}; {seconds:.1f} s")
