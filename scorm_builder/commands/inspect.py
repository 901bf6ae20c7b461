"""``scorm-builder inspect``: show what is in a package."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scorm_builder.commands.shared import as_json, is_unpacked, print_json, print_problems
from scorm_builder.humanize import format_size

if TYPE_CHECKING:
    from scorm_builder.checking.inspect import Inspection


def _no_modules(_: click.Context, __: click.Parameter, value: tuple[Path, ...]) -> tuple[Path, ...]:
    for path in value:
        if path.is_dir() and not is_unpacked(path):
            raise click.BadParameter(f"'{path}' is a folder without an unpacked package.")
    return value


@click.command()
@click.argument(
    "packages",
    nargs=-1,
    required=True,
    metavar="PACKAGE…",
    callback=_no_modules,
    type=click.Path(path_type=Path, exists=True),
)
@as_json
def inspect(packages: tuple[Path, ...], in_json: bool) -> None:
    """Tell what is in each package: title, languages, files, what completes it, what is wrong."""
    from scorm_builder.checking.inspect import inspect as inspect_package

    found = {path: inspect_package(path) for path in packages}
    if in_json:
        print_json([_facts(path, inspection) for path, inspection in found.items()])
    else:
        for path, inspection in found.items():
            _print(path, inspection)
    sys.exit(0 if all(inspection.readable for inspection in found.values()) else 1)


def _facts(path: Path, found: "Inspection") -> dict[str, Any]:
    return {"path": str(path), "size": _size(path), **asdict(found)}


def _size(path: Path) -> int:
    files = (one for one in path.rglob("*") if one.is_file()) if path.is_dir() else (path,)
    return sum(one.stat().st_size for one in files)


def _print(path: Path, found: "Inspection") -> None:
    click.echo(f"{path}  {format_size(_size(path))}")
    if found.readable:
        made_here = f"minga module {found.made_here}" if found.made_here else ""
        facts = {
            "format": found.format,
            "title": found.title,
            "made from": made_here,
            "languages": ", ".join(found.languages),
            "plays": ("\n" + " " * 15).join(f"{sco.title} ({sco.href})" for sco in found.scos),
            "completed by": found.completion,
        }
        for name, words in facts.items():
            if words:
                click.echo(f"  {name:<12} {_plain(words)}")
        files = sum(kind.files for kind in found.kinds)
        whole = sum(kind.size for kind in found.kinds)
        click.echo(f"  {'files':<12} {files}, {format_size(whole)} unpacked")
        for kind in found.kinds:
            click.echo(f"  {'':<12} {kind.files:>5} {format_size(kind.size):>8}  {kind.name}")
    print_problems(f"{path.as_posix()}: {_plain(str(finding))}" for finding in found.findings)


def _plain(text: str) -> str:
    """Return text without control characters, which could move the terminal's cursor."""
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in text)
